import { describe, expect, it } from 'vitest';
import { type ReachChoice, reachPermission, reachProblems } from './reach-choice.ts';

const choiceOf = (more: Partial<ReachChoice> = {}): ReachChoice => ({
  ...{ ways: ['call', 'text'], phone: { number: '+16125550123' }, phoneOwner: 'self' },
  ...{ voicemail: true, mayBeSaid: 'aboutHelp', reading: 'reads', forPartners: false },
  ...more,
});

describe('a choice of how to be reached', () => {
  it.each<[name: string, more: Partial<ReachChoice>, fields: string[]]>([
    ['a phone of their own', {}, []],
    ['the clinic alone', { ways: ['clinic'], phone: undefined }, []],
    ['no way at all', { ways: [] }, ['ways']],
    ['a way twice', { ways: ['call', 'call'] }, ['ways']],
    ['the clinic only, and a call', { ways: ['clinic', 'call'] }, ['ways']],
    ['a call without a number', { ways: ['call'], phone: undefined }, ['phone']],
    ['a relay without a number', { ways: ['relay'], phone: undefined }, ['phone']],
    ['a number of nobody', { phoneOwner: undefined }, ['phoneOwner']],
    ['a text to a desk', { phone: { number: '+16125550123', extension: '45' } }, ['phone']],
    ['a text abroad', { phone: { number: '+525512345678' } }, ['phone']],
    ['a text to the phone of someone else', { phoneOwner: 'other' }, ['phone']],
    ['a text to a shared phone', { phoneOwner: 'shared' }, []],
    ['an e-mail without an address', { ways: ['email'] }, ['email']],
    ['two e-mail addresses', { ways: ['email'], email: 'a@b.org, c@d.org' }, ['email']],
    ['a letter without an address', { ways: ['letter'] }, ['letterTo']],
    ['a letter', { ways: ['letter'], letterTo: 'Lot 0123, PO Box 17370, Saint Paul' }, []],
    ['in person, nowhere', { ways: ['inPerson'] }, ['meet']],
    ['in person', { ways: ['inPerson'], meet: { place: 'Library', day: 'Mondays' } }, []],
    ['hours of many lines', { hours: 'mornings\nBcc: x' }, ['hours']],
    ['hours of a megabyte', { hours: 'x'.repeat(1_000_000) }, ['hours']],
    ['an interpreter of no language', { interpreter: { language: ' ' } }, ['interpreter.language']],
  ])('names the rule that is broken: %s', (_name, more, fields) => {
    expect(reachProblems(choiceOf(more)).map(({ field }) => field)).toEqual(fields);
  });

  it('never repeats what was typed', () => {
    const problems = reachProblems(choiceOf({ ways: ['email'], email: 'kia at home' }));
    expect(JSON.stringify(problems)).not.toContain('kia');
  });
});

describe('what may be done to reach a person', () => {
  const staff = { by: 'staff', hasDeclinedSafety: false } as const;
  const machine = { by: 'machine', hasDeclinedSafety: false } as const;
  const declined = { by: 'machine', hasDeclinedSafety: true } as const;
  it.each<[string, ReachChoice | undefined, Parameters<typeof reachPermission>[1], object]>([
    [
      'one call by staff that names only the clinic, where nobody asked',
      undefined,
      staff,
      { ways: ['call'], voicemail: false, mayBeSaid: 'clinicOnly', most: 1 },
    ],
    ['nothing by a machine, where nobody asked', undefined, machine, { ways: [] }],
    ['what they chose, by staff', choiceOf(), staff, { ways: ['call', 'text'], voicemail: true }],
    ['texts by a machine', choiceOf(), machine, { ways: ['text'], voicemail: false }],
    ['no text to a shared phone', choiceOf({ phoneOwner: 'shared' }), machine, { ways: [] }],
    ['nothing automatic after declined questions', choiceOf(), declined, { ways: [] }],
    ['the clinic only', choiceOf({ ways: ['clinic'] }), staff, { ways: ['clinic'] }],
    ['the clinic only, by a machine', choiceOf({ ways: ['clinic'] }), machine, { ways: [] }],
  ])('is %s', (_name, choice, ask, permission) => {
    expect(reachPermission(choice, ask)).toMatchObject(permission);
  });
});
