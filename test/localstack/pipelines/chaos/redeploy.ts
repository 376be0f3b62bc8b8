import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sluice } from '../sluice.ts';

const SOURCE = new URL('../jobs/redeployed.ts', import.meta.url);

/** A copy of the job `redeployed`, to be deployed as it is and again after a change, as its author would do it. */
export function changingJob() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-redeploy-'));
  const file = join(folder, 'redeployed.ts');
  const deploy = async () => {
    const { code, stderr } = await sluice('deploy', file);
    if (code !== 0) throw new Error(`the deploy failed: ${stderr}`);
  };
  const original = readFileSync(SOURCE, 'utf8');
  return {
    deployFirst: () => {
      writeFileSync(file, original);
      return deploy();
    },
    /** With another handler and another batch size: the run keeps the size, since its settings are pinned. */
    deployChanged: () => {
      const changed = original
        .replace('VERSION: number = 1', 'VERSION: number = 2')
        .replace('batchSize: 5', 'batchSize: 9');
      writeFileSync(file, changed);
      return deploy();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
