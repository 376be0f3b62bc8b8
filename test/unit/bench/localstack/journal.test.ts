import { describe, expect, it } from 'vitest';
import { type Entry, lineOf, readJournal } from '../../../../bench/localstack/journal.ts';

const journal = (...entries: readonly (readonly [Entry['kind'], number, number, number])[]) =>
  entries.map(([kind, item, pid, at]) => lineOf({ kind, item, pid, at })).join('');

describe('the journal of what workers did', () => {
  it('counts items by the ends of their calls, and the times between', () => {
    const text = journal(['begin', 0, 7, 100], ['begin', 50, 8, 110], ['end', 0, 7, 120], ['end', 50, 8, 135]);
    expect(readJournal(text)).toEqual({
      handled: 2,
      handledAgain: 0,
      firstBegin: 100,
      lastEnd: 135,
      handlerMilliseconds: 45,
      inWork: [],
    });
  });

  it('tells apart what was handled twice and what was only begun twice', () => {
    const text = journal(
      ...([
        ['begin', 0, 7, 0],
        ['end', 0, 7, 20],
        ['begin', 1, 7, 20],
      ] as const),
      ...([
        ['begin', 0, 9, 500],
        ['end', 0, 9, 520],
        ['begin', 1, 9, 520],
        ['end', 1, 9, 540],
      ] as const),
    );
    expect(readJournal(text)).toMatchObject({ handled: 2, handledAgain: 1, lastEnd: 540 });
  });

  it('knows what each process is at', () => {
    const text = journal(['begin', 3, 7, 0], ['begin', 60, 8, 1], ['end', 3, 7, 20], ['begin', 4, 7, 20]);
    expect(readJournal(text).inWork.map(({ item, pid }) => [item, pid])).toEqual([
      [60, 8],
      [4, 7],
    ]);
  });

  it('leaves out a line that is still being written, and is empty at first', () => {
    expect(readJournal(`${journal(['begin', 3, 7, 0])}end 3 7 2`)).toMatchObject({ handled: 0, lastEnd: null });
    expect(readJournal('')).toMatchObject({ handled: 0, firstBegin: null, lastEnd: null, inWork: [] });
  });
});
