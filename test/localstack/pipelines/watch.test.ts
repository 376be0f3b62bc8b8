import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectTerminalLeftAsItWas, framesOf, playOnTerminal } from '../../support/on-terminal.ts';
import { leftovers } from './observer.ts';
import { sluice, sluiceJson, uniqueIds } from './sluice.ts';

const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const bin = fileURLToPath(new URL('../../../bin/sluice.ts', import.meta.url));
const id = uniqueIds();

describe('watch on a real terminal, over a run on the local AWS', () => {
  // An instance that is kept between rounds of tests remembers a stop.
  beforeAll(() => sluice('stop', '--pipeline', 'slow', '--clear'));

  it('shows a run from its beginning to its end, and exits as the run did', async () => {
    const runId = id('watched');
    const params = JSON.stringify({ count: 400, milliseconds: 50 });
    await sluiceJson('run', '--pipeline', 'slow', '--run-id', runId, '--params', params);
    const played = await playOnTerminal(
      [bin, 'watch', runId, '--pipeline', 'slow'],
      [
        ['see', 'state    producing'],
        ['see', 'state    draining'],
        ['see', `run ${runId} succeeded`],
      ],
    );
    expectTerminalLeftAsItWas(played);
    expect(played.exit).toBe(0);
    const items = framesOf(played).map((lines) => Number(/ (\d+)\/400$/m.exec(lines.join('\n'))?.[1]));
    expect(items.length).toBeGreaterThan(3);
    expect(items).toEqual(items.toSorted((a, b) => a - b));
    expect(items.at(-1)).toBe(400);
    expect(await leftovers('slow')).toEqual(NOTHING);
  });
});
