import { describe, expect, it } from 'vitest';
import { debuggerClock, hastyClock, mortalClock } from '../../../lib/dev/clock.ts';
import { manualClock } from '../../../lib/ports/memory/clock.ts';

describe('the clock of dev', () => {
  it('stands still while a debugger holds the process', async () => {
    const machine = manualClock(0);
    let debugged = false;
    const clock = debuggerClock(machine, () => debugged);
    await machine.advance(60_000);
    expect(clock.now()).toBe(60_000);
    debugged = true;
    await machine.advance(60_000);
    expect(clock.now()).toBe(60_000);
    await machine.advance(500);
    expect(clock.now()).toBe(60_500);
    clock.stop();
  });

  it('sleeps on when a sleep was over only because the process was held', async () => {
    const machine = manualClock(0);
    const clock = debuggerClock(machine, () => true);
    let awake = false;
    void clock.sleep(2_000).then(() => {
      awake = true;
    });
    await machine.advance(10_000);
    expect(awake).toBe(false);
    for (let step = 0; step < 20; step += 1) {
      await machine.advance(100);
      clock.now();
    }
    expect(awake).toBe(true);
    clock.stop();
  });

  it('never wakes those who must not go on, and wakes those at once who leave things in order', async () => {
    const machine = manualClock(0);
    const over = new AbortController();
    const woken: string[] = [];
    void mortalClock(machine, over.signal)
      .sleep(10)
      .then(() => woken.push('mortal'));
    void hastyClock(machine, over.signal)
      .sleep(10)
      .then(() => woken.push('hasty'));
    over.abort();
    await machine.advance(100);
    expect(woken).toEqual(['hasty']);
  });
});
