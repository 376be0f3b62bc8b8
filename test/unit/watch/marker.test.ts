import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { assetPath } from '../../../infra/local-aws/assets.ts';
import { localstackEnvironment } from '../../../infra/local-aws/environment.ts';
import { instanceFolder } from '../../../infra/local-aws/folders.ts';
import { MARKER } from '../../../scripts/watch/proc.ts';

it('the marker of a run reaches LocalStack', () => {
  const options = { port: 4570, instance: 'sluice-x', folder: instanceFolder('/s'), extra: {} };
  expect(localstackEnvironment({ ...options, caller: { [MARKER]: 'a b' } })).toHaveProperty(MARKER, 'a b');
  expect(localstackEnvironment({ ...options, caller: {} })).not.toHaveProperty(MARKER);
});

it.each(['settings.py', 'processes.py'])('and is handed on by %s', (file) => {
  expect(readFileSync(assetPath(`python/sluice_local_aws/${file}`), 'utf8')).toContain(`"${MARKER}"`);
});
