import { expect } from 'vitest';
import type { Run } from '../../../lib/core/run.ts';
import type { Ledger, Reserve } from '../../../lib/ports/ledger.ts';
import { EXPIRES, newCounts, newReserve, newRun, newStop, newWindow, START } from '../../contract/support/runs.ts';
import type { Command } from './commands.ts';
import { countedOf, LedgerModel, type RecordModel, type RunModel } from './model.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** A ledger and its model, told the same and held against each other after each command. */
export class LedgerPair {
  readonly #ledger: Ledger;
  readonly #model = new LedgerModel();
  /** The runs as they would open; their ids are those of no other test. */
  readonly #plans: readonly Run[] = [newRun({ cap: 5, capMax: 5 }), newRun({ cap: 5, capMax: 5 })];
  #now = START;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async execute(command: Command): Promise<void> {
    switch (command.kind) {
      case 'pass':
        this.#now += command.milliseconds;
        return;
      case 'open':
        await this.#open(command);
        break;
      case 'acquireLease':
        await this.#acquireLease(command);
        break;
      case 'releaseLease':
        await this.#releaseLease(command);
        break;
      case 'reserve':
        await this.#reserve(command);
        break;
      case 'update':
        await this.#update(command);
        break;
      case 'finish':
        await this.#finish(command);
        break;
      case 'finishElsewhere':
        await this.#finishElsewhere(command);
        break;
      case 'countStart':
      case 'savePart':
      case 'putOutcome':
        await this.#record(command);
        break;
      case 'markStop':
        await this.#markStop(command);
        break;
      case 'setLimits':
        await this.#setLimits(command);
        break;
      case 'close':
        await this.#close(command);
        break;
      case 'reopen':
        await this.#reopen(command);
        break;
      case 'setExecution':
        await this.#setExecution(command);
        break;
    }
    await this.#compare(command.run);
  }

  #id(run: number): string {
    return (this.#plans[run] as Run).runId;
  }

  async #open({ run }: Of<'open'>): Promise<void> {
    const { open, runs } = this.#model;
    const answer = await this.#ledger.open(this.#plans[run] as Run);
    if (open !== null) expect(answer).toEqual({ kind: 'refused', openRunId: this.#id(open) });
    else if (runs.has(run)) expect(answer).toEqual({ kind: 'used' });
    else {
      expect(answer).toEqual({ kind: 'opened' });
      this.#model.addRun(run, 5);
    }
  }

  async #acquireLease({ run, lasts }: Of<'acquireLease'>): Promise<void> {
    const model = this.#model.runs.get(run);
    const ends = this.#now + lasts;
    const answer = await this.#ledger.acquireLease(this.#id(run), 'holder', this.#now, ends);
    const isFree = model !== undefined && model.leaseEnds <= this.#now;
    // All leases here are one holder's: the same end is the same call once more.
    const isRepeat = model !== undefined && !isFree && model.leaseEnds === ends;
    expect(answer !== null).toBe(isFree || isRepeat);
    if (isFree) Object.assign(model, { token: model.token + 1, leaseEnds: ends, slicesBegun: model.slicesBegun + 1 });
  }

  async #releaseLease({ run, tokenBehind }: Of<'releaseLease'>): Promise<void> {
    const model = this.#model.runs.get(run);
    const token = (model?.token ?? 0) - tokenBehind;
    await this.#ledger.releaseLease(this.#id(run), token, this.#now);
    if (model !== undefined && tokenBehind === 0) model.leaseEnds = this.#now;
  }

  async #reserve({ run, ...command }: Of<'reserve'>): Promise<void> {
    const model = this.#model.runs.get(run);
    const reserve = reserveOf(this.#plans[run] as Run, model, command);
    const isAdmitted =
      this.#model.openRun(run) !== null &&
      model !== undefined &&
      (model.state === 'producing' || model.state === 'draining') &&
      command.tokenBehind + command.reservedBehind + command.capBehind === 0 &&
      model.stop === null &&
      (model.intent === null || model.intent === reserve.confirms);
    for (let time = 0; time < (command.twice ? 2 : 1); time += 1) {
      expect(await this.#ledger.reserve(this.#id(run), reserve)).toBe(isAdmitted ? 'reserved' : 'refused');
    }
    if (!isAdmitted) return;
    model.windows.push({ firstBatch: model.reserved, batches: command.batches, counted: new Map() });
    model.reserved += command.batches;
    Object.assign(model, { intent: reserve.intent.id, peak: reserve.peakOutstanding });
    model.leaseEnds = reserve.leaseExpiresAt;
  }

  async #update({ run, tokenBehind, reservedBehind, confirms, drains }: Of<'update'>): Promise<void> {
    const model = this.#model.openRun(run);
    const intent = confirms === 'its' ? model?.intent : 'another';
    const changes = {
      ...(reservedBehind === null ? {} : { reservedBefore: (model?.reserved ?? 0) - reservedBehind }),
      ...(confirms === 'none' || intent == null ? {} : { confirms: intent }),
      ...(drains === 0 ? {} : ({ state: 'draining' } as const)),
      unfinishedSlices: 0 as const,
    };
    const isAdmitted = model !== null && tokenBehind === 0 && (reservedBehind ?? 0) === 0;
    expect(await this.#ledger.update(this.#id(run), (model?.token ?? 0) - tokenBehind, changes)).toBe(isAdmitted);
    if (!isAdmitted) return;
    model.slicesBegun = 0;
    if (drains !== 0) model.state = 'draining';
    if (confirms === 'its') model.intent = null;
  }

  async #finish({ run, batch, succeeded }: Of<'finish'>): Promise<void> {
    const windows = this.#model.runs.get(run)?.windows ?? [];
    const place = windows.findIndex(({ firstBatch, batches }) => batch >= firstBatch && batch < firstBatch + batches);
    const counted = windows[place]?.counted;
    const answer = await this.#ledger.finish(this.#id(run), Math.max(0, place), batch, newCounts(succeeded));
    expect(answer).toBe(counted === undefined ? 'unknown' : counted.has(batch) ? 'repeated' : 'counted');
    if (counted !== undefined && !counted.has(batch)) counted.set(batch, succeeded);
  }

  /** A batch in a window that does not hold it. */
  async #finishElsewhere({ run, batch, window }: Of<'finishElsewhere'>): Promise<void> {
    const holder = this.#model.runs.get(run)?.windows[window];
    const holds = holder !== undefined && batch >= holder.firstBatch && batch < holder.firstBatch + holder.batches;
    if (!holds) expect(await this.#ledger.finish(this.#id(run), window, batch, newCounts(1))).toBe('unknown');
  }

  async #record(command: Of<'countStart'> | Of<'savePart'> | Of<'putOutcome'>): Promise<void> {
    const { run, batch } = command;
    const model = this.#model.runs.get(run);
    if (model === undefined) return;
    const record: RecordModel = model.records.get(batch) ?? { starts: 0, part: null, outcome: null };
    const body = { kind: 'object', key: 'somewhere' } as const;
    const isOpen = record.outcome === null;
    if (command.kind === 'countStart') {
      if (isOpen) record.starts += 1;
      expect(await this.#ledger.countStart(this.#id(run), 0, batch, EXPIRES)).toBe(record.starts);
    } else if (command.kind === 'savePart') {
      await this.#ledger.savePart(this.#id(run), 0, batch, { done: command.done, body }, EXPIRES);
      if (isOpen) Object.assign(record, { starts: 0, part: command.done });
    } else {
      record.outcome ??= command.succeeded;
      const outcome = { counts: newCounts(command.succeeded), body };
      const standing = await this.#ledger.putOutcome(this.#id(run), 0, batch, outcome, EXPIRES);
      expect(standing.counts.succeeded).toBe(record.outcome);
    }
    model.records.set(batch, record);
  }

  async #markStop({ run, reason, haltedAt }: Of<'markStop'>): Promise<void> {
    const model = this.#model.openRun(run);
    expect(await this.#ledger.markStop(this.#id(run), newStop({ reason, haltedAt }))).toBe(model !== null);
    if (model !== null)
      model.stop = { reason: model.stop?.reason ?? reason, haltedAt: model.stop?.haltedAt ?? haltedAt };
  }

  async #setLimits({ run, cap }: Of<'setLimits'>): Promise<void> {
    const model = this.#model.openRun(run);
    expect(await this.#ledger.setLimits(this.#id(run), { cap }, { by: 'test', at: this.#now })).toBe(model !== null);
    if (model !== null) Object.assign(model, { cap, capMax: Math.max(cap, model.capMax) });
  }

  async #close({ run, state, halted, asks }: Of<'close'>): Promise<void> {
    const model = this.#model.runs.get(run);
    const execution = asks === 'nobody' ? undefined : asks === 'its' ? model?.execution : 'earlier';
    const isHalted = halted && state === 'stopped';
    const closing = { state, why: null, detail: null, endedAt: isHalted ? null : START + 1 };
    const answer = await this.#ledger.close(this.#id(run), closing, execution);
    if (model === undefined || asks === 'earlier') return expect(answer).toBe(false);
    if (model.isClosed) return expect(answer).toBe(model.state === state);
    expect(answer).toBe(true);
    Object.assign(model, { state, isClosed: !isHalted });
    if (!isHalted) this.#model.open = null;
  }

  async #reopen({ run, execution }: Of<'reopen'>): Promise<void> {
    const { open, runs } = this.#model;
    const model = runs.get(run);
    const name = `resume-${execution}`;
    const reopening = { execution: name, at: this.#now, thresholdsFrom: { bad: 0, ended: 0 }, interruptions: [] };
    const answer = await this.#ledger.reopen(this.#id(run), reopening).catch((error: { code?: string }) => error.code);
    if (model === undefined) return expect(answer).toBe('runUnknown');
    if (open !== null && open !== run) return expect(answer).toEqual({ kind: 'refused', openRunId: this.#id(open) });
    const isRepeat = model.state === 'producing' && model.execution === name;
    if (!isRepeat && model.state !== 'stopped' && model.state !== 'failed') {
      return expect(answer).toBe('runNotResumable');
    }
    expect(answer).toEqual({ kind: 'opened' });
    if (isRepeat) return;
    Object.assign(model, { state: 'producing', isClosed: false, stop: null, slicesBegun: 0, execution: name });
    model.executions += 1;
    this.#model.open = run;
  }

  async #setExecution({ run, execution, number }: Of<'setExecution'>): Promise<void> {
    const model = this.#model.runs.get(run);
    const name = `further-${execution}`;
    await this.#ledger.setExecution(this.#id(run), name, number);
    if (model !== undefined && number > model.executions) {
      Object.assign(model, { execution: name, executions: number });
    }
  }

  async #compare(run: number): Promise<void> {
    const { open, runs } = this.#model;
    expect(await this.#ledger.openRunId()).toBe(open === null ? null : this.#id(open));
    const model = runs.get(run);
    const found = await this.#ledger.get(this.#id(run));
    if (model === undefined) return expect(found).toBeNull();
    expect(found).toMatchObject({
      ...{ state: model.state, reserved: model.reserved, cap: model.cap, capMax: model.capMax },
      ...{ peakOutstanding: model.peak, nextWindow: model.windows.length },
      ...{ execution: model.execution, executions: model.executions },
      ...{ unfinishedSlices: model.slicesBegun, lease: { token: model.token, expiresAt: model.leaseEnds } },
    });
    expect(found?.endedAt !== null).toBe(model.isClosed);
    expect(found?.intent?.id ?? null).toBe(model.intent);
    expect(found?.stop == null ? null : { reason: found.stop.reason, haltedAt: found.stop.haltedAt }).toEqual(
      model.stop,
    );
    await this.#compareBatches(run, model);
  }

  async #compareBatches(run: number, model: RunModel): Promise<void> {
    const windows = await this.#ledger.windows(this.#id(run), [...model.windows.keys()]);
    expect(windows.map(({ firstBatch, batches }) => ({ firstBatch, batches }))).toEqual(
      model.windows.map(({ firstBatch, batches }) => ({ firstBatch, batches })),
    );
    for (const [place, { done, counts }] of windows.entries()) {
      const counted = model.windows[place]?.counted ?? new Map<number, number>();
      expect([...done].sort()).toEqual([...counted.keys()].sort());
      expect(counts).toMatchObject({
        batches: counted.size,
        succeeded: [...counted.values()].reduce((a, b) => a + b, 0),
      });
    }
    const records = await this.#ledger.records(this.#id(run), 0);
    expect(
      records.map(({ batch, starts, part, outcome }) => [
        batch,
        { starts, part: part?.done ?? null, outcome: outcome?.counts.succeeded ?? null },
      ]),
    ).toEqual([...model.records.entries()].sort(([a], [b]) => a - b));
  }
}

/** What a producer would reserve that knows the run as it was, or a little behind. */
function reserveOf(
  plan: Run,
  model: RunModel | undefined,
  { batches, tokenBehind, reservedBehind, capBehind, confirms }: Omit<Of<'reserve'>, 'run'>,
): Reserve {
  const reserved = model?.reserved ?? 0;
  const number = model?.windows.length ?? 0;
  const known = {
    ...plan,
    ...{ reserved: reserved - reservedBehind, nextWindow: number, cap: (model?.cap ?? 5) - capBehind },
    lease: { owner: 'holder', token: (model?.token ?? 0) - tokenBehind, expiresAt: model?.leaseEnds ?? 0 },
  };
  const outstanding = model === undefined ? batches : reserved - countedOf(model) + batches;
  return newReserve(known, batches, {
    windows: [newWindow(number, reserved, batches)],
    intent: { id: `intent-${number}`, firstWindow: number, windows: 1, batches },
    confirms: confirms === 'its' ? (model?.intent ?? null) : confirms === 'other' ? 'another' : null,
    peakOutstanding: Math.max(model?.peak ?? 0, outstanding),
  });
}
