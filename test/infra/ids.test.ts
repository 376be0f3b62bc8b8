import * as cxapi from 'aws-cdk-lib/cx-api';
import { expect, it } from 'vitest';
import { synth } from './support.ts';

/** Logical ids and their types. Another id is another resource: what holds data would be lost, so they are a contract. */
const idsOf = ({ template }: Pick<ReturnType<typeof synth>, 'template'>) =>
  Object.entries(template.toJSON().Resources as Record<string, { Type: string }>)
    .map(([id, { Type }]) => `${id} ${Type.replace('AWS::', '')}`)
    .toSorted();

it('construct ids are kept: a new version changes what is deployed, and replaces nothing', () => {
  expect(idsOf(synth())).toMatchInlineSnapshot();
});

it('feature flags of the app, all on or all off, change none of them', () => {
  const flags = Object.entries(cxapi.FLAGS);
  const on = Object.fromEntries(flags.map(([name, { recommendedValue }]) => [name, recommendedValue]));
  // a flag that v2 has settled may not be set at all
  const off = Object.fromEntries(
    flags
      .filter(([name, flag]) => flag.recommendedValue === true && !cxapi.CURRENT_VERSION_EXPIRED_FLAGS.includes(name))
      .map(([name]) => [name, false]),
  );
  for (const name of cxapi.CURRENT_VERSION_EXPIRED_FLAGS) delete on[name];
  expect(Object.keys(on).length).toBeGreaterThan(50);
  const kept = idsOf(synth());
  expect(idsOf(synth({}, on))).toEqual(kept);
  expect(idsOf(synth({}, off))).toEqual(kept);
});
