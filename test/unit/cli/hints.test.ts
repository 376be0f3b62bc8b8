import { expect, it } from 'vitest';
import { asTyped } from '../../../lib/cli/context.ts';

const text = '"sluice resume run-1" goes on; "sluice stop --clear" clears the flag; "sluice deploy JOB.ts" deploys';

it.each([
  [{}, {}, text],
  [
    { npm_lifecycle_event: 'sluice' },
    {},
    '"npm run -s sluice -- resume run-1" goes on; "npm run -s sluice -- stop --clear" clears the flag; "npm run -s sluice -- deploy JOB.ts" deploys',
  ],
  [
    {},
    { pipeline: 'count' },
    '"sluice resume --pipeline count run-1" goes on; "sluice stop --pipeline count --clear" clears the flag; "sluice deploy JOB.ts" deploys',
  ],
])('a hint is what the user has to type: %j %j', (environment, about, expected) => {
  expect(asTyped({ environment, about }, text)).toBe(expected);
});

it('a hint of a live view is one too', () => {
  expect(asTyped({ environment: {}, about: { pipeline: 'count' } }, 'sluice watch run-1')).toBe(
    'sluice watch --pipeline count run-1',
  );
});

it('leaves alone what is a whole command already', () => {
  const line = 'next:  npm run -s sluice -- status';
  expect(asTyped({ environment: { npm_lifecycle_event: 'sluice' }, about: { pipeline: 'a' } }, line)).toBe(line);
});
