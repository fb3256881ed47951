import { describe, expect, it } from 'vitest';
import {
  brokenNoRule,
  doesNoStand,
  findNo,
  findNoToHelp,
  isPlaceRefused,
  nextNoEnd,
  type PersonNo,
} from './person-no.ts';

const today = '2026-11-30';
const food = 'food-insecurity';
const rent = 'housing-instability';

const no = (more: Partial<PersonNo>): PersonNo => ({
  id: 'n',
  kind: 'not-this-help',
  category: food,
  partner: null,
  until: null,
  saidOn: '2026-11-08',
  saidBy: 'person',
  saidTo: 'Bo',
  broughtUpOn: null,
  ...more,
});

describe('a no', () => {
  it.each<[string, Partial<PersonNo>, boolean]>([
    ['not this help', {}, true],
    ['not this help, brought up again', { broughtUpOn: '2026-11-20' }, false],
    ['not now, on the day before', { kind: 'not-now', until: '2026-12-01' }, true],
    ['not now, on its day', { kind: 'not-now', until: today }, false],
    ['not now without a day', { kind: 'not-now', until: null }, true],
    ["don't ask again, years later", { kind: 'dont-ask-again', saidOn: '2016-01-01' }, true],
  ])('%s: stands or not', (_name, more, stands) => {
    expect(doesNoStand(no(more), today)).toBe(stands);
  });

  it.each<[string, Partial<PersonNo>, { category: string | null; partner?: string }, boolean]>([
    ['to this help', {}, { category: food }, true],
    ['to this help at any place', {}, { category: food, partner: 'pantry' }, true],
    ['to another help', {}, { category: rent }, false],
    ['to this help, in a call about nothing', {}, { category: null }, false],
    ['to every help now', { kind: 'not-now', category: null }, { category: rent }, true],
    ['to every question', { kind: 'dont-ask-again', category: null }, { category: null }, true],
    ['to one question', { kind: 'dont-ask-again' }, { category: rent }, false],
    [
      'to this place',
      { kind: 'not-this-place', partner: 'pantry' },
      { category: food, partner: 'pantry' },
      true,
    ],
    [
      'to another place',
      { kind: 'not-this-place', partner: 'pantry' },
      { category: food, partner: 'hub' },
      false,
    ],
    [
      'to a place, whatever the help',
      { kind: 'not-this-place', category: null, partner: 'pantry' },
      { category: rent, partner: 'pantry' },
      true,
    ],
    ['to a place, in a call by us', { kind: 'not-this-place' }, { category: food }, false],
  ])('%s: is hit or not', (_name, more, question, isHit) => {
    expect(findNo([no(more)], { ...question, today }) !== undefined).toBe(isHit);
  });

  it('is named by the one that lasts longest, then by the latest', () => {
    const nos = [
      no({ id: 'a', kind: 'not-now', until: '2026-12-24' }),
      no({ id: 'b', saidOn: '2026-11-01' }),
      no({ id: 'c', saidOn: '2026-11-09' }),
      no({ id: 'd', kind: 'dont-ask-again', broughtUpOn: today }),
    ];
    expect(findNoToHelp(nos, food, today)?.id).toBe('c');
  });

  it('to a place leaves other places open', () => {
    const nos = [no({ kind: 'not-this-place', partner: 'pantry' })];
    expect(findNoToHelp(nos, food, today)).toBeUndefined();
    expect(isPlaceRefused(nos, { category: food, partner: 'pantry', today })).toBe(true);
    expect(isPlaceRefused(nos, { category: rent, partner: 'pantry', today })).toBe(false);
    expect(isPlaceRefused(nos, { category: food, partner: 'hub', today })).toBe(false);
  });

  it('ends next on the earliest day of those that stand', () => {
    const until = (day: string) => no({ kind: 'not-now', until: day });
    expect(nextNoEnd([until('2027-01-05'), until('2026-12-24'), until(today), no({})], today)).toBe(
      '2026-12-24',
    );
    expect(nextNoEnd([no({})], today)).toBeUndefined();
  });
});

describe('a no that somebody records', () => {
  const good = { kind: 'not-this-help', category: food, saidOn: today };

  it.each<[string, object, string | undefined, string | undefined]>([
    ['to a help', {}, undefined, undefined],
    ['of an unknown kind', { kind: 'never' }, 'kind', 'unknown'],
    ['of a kind that objects have', { kind: 'constructor' }, 'kind', 'unknown'],
    ['of tomorrow', { saidOn: '2026-12-01' }, 'saidOn', 'future'],
    ['to no help in particular', { category: undefined }, 'category', 'required'],
    ['to a help with a place', { partner: 'pantry' }, 'partner', 'not-with-this-kind'],
    ['to a help with a day', { until: '2026-12-24' }, 'until', 'not-with-this-kind'],
    ['to a place that is not named', { kind: 'not-this-place' }, 'partner', 'required'],
    ['to a place', { kind: 'not-this-place', partner: 'pantry' }, undefined, undefined],
    ['for now without a day', { kind: 'not-now' }, 'until', 'required'],
    ['for now until today', { kind: 'not-now', until: today }, 'until', 'past'],
    ['for now until last year', { kind: 'not-now', until: '2025-12-24' }, 'until', 'past'],
    ['for now until tomorrow', { kind: 'not-now', until: '2026-12-01' }, undefined, undefined],
    ['for now and ten years', { kind: 'not-now', until: '2036-12-01' }, 'until', 'too-far'],
    ['to everything', { kind: 'dont-ask-again', category: undefined }, undefined, undefined],
  ])('%s: names field and rule', (_name, more, field, rule) => {
    const problem = brokenNoRule({ ...good, ...more }, today);
    expect([problem?.field, problem?.rule]).toEqual([field, rule]);
  });
});
