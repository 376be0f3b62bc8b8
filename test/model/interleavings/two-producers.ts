import { ZERO_COUNTS } from '../../../lib/core/counts.ts';
import { defineJob, type Job } from '../../../lib/core/job/job.ts';
import { newRun } from '../../../lib/core/new-run.ts';
import type { Run } from '../../../lib/core/run.ts';
import { range } from '../../../lib/core/sources/index.ts';
import type { Ledger, Reserve } from '../../../lib/ports/ledger.ts';
import { memoryLedger } from '../../../lib/ports/memory/ledger.ts';
import { memoryBatches } from '../../../lib/ports/memory/ledger-batches.ts';
import { memoryRuns } from '../../../lib/ports/memory/ledger-run.ts';
import { emptyLedger } from '../../../lib/ports/memory/ledger-state.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import { memoryMetrics } from '../../../lib/ports/memory/metrics.ts';
import { memoryStopFlag } from '../../../lib/ports/memory/stop-flag.ts';
import { memoryStorage } from '../../../lib/ports/memory/storage.ts';
import { memoryWorkQueue } from '../../../lib/ports/memory/work-queue.ts';
import type { SliceDependencies } from '../../../lib/steps/dependencies.ts';
import { produce } from '../../../lib/steps/produce.ts';
import { settle } from '../../../lib/steps/settle.ts';
import { Books } from './books.ts';
import type { World } from './explore.ts';
import { type Act, ownClock, Process, plainSets, quiet } from './process.ts';

const RUN = 'run-1';
const START = Date.UTC(2026, 0, 1);
/** How far the second producer's clock runs ahead: it takes the lease from the first whenever it comes. */
const AHEAD_MS = 300_000;
/** Time of an invocation: what it keeps for its end, and a second or two. */
const SLICE_MS = 12_000;

const LEDGER_CALLS = ['get', 'acquireLease', 'windows', 'reserve', 'update', 'markStop'] as const;

export interface Shape {
  readonly cap: number;
  readonly batches: number;
  /** What the queue's depth says: the truth, or always 0. */
  readonly depth: 'exact' | 'zero';
  /** How many calls may go wrong: a reserve or a send of unknown outcome. */
  readonly faults: number;
  /** What may happen once, at any time. */
  readonly deeds: readonly ('stop' | 'lowerCap')[];
}

/** How a call can go wrong, beside going well. */
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  // Never applied; applied, but the answer is lost; applied some time later.
  reserve: ['lost', 'unanswered', 'late'],
  // All of it went out, or none of it; nobody knows.
  send: ['sentUnknown', 'unsentUnknown'],
};

/**
 * One run, two producers whose slices begin at the same time, and a worker: the real steps over the memory twins. Every call of
 * a port that others can notice is a step; the second producer's clock is ahead, so it may take over between any two calls of
 * the first.
 */
export class TwoProducers implements World {
  readonly #shape: Shape;
  readonly #job: Job;
  readonly #state = emptyLedger();
  readonly #ledger: Ledger;
  readonly #queue = memoryWorkQueue({ clock: ownClock(START) });
  readonly #books: Books;
  readonly #producers = [new Process('a'), new Process('b')];
  /** Reserves that were given up for lost and are still under way. */
  readonly #late: Reserve[] = [];
  #faultsLeft: number;
  #deedsLeft: readonly string[];
  /** The batch that the worker has done and deleted, and not yet counted. */
  #inWork: { readonly window: number; readonly batch: number } | null = null;

  static async make(shape: Shape): Promise<TwoProducers> {
    const world = new TwoProducers(shape);
    await world.#begin();
    return world;
  }

  private constructor(shape: Shape) {
    this.#shape = shape;
    this.#faultsLeft = shape.faults;
    this.#deedsLeft = shape.deeds;
    this.#books = new Books(shape.cap);
    this.#ledger = { ...memoryLedger(), ...memoryRuns(this.#state), ...memoryBatches(this.#state) };
    this.#job = defineJob({
      ...{ name: 'job', source: range(shape.batches), batchSize: 1, handler: (n: number) => n },
      ...{ workers: 1, maxBatchesPerWorker: shape.cap, blockTimeoutSeconds: 0 },
    });
  }

  async #begin(): Promise<void> {
    const { batches } = this.#shape;
    const source = { kind: 'range', count: batches } as const;
    const plan = { runId: RUN, job: 'job', options: this.#job.options, source, params: {}, total: batches };
    await this.#ledger.open(newRun({ ...plan, startedAt: START }, RUN));
    for (const [index, process] of this.#producers.entries()) {
      const deps = this.#depsOf(process, START + index * AHEAD_MS);
      void produce({ runId: RUN, loops: 0 }, deps, invocationOf(process.name, deps)).then(
        (output) => process.end(output.next),
        (error: unknown) => process.end((error as { code?: string }).code ?? String(error)),
      );
    }
    await quiet();
  }

  choices(): readonly string[] {
    const calls = this.#producers.flatMap(({ name, calls }) =>
      calls.flatMap((call, place) => {
        const faults = this.#faultsLeft > 0 ? (FAULTS[call.name] ?? []) : [];
        return [`${name}${place}`, ...faults.map((fault) => `${name}${place}/${fault}`)];
      }),
    );
    if (this.#inWork !== null || this.#queue.bodies().length > 0) calls.push('work');
    if (this.#late.length > 0) calls.push('late');
    return [...calls, ...this.#deedsLeft];
  }

  async step(choice: string): Promise<void> {
    const [, name, place, fault = null] = /^([ab])(\d+)(?:\/(\w+))?$/.exec(choice) ?? [];
    const process = this.#producers.find((producer) => producer.name === name);
    if (fault !== null) this.#faultsLeft -= 1;
    if (process !== undefined) await process.goOn(Number(place), fault);
    else if (choice === 'work') await this.#work();
    else if (choice === 'late') await this.#reserve(this.#late.shift() as Reserve);
    else await this.#do(choice);
    this.#books.check(this.#queue.bodies().length);
  }

  async key(): Promise<string> {
    const { options: _options, source: _source, ...run } = this.#state.runs.get(RUN) as Run;
    const batches = this.#queue.bodies().map((body) => JSON.parse(body).batch);
    const processes = this.#producers.map(({ memory, result, calls }) => [memory, result, calls.map((c) => c.name)]);
    const windows = [...this.#state.windows.values()].map(({ number, done }) => [number, done]);
    const left = [this.#late, this.#faultsLeft, this.#deedsLeft];
    return JSON.stringify([run, windows, batches, this.#inWork, processes, left], plainSets);
  }

  /** Whatever the two left behind, those who come later bring the run to its end. */
  async atEnd(): Promise<void> {
    for (const { name, result } of this.#producers) {
      if (!['more', 'blocked', 'settle', 'leaseLost'].includes(String(result))) throw new Error(`${name}: ${result}`);
    }
    const deps = this.#depsOf(null, START + 2 * AHEAD_MS);
    let next = 'produce';
    for (let slices = 0; next !== 'close'; slices += 1) {
      if (slices > 50) throw new Error('the run does not come to its end');
      const slice = next === 'settle' ? settle : produce;
      const output = await slice({ runId: RUN, loops: 0 }, deps, invocationOf(`later-${slices}`, deps));
      if (output.next === 'settle' || output.next === 'close') next = output.next;
      while (this.#queue.bodies().length > 0 || this.#inWork !== null) await this.#work();
      this.#books.check(0);
    }
    const { reserved, counted, isStopped } = this.#books;
    const run = await this.#ledger.get(RUN);
    if (counted.size !== reserved.size) throw new Error('something is still outstanding');
    if (run?.reserved !== reserved.size) throw new Error(`the ledger says ${run?.reserved} are reserved`);
    if (!isStopped && counted.size !== this.#shape.batches) throw new Error('not everything was sent');
  }

  /** The ports as a producer sees them; without a process every call is made at once. */
  #depsOf(process: Process | null, startAt: number): SliceDependencies {
    const act: Act = (name, args, fault) => this.#act(name, args, fault);
    const call =
      (name: string) =>
      (...args: unknown[]) =>
        process === null ? act(name, args, null) : process.call(name, args, act);
    const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, call(name)]));
    // A depth that always says the same is nothing that others can change.
    const depths = this.#shape.depth === 'exact' ? call('depths') : () => act('depths', [], null);
    return {
      ...{ flag: memoryStopFlag(), storage: memoryStorage(), metrics: memoryMetrics(), log: memoryLog() },
      ...{ job: this.#job, clock: ownClock(startAt), requests: () => 0, newId: () => 'id' },
      ledger: { ...this.#ledger, ...named(LEDGER_CALLS) },
      queue: { ...this.#queue, send: call('send'), depths } as SliceDependencies['queue'],
    };
  }

  async #act(name: string, args: readonly unknown[], fault: string | null): Promise<unknown> {
    switch (name) {
      case 'reserve':
        return this.#tryReserve(args[1] as Reserve, fault);
      case 'send':
        return this.#send(args[0] as readonly string[], fault);
      case 'depths':
        return this.#shape.depth === 'exact'
          ? this.#queue.depths()
          : { visible: 0, notVisible: 0, delayed: 0, dead: 0 };
      case 'acquireLease': {
        const run = await this.#ledger.acquireLease(...(args as Parameters<Ledger['acquireLease']>));
        if (run !== null) this.#books.onLeased(run.lease.token);
        return run;
      }
      default: {
        const method = this.#ledger[name as (typeof LEDGER_CALLS)[number]];
        return (method as (...all: readonly unknown[]) => Promise<unknown>)(...args);
      }
    }
  }

  async #tryReserve(wanted: Reserve, fault: string | null): Promise<'reserved' | 'refused'> {
    if (fault === null) return this.#reserve(wanted);
    if (fault === 'late') this.#late.push(wanted);
    if (fault === 'unanswered') await this.#reserve(wanted);
    throw new Error('connection reset');
  }

  async #reserve(wanted: Reserve): Promise<'reserved' | 'refused'> {
    const outcome = await this.#ledger.reserve(RUN, wanted);
    if (outcome === 'reserved') this.#books.onReserved(wanted);
    return outcome;
  }

  async #send(bodies: readonly string[], fault: string | null): Promise<readonly number[]> {
    if (fault !== 'unsentUnknown') {
      for (const body of bodies) this.#books.onSent(body);
      await this.#queue.send(bodies);
    }
    return fault === null ? [] : bodies.map((_, position) => position);
  }

  /** Takes and deletes a message, or counts the batch whose message is deleted. */
  async #work(): Promise<void> {
    if (this.#inWork !== null) {
      const { window, batch } = this.#inWork;
      const counts = { ...ZERO_COUNTS, batches: 1, succeeded: 1 };
      if ((await this.#ledger.finish(RUN, window, batch, counts)) === 'counted') this.#books.onCounted(batch);
      this.#inWork = null;
      return;
    }
    const [delivery] = this.#queue.receive();
    if (delivery === undefined) return;
    await this.#queue.delete(delivery.receiptHandle);
    this.#inWork = JSON.parse(delivery.body);
    // Without a depth to read nobody can tell that a message is gone.
    if (this.#shape.depth === 'zero') await this.#work();
  }

  async #do(deed: string): Promise<void> {
    this.#deedsLeft = this.#deedsLeft.filter((other) => other !== deed);
    if (deed === 'stop') {
      await this.#ledger.markStop(RUN, { why: 'stopped', reason: '', by: 'operator', at: START, haltedAt: null });
      this.#books.isStopped = true;
    } else {
      await this.#ledger.setLimits(RUN, { cap: this.#shape.cap - 1 }, { by: 'operator', at: START });
      this.#books.cap = this.#shape.cap - 1;
    }
  }
}

function invocationOf(id: string, { clock }: SliceDependencies) {
  const endsAt = clock.now() + SLICE_MS;
  return { id, remainingMs: () => endsAt - clock.now() };
}
