import { describe, expect, it } from 'vitest';
import { defaultTryBudget } from '../../terminology/try-budget-text.ts';
import type { ReachChoice } from '../reach/reach-choice.ts';
import { type ContactAsk, type ContactFacts, mayContact } from './may-contact.ts';
import type { PersonNo } from './person-no.ts';
import { type ContactTry, tryStanding } from './try-budget.ts';

const today = '2026-11-30';
const reach: ReachChoice = {
  ways: ['call', 'text'],
  phone: { number: '+16125550100' },
  phoneOwner: 'self',
  voicemail: true,
  mayBeSaid: 'aboutHelp',
  reading: 'reads',
  forPartners: false,
};
const facts: ContactFacts = {
  nos: [],
  tries: [],
  budget: defaultTryBudget,
  reach,
  seeInPerson: undefined,
  standing: 'active',
};
const call: ContactAsk = { channel: 'call', category: 'food-insecurity', by: 'staff', today };
const triedOn = (...days: string[]): ContactTry[] =>
  days.map((day) => ({ day, channel: 'call', outcome: 'no-answer' }));
const no = (more: Partial<PersonNo>): PersonNo => ({
  id: 'n',
  kind: 'dont-ask-again',
  category: null,
  partner: null,
  until: null,
  saidOn: '2026-11-08',
  saidBy: 'person',
  saidTo: 'Bo',
  broughtUpOn: null,
  ...more,
});

const safeWayAt = new Date('2026-11-20T15:00:00Z');
const safe = { seeInPerson: { since: today, safeWay: 'Only at my sister’s', safeWayAt } };
const older = { reachAloneAt: new Date('2026-11-20T14:59:00Z') };
const newer = { reachAloneAt: new Date('2026-11-20T15:01:00Z') };
const notChosen = 'way-not-chosen';

describe('a contact', () => {
  it.each<[string, Partial<ContactFacts>, Partial<ContactAsk>, string]>([
    ['in a way that they chose', {}, {}, 'yes'],
    ['in a way that they did not choose', {}, { channel: 'email' }, 'way-not-chosen'],
    [
      'by a machine to their own phone',
      {},
      { by: 'machine', channel: 'text', hasDeclinedSafety: false },
      'yes',
    ],
    [
      'by a machine that does not know of safety',
      {},
      { by: 'machine', channel: 'text' },
      'way-not-chosen',
    ],
    ['by a partner, whom they did not allow', {}, { by: 'partner' }, 'way-not-chosen'],
    [
      'by a partner, whom they allowed',
      { reach: { ...reach, forPartners: true } },
      { by: 'partner' },
      'yes',
    ],
    ['by the first call when nobody asked how', { reach: undefined }, {}, 'yes'],
    [
      'by a second call when nobody asked how',
      { reach: undefined, tries: triedOn('2025-11-30') },
      {},
      'not-asked-how',
    ],
    ['by text when nobody asked how', { reach: undefined }, { channel: 'text' }, 'not-asked-how'],
    [
      'by a machine when nobody asked how',
      { reach: undefined },
      { by: 'machine' },
      'not-asked-how',
    ],
    [
      'by a partner when nobody asked how',
      { reach: undefined },
      { by: 'partner' },
      'not-asked-how',
    ],
    ['at the visit when nobody asked how', { reach: undefined }, { channel: 'clinic' }, 'yes'],
    ['that they said no to', { nos: [no({})] }, {}, 'said-no'],
    ['that they said no to, at the visit', { nos: [no({})] }, { channel: 'clinic' }, 'said-no'],
    ['that they brought up again', { nos: [no({ broughtUpOn: today })] }, {}, 'yes'],
    ['after someone died', { standing: 'deceased' }, { channel: 'clinic' }, 'deceased'],
    ['with a record that is merged', { standing: 'merged' }, {}, 'merged'],
    ['with a record that is not used', { standing: 'inactive' }, {}, 'inactive'],
    ['by a number that has changed', { standing: 'changed' }, {}, 'changed'],
    [
      'at the visit, after the number changed',
      { standing: 'changed' },
      { channel: 'clinic' },
      'yes',
    ],
    ['that is unsafe', { seeInPerson: { since: today } }, {}, 'see-in-person'],
    [
      'that is unsafe, at the visit',
      { seeInPerson: { since: today } },
      { channel: 'clinic' },
      'yes',
    ],
    ['by a call in the safe way that was recorded', { ...older, ...safe }, {}, 'yes'],
    ['by text, chosen before the safe way', { ...older, ...safe }, { channel: 'text' }, notChosen],
    [
      'by letter, with a safe way alone',
      { reach: undefined, ...safe },
      { channel: 'letter' },
      notChosen,
    ],
    ['by text, chosen after the safe way', { ...newer, ...safe }, { channel: 'text' }, 'yes'],
    ['by text, chosen while somebody was there', { ...safe }, { channel: 'text' }, notChosen],
    ['at the visit, beside a safe way', { ...older, ...safe }, { channel: 'clinic' }, 'yes'],
    [
      'by text, chosen before a safe way, as a clinician decided',
      { ...older, seeInPerson: { since: today, safeWayAt, override: {} } },
      { channel: 'text' },
      'not-asked-how',
    ],
    [
      'by a partner, beside a safe way',
      { reach: { ...reach, forPartners: true }, ...safe },
      { by: 'partner' },
      'see-in-person',
    ],
    [
      'in the safe way, which a machine cannot read',
      { seeInPerson: { since: today, safeWay: 'Text after 5' } },
      { by: 'machine', channel: 'text', hasDeclinedSafety: false },
      'see-in-person',
    ],
    [
      'as a clinician decided',
      { seeInPerson: { since: today, override: { by: 'person:dr' } } },
      {},
      'yes',
    ],
    [
      'in the safe way, against a no',
      { seeInPerson: { since: today, safeWay: 'call' }, nos: [no({})] },
      {},
      'said-no',
    ],
    ['a second time today', { tries: triedOn(today) }, {}, 'no-tries-left'],
    ['a second time today, at the visit', { tries: triedOn(today) }, { channel: 'clinic' }, 'yes'],
    [
      'a fourth time in 14 days',
      { tries: triedOn('2026-11-17', '2026-11-20', '2026-11-25') },
      {},
      'no-tries-left',
    ],
  ])('%s', (_name, more, ask, expected) => {
    const answer = mayContact({ ...facts, ...more }, { ...call, ...ask });
    expect(answer.may ? 'yes' : answer.rule).toBe(expected);
  });

  it('names only the clinic where nobody asked how to reach them', () => {
    expect(mayContact({ ...facts, reach: undefined }, call)).toEqual({
      may: true,
      left: 3,
      onlyClinic: true,
      mayLeaveMessage: false,
    });
  });

  it('in a safe way says the way, names only the clinic and leaves no message', () => {
    for (const asked of [older, newer])
      expect(mayContact({ ...facts, ...asked, ...safe }, call)).toEqual({
        ...{ may: true, left: 3, onlyClinic: true, mayLeaveMessage: false },
        safeWay: 'Only at my sister’s',
      });
  });

  it('says until when a no for now stands', () => {
    const nos = [no({ kind: 'not-now', until: '2026-12-24' })];
    expect(mayContact({ ...facts, nos }, call)).toMatchObject({ until: '2026-12-24' });
  });
});

describe('the budget of tries', () => {
  it.each<[string, ContactTry[], string | number]>([
    ['nothing yet', [], 3],
    ['one yesterday', triedOn('2026-11-29'), 2],
    ['one today', triedOn(today), '2026-12-01'],
    [
      'three, the first 13 days ago',
      triedOn('2026-11-17', '2026-11-20', '2026-11-21'),
      '2026-12-01',
    ],
    ['three, the first 14 days ago', triedOn('2026-11-16', '2026-11-20', '2026-11-21'), 1],
    ['three, the last today', triedOn('2026-11-28', '2026-11-29', today), '2026-12-12'],
    [
      'five by two records that were merged',
      triedOn('2026-11-20', '2026-11-20', '2026-11-21', '2026-11-25', '2026-11-25'),
      '2026-12-05',
    ],
    ['one of tomorrow, by a clock that was set back', triedOn('2026-12-01'), '2026-12-02'],
    ['one that was not made', [{ day: today, channel: 'call', outcome: 'not-made' }], 3],
    ['one that is reserved', [{ day: today, channel: 'call', outcome: null }], '2026-12-01'],
    ['a talk at the visit', [{ day: today, channel: 'clinic', outcome: 'spoke' }], 3],
  ])('after %s', (_name, tries, expected) => {
    const standing = tryStanding(tries, defaultTryBudget, today);
    expect(standing.may ? standing.left : standing.from).toBe(expected);
  });

  it('is what the site has set', () => {
    const none = { tries: 0, days: 14, perDay: 1 };
    expect(tryStanding([], none, today).may).toBe(false);
    const more = { tries: 5, days: 7, perDay: 2 };
    expect(tryStanding(triedOn(today), more, today)).toEqual({ may: true, left: 4 });
  });
});
