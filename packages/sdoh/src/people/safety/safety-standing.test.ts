import { describe, expect, it } from 'vitest';
import {
  type ContactOverride,
  findRecordProblem,
  type SafetyAction,
  type SafetyRecord,
  safetyStanding,
} from './safety-standing.ts';

const day = (n: number) => new Date(Date.UTC(2026, 10, n));
const answer = (key: string, n = 1) => ({ key, since: day(n) });
const record = (action: SafetyAction, covers: string[], safeWay?: string): SafetyRecord => ({
  action,
  covers,
  at: day(2),
  safeWay,
});
const override: ContactOverride = { by: 'dr', reason: 'life', at: day(3), until: day(4) };
const flags = (marked: boolean, listed: boolean, blocked: boolean) => ({
  isMarked: marked,
  isListed: listed,
  isBlocked: blocked,
});

describe('how a person stands who answered about safety', () => {
  it.each<[string, string[], SafetyRecord[], ReturnType<typeof flags>]>([
    ['nothing was answered', [], [], flags(false, false, false)],
    ['nobody has done anything', ['a'], [], flags(true, true, true)],
    [
      'could not talk alone',
      ['a'],
      [record('could-not-talk-alone', ['a'])],
      flags(true, true, true),
    ],
    [
      'talked alone without a safe way: still no call',
      ['a'],
      [record('talked-alone', ['a'])],
      flags(true, true, true),
    ],
    [
      'talked alone with a safe way',
      ['a'],
      [record('talked-alone', ['a'], 'Tuesdays')],
      flags(true, true, false),
    ],
    [
      'does not want this now: off the list, still no call',
      ['a'],
      [record('does-not-want-this-now', ['a'])],
      flags(true, false, true),
    ],
    [
      'reached an advocate',
      ['a'],
      [record('reached-advocate', ['a'], 'Tuesdays')],
      flags(true, false, false),
    ],
    [
      'answered by mistake: no mark',
      ['a'],
      [record('answered-by-mistake', ['a'])],
      flags(false, false, false),
    ],
    [
      'a new answer after all that begins anew',
      ['a', 'b'],
      [record('reached-advocate', ['a'], 'Tuesdays')],
      flags(true, true, true),
    ],
    [
      'an old answer that says something else now begins anew',
      ['a changed'],
      [record('answered-by-mistake', ['a'])],
      flags(true, true, true),
    ],
    [
      'a mistake ends only what it covers',
      ['a', 'b'],
      [record('answered-by-mistake', ['a']), record('talked-alone', ['b'], 'Tuesdays')],
      flags(true, true, false),
    ],
  ])('%s', (_, keys, records, expected) => {
    const answers = keys.map((key) => answer(key));
    expect(safetyStanding(answers, records, [], day(5))).toMatchObject(expected);
  });

  it('lets a clinician decide otherwise for a time', () => {
    const at = (now: Date) => safetyStanding([answer('a')], [], [override], now).isBlocked;
    expect([day(2), day(3), day(4)].map(at)).toEqual([true, false, true]);
  });

  it('gives the latest safe way only while it covers every answer', () => {
    const records = [record('talked-alone', ['a'], 'Tuesdays')];
    expect(safetyStanding([answer('a')], records, [], day(5)).safeWay).toBe('Tuesdays');
    expect(
      safetyStanding([answer('a'), answer('b', 4)], records, [], day(5)).safeWay,
    ).toBeUndefined();
  });

  it('says since when the first answer has stood', () => {
    const { since } = safetyStanding([answer('b', 4), answer('a', 2)], [], [], day(5));
    expect(since).toEqual(day(2));
  });
});

describe('a record of what was done', () => {
  it.each<[string, Parameters<typeof findRecordProblem>[0], string | undefined]>([
    ['nothing chosen', { action: undefined, toldAlone: false }, 'action'],
    ['an action that is not known', { action: 'called-home', toldAlone: true }, 'action'],
    ['talked alone', { action: 'talked-alone', safeWay: 'Tuesdays', toldAlone: false }, undefined],
    [
      'a safe way without a talk alone',
      { action: 'could-not-talk-alone', safeWay: 'Tuesdays', toldAlone: true },
      'safeWay',
    ],
    [
      'a safe way of two lines',
      { action: 'talked-alone', safeWay: 'a\nb', toldAlone: true },
      'safeWay',
    ],
    [
      'a safe way that is too long',
      { action: 'talked-alone', safeWay: 'a'.repeat(201), toldAlone: true },
      'safeWay',
    ],
    [
      'a mistake that somebody else may have heard',
      { action: 'answered-by-mistake', toldAlone: false },
      'toldAlone',
    ],
    ['a mistake, said alone', { action: 'answered-by-mistake', toldAlone: true }, undefined],
    [
      'a safe way by an advocate, not said alone',
      { action: 'reached-advocate', safeWay: 'Tuesdays', toldAlone: false },
      'toldAlone',
    ],
    ['does not want this now', { action: 'does-not-want-this-now', toldAlone: false }, undefined],
  ])('%s', (_, entry, field) => {
    expect(findRecordProblem(entry)?.field).toBe(field);
  });
});
