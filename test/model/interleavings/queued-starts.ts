import { defineJob } from '../../../lib/core/job/job.ts';
import { range } from '../../../lib/core/sources/index.ts';
import type { Ledger } from '../../../lib/ports/ledger.ts';
import { memoryAlarms } from '../../../lib/ports/memory/alarms.ts';
import { memoryExecutions } from '../../../lib/ports/memory/executions.ts';
import { memoryLedger } from '../../../lib/ports/memory/ledger.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import { memoryStopFlag } from '../../../lib/ports/memory/stop-flag.ts';
import { memoryStorage } from '../../../lib/ports/memory/storage.ts';
import { memoryWorkQueue } from '../../../lib/ports/memory/work-queue.ts';
import { memoryWorkers } from '../../../lib/ports/memory/workers.ts';
import type { OpenDependencies } from '../../../lib/steps/dependencies.ts';
import { type OpenOutput, open } from '../../../lib/steps/open.ts';
import type { World } from './explore.ts';
import { ownClock, Process, quiet } from './process.ts';

const START = Date.UTC(2026, 0, 1);
const FIRST = 'first';
const CALLS = ['get', 'openRunId', 'queued', 'enqueue', 'dequeue', 'open', 'answer'] as const;
const CLOSING = { state: 'succeeded', why: null, detail: null, endedAt: START } as const;
/** Looks of a start within what is explored; what is left to do is then done in order. */
const LOOKS_MAX = 2;

/** A start, and what it was last told. */
interface Starter {
  readonly runId: string;
  process: Process;
  looks: number;
  told: OpenOutput | null;
}

export interface Shape {
  /** Whether a run is open when they come; it closes at any time. */
  readonly isBusy: boolean;
  /** How many calls may kill their process after they took effect: the step is then tried again. */
  readonly deaths: number;
}

/** Two starts at once that wait for their turn: the real Open over the memory twin. Every call of the ledger is a step. */
export class QueuedStarts implements World {
  readonly #ledger = memoryLedger();
  readonly #starters: readonly Starter[];
  readonly #executions = memoryExecutions();
  readonly #flags = { busy: false };
  /** The runs in the order in which they came to wait, and in which they opened. */
  readonly #came: string[] = [];
  readonly #opened: string[] = [];
  #deathsLeft: number;
  #violation: string | null = null;

  static async make(shape: Shape): Promise<QueuedStarts> {
    const world = new QueuedStarts(shape);
    await world.#begin(shape);
    return world;
  }

  private constructor(shape: Shape) {
    this.#deathsLeft = shape.deaths;
    this.#starters = ['a', 'b'].map((runId) => ({ runId, process: new Process(runId), looks: 0, told: null }));
  }

  async #begin({ isBusy }: Shape): Promise<void> {
    for (const runId of [FIRST, 'a', 'b']) await this.#executions.start(runId, {});
    if (isBusy) await open({ input: {}, execution: FIRST }, this.#depsOf(this.#ledger));
    this.#flags.busy = isBusy;
    for (const starter of this.#starters) this.#look(starter);
    await quiet();
  }

  choices(): readonly string[] {
    const choices: string[] = [];
    for (const { runId, process, looks, told } of this.#starters) {
      if (process.calls.length > 0) choices.push(runId, ...(this.#deathsLeft > 0 ? [`${runId}/die`] : []));
      if (process.result !== null && told?.next !== 'produce' && looks < LOOKS_MAX) choices.push(`${runId}/again`);
    }
    return [...choices, ...(this.#flags.busy ? ['close'] : [])];
  }

  async step(choice: string): Promise<void> {
    const [runId, how] = choice.split('/');
    const starter = this.#starters.find((one) => one.runId === runId);
    if (starter === undefined) {
      this.#flags.busy = false;
      await this.#ledger.close(FIRST, CLOSING);
    } else if (how === 'again') this.#look(starter);
    else if (how === 'die') {
      this.#deathsLeft -= 1;
      const dying = starter.process;
      // Its call takes effect and never comes back.
      void dying.goOn(0, 'die');
      await quiet();
      starter.process = new Process(starter.runId);
      starter.process.end('dead');
      starter.looks -= 1;
    } else await starter.process.goOn(0, null);
    await quiet();
    if (this.#violation !== null) throw new Error(this.#violation);
  }

  async key(): Promise<string> {
    const starters = this.#starters.map(({ process, looks, told }) => [process.memory, process.result, looks, told]);
    const runs = await Promise.all([FIRST, 'a', 'b'].map((runId) => this.#ledger.get(runId)));
    const state = [await this.#ledger.queued(), await this.#ledger.openRunId(), runs, this.#came, this.#opened];
    return JSON.stringify([starters, state, this.#deathsLeft, this.#flags]);
  }

  /** Whatever came before, all is done once everyone looks again in turn: nobody is lost, and nobody waits any more. */
  async atEnd(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      for (const starter of this.#starters) {
        if (starter.told?.next !== 'produce')
          starter.told = await this.#ask(starter, this.#watched(this.#ledger, null));
      }
      const openRunId = await this.#ledger.openRunId();
      if (openRunId !== null) await this.#ledger.close(openRunId, CLOSING);
    }
    if (this.#violation !== null) throw new Error(this.#violation);
    if (this.#opened.toSorted().join() !== 'a,b') throw new Error(`opened: ${this.#opened}`);
    if ((await this.#ledger.queued()).length > 0) throw new Error('a start still waits');
  }

  #look(starter: Starter): void {
    const process = new Process(starter.runId);
    starter.process = process;
    starter.looks += 1;
    void this.#ask(starter, this.#watched(this.#ledger, process)).then(
      (told) => {
        if (starter.process !== process) return;
        starter.told = told;
        process.end(told.next);
      },
      (error: unknown) => process.end(String(error)),
    );
  }

  #ask({ runId, told }: Starter, ledger: Ledger): Promise<OpenOutput> {
    const again = told === null ? {} : { loops: told.loops };
    return open({ input: told?.input ?? {}, execution: runId, ...again }, this.#depsOf(ledger));
  }

  /** The ledger for one process: each call waits for its turn, and what takes effect is noted. */
  #watched(ledger: Ledger, process: Process | null): Ledger {
    const effects: Ledger = {
      ...ledger,
      enqueue: async (start) => {
        const queued = await ledger.enqueue(start);
        if (!this.#came.includes(start.runId)) this.#came.push(start.runId);
        return queued;
      },
      open: async (run) => {
        const opened = await ledger.open(run);
        if (opened.kind !== 'opened') return opened;
        const place = this.#came.indexOf(run.runId);
        const passed = this.#came.slice(0, Math.max(0, place)).filter((runId) => !this.#opened.includes(runId));
        if (passed.length > 0) this.#violation ??= `${run.runId} opened before ${passed}`;
        if (this.#opened.includes(run.runId)) this.#violation ??= `${run.runId} opened twice`;
        this.#opened.push(run.runId);
        return opened;
      },
    };
    if (process === null) return effects;
    const calls = CALLS.map((name) => [
      name,
      (...args: unknown[]) =>
        process.call(name, args, async (_name, given, fault) => {
          const answer = await (effects[name] as (...args: unknown[]) => Promise<unknown>)(...given);
          return fault === 'die' ? new Promise(() => {}) : answer;
        }),
    ]);
    return { ...effects, ...Object.fromEntries(calls) };
  }

  #depsOf(ledger: Ledger): OpenDependencies {
    const clock = ownClock(START);
    const job = defineJob({ name: 'job', source: range(1), overlap: 'queue', handler: (n: number) => n });
    return {
      ...{ job, ledger, clock, options: job.options, inputs: {}, executions: this.#executions, events: null },
      ...{ flag: memoryStopFlag(), storage: memoryStorage(), workers: memoryWorkers(), alarms: memoryAlarms() },
      ...{ queue: memoryWorkQueue({ clock }), log: memoryLog() },
    };
  }
}
