import { describe, expect, test } from 'vitest';
import { runCli } from '../../../lib/cli/main.ts';
import type { Closing } from '../../../lib/ports/ledger.ts';
import { bad, fakeContext, ok, openRun, passTime, START, typed } from './fake-context.ts';
import { answering, OPENED } from './fake-door.ts';
import { type OnTerminal, onTerminal } from './fake-terminal.ts';

const WINDOWS = [[[ok(0), bad(1)], null]];
const NO_COLOUR = { environment: { NO_COLOR: '1' } };

/** A watch that goes on in the background, and ways to wait for what it does. */
function watching({ fake }: OnTerminal, ...argv: string[]) {
  let exit: number | null = null;
  void runCli(['watch', ...argv], fake.context).then((code) => {
    exit = code;
  });
  const until = async (isSo: () => boolean, what: string) => {
    await passTime(fake.clock, isSo);
    expect(isSo(), what).toBe(true);
  };
  return {
    exit: () => exit,
    shown: (at: OnTerminal, text: string) =>
      until(() => at.screen().some((line) => line.includes(text)), `${text} in ${at.screen().join('\n')}`),
    ended: async () => {
      await until(() => exit !== null, 'ended');
      return exit;
    },
  };
}

/** A watch of a run that is open, on a terminal without colours. */
async function watchingOpenRun() {
  const at = onTerminal(NO_COLOUR);
  await openRun(at.fake, WINDOWS);
  return { at, watch: watching(at) };
}

function close({ fake }: OnTerminal, closing: Pick<Closing, 'state' | 'why'>) {
  return fake.ports.ledger.close('one', { ...closing, detail: null, endedAt: fake.clock.now() });
}

describe('watch on a terminal', () => {
  test.each([
    ['succeeded', null, 0],
    ['partial', 'failures', 2],
  ] as const)('follows the open run to its end: %s', async (state, why, exit) => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 's stop · q quit');
    expect(at.screen()).toEqual(expect.arrayContaining(['run      one (job count)', 'state    producing (cap)']));
    await close(at, { state, why });
    expect(await watch.ended()).toBe(exit);
    expect(at.screen()).toContain(`state    ${state}${why === null ? '' : ` (${why})`}`);
    expect(at.screen().join()).not.toContain('q quit');
    expect(at.written()).toContain(`run one ${state}`);
    expect(at.isOpen()).toBe(false);
  });

  test('groups failures by error, and says what the run has cost', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, '1 × attemptsExhausted (Error): no');
    await watch.shown(at, 'cost     about $');
    at.press('q');
    await watch.ended();
  });

  test('takes the newest run where none is open', async () => {
    const at = onTerminal(NO_COLOUR);
    await openRun(at.fake, WINDOWS);
    await close(at, { state: 'succeeded', why: null });
    expect(await watching(at).ended()).toBe(0);
  });

  test('q leaves the run alone, and says how to stop it', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.press('q');
    expect(await watch.ended()).toBe(130);
    expect(at.written()).toContain('the run goes on: "sluice status one" shows it, "sluice stop" stops it');
    expect((await at.fake.ports.flag.read()).kind).toBe('clear');
    expect(at.isOpen()).toBe(false);
  });

  test('Ctrl-C does the same', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.fake.interrupt();
    expect(await watch.ended()).toBe(130);
    expect(at.written()).toContain('the run goes on');
    expect(at.isOpen()).toBe(false);
  });

  test('s asks, and y stops the run', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.press('s');
    await watch.shown(at, 'y stops it');
    expect((await at.fake.ports.flag.read()).kind).toBe('clear');
    at.press('y');
    await watch.shown(at, 'stop     stopped by hand (by tester@host)');
    await watch.shown(at, 'stopping: nothing more is sent');
    expect((await at.fake.ports.ledger.get('one'))?.stop).toMatchObject({ why: 'stopped', haltedAt: null });
    at.press('q');
    await watch.ended();
  });

  test.each(['n', 's', 'q', '\u001b[A'])('any other key after s does not: %j', async (key) => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.press('s');
    at.press(key);
    at.press('y');
    await passTime(at.fake.clock, () => at.frames() > 20);
    expect((await at.fake.ports.flag.read()).kind).toBe('clear');
    at.press('q');
    expect(await watch.ended()).toBe(130);
  });

  test('never stops another run than the one that is shown', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.fake.ports.ledger.openRunId = async () => 'two';
    at.press('s');
    at.press('y');
    await watch.shown(at, 'the run is not open any more');
    expect((await at.fake.ports.flag.read()).kind).toBe('clear');
    at.press('q');
    await watch.ended();
  });

  test('says why a stop did not go through', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.fake.ports.flag.latch = async () => {
      throw new Error('no access');
    };
    at.press('s');
    at.press('y');
    await watch.shown(at, 'not stopped: no access');
    at.press('q');
    await watch.ended();
  });

  test('r resumes a run that stands still, and the watch goes on', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.press('r');
    await watch.shown(at, 'the run is under way');
    await close(at, { state: 'stopped', why: 'stopped' });
    await watch.shown(at, 'r resume · q quit');
    answering(at.fake, OPENED, async () => {
      const order = { execution: 'again', at: START, thresholdsFrom: { bad: 0, ended: 0 }, interruptions: [] };
      await at.fake.ports.executions.start('again', {});
      await at.fake.ports.ledger.reopen('one', order);
    });
    at.press('r');
    await watch.shown(at, 'state    producing');
    await close(at, { state: 'succeeded', why: null });
    expect(await watch.ended()).toBe(0);
    expect(at.fake.ports.executions.started[1]).toMatchObject({ input: { action: 'resume', runId: 'one' } });
  });

  test.each(['q', null])('else it ends as stopped: %j', async (key) => {
    const at = onTerminal(NO_COLOUR);
    await openRun(at.fake, WINDOWS);
    await close(at, { state: 'stopped', why: 'stopped' });
    const watch = watching(at);
    await watch.shown(at, 'r resume · q quit');
    if (key !== null) at.press(key);
    expect(await watch.ended()).toBe(3);
    expect(at.written()).toContain('to go on: sluice resume one');
  });

  test('without keys nothing is offered', async () => {
    const at = onTerminal(NO_COLOUR, { hasKeys: false });
    await openRun(at.fake, WINDOWS);
    const watch = watching(at);
    await watch.shown(at, 'Ctrl-C leaves');
    await close(at, { state: 'failed', why: 'sourceChanged' });
    expect(await watch.ended()).toBe(1);
    expect(at.written()).not.toContain('r resume');
  });

  test('draws anew, and narrower, when the terminal changes', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    const before = at.frames();
    at.resize(40);
    expect(at.frames()).toBe(before + 1);
    for (const line of at.screen()) expect(line.length).toBeLessThan(40);
    at.press('q');
    await watch.ended();
  });

  test('stays within a low terminal, with its last line', async () => {
    const at = onTerminal(NO_COLOUR, { rows: 6 });
    await openRun(at.fake, WINDOWS);
    const watch = watching(at);
    await watch.shown(at, 'q quit');
    // the last of them is where the cursor stands
    expect(at.screen()).toHaveLength(6);
    at.press('q');
    await watch.ended();
  });

  test('has colours, but not with NO_COLOR', async () => {
    for (const [environment, hasColour] of [
      [{}, true],
      [{ NO_COLOR: '' }, true],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      const at = onTerminal({ environment });
      await openRun(at.fake, WINDOWS);
      await close(at, { state: 'succeeded', why: null });
      await watching(at).ended();
      expect(at.written().includes('\u001b[36m') || at.written().includes('\u001b[32m')).toBe(hasColour);
    }
  });

  test('lets the terminal go when the ledger cannot be read', async () => {
    const { at, watch } = await watchingOpenRun();
    await watch.shown(at, 'q quit');
    at.fake.ports.ledger.get = async () => {
      throw new Error('gone');
    };
    expect(await watch.ended()).toBe(1);
    expect(at.written()).toContain('gone');
    expect(at.isOpen()).toBe(false);
  });
});

describe('watch without a terminal', () => {
  test('writes lines, and ends as the run does', async () => {
    const fake = fakeContext();
    await openRun(fake, WINDOWS);
    await fake.ports.ledger.close('one', { state: 'stopped', why: 'stopped', detail: null, endedAt: START });
    expect(await typed(fake, 'watch')).toBe(3);
    expect(fake.stderr()).toContain('2/100 items');
    expect(fake.stderr()).not.toContain('\u001b[');
    expect(fake.stdout()).toBe('');
  });

  test('--json prints the last status, also on a terminal', async () => {
    const at = onTerminal();
    const fake = fakeContext({ ports: async () => at.fake.ports }, { terminal: at.fake.context.terminal });
    await openRun(at.fake, WINDOWS);
    await close(at, { state: 'partial', why: 'failures' });
    expect(await typed(fake, 'watch', 'one', '--json')).toBe(2);
    expect(fake.json()).toMatchObject({ runId: 'one', state: 'partial' });
    expect(at.frames()).toBe(0);
  });

  test('of a run that does not exist says so at once', async () => {
    const fake = fakeContext();
    await openRun(fake, WINDOWS);
    expect(await typed(fake, 'watch', 'won')).toBe(1);
    expect(fake.stderr()).toContain('error[runUnknown]: no run "won"');
    expect(fake.clock.now()).toBe(START);
  });

  test('bears with a ledger that cannot be read for a few looks', async () => {
    const fake = fakeContext();
    await openRun(fake, WINDOWS);
    await fake.ports.ledger.close('one', { state: 'succeeded', why: null, detail: null, endedAt: START });
    const { get } = fake.ports.ledger;
    let failures = 9;
    fake.ports.ledger.get = async (runId) => {
      failures -= 1;
      if (failures >= 0) throw new Error('throttled');
      return get(runId);
    };
    expect(await typed(fake, 'watch', 'one')).toBe(0);
  });

  test('there is no run yet', async () => {
    const fake = fakeContext();
    expect(await typed(fake, 'watch')).toBe(1);
    expect(fake.stderr()).toContain('error[runUnknown]');
  });
});
