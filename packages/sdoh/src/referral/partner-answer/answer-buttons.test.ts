import { readFileSync } from 'node:fs';
import { systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { isFinal, judgeReported } from '../task-state-machine.ts';
import { type AnswerButton, answerButtons, buttonRow, isAnswerButton } from './answer-buttons.ts';
import { longestField, readButtonFields } from './page/button-fields.ts';
import { buttonsFor, nextTryAfter, noAnswersAmong } from './page/offered-buttons.ts';
import { personReasonOf } from './reason-codes.ts';

const names = Object.keys(answerButtons) as AnswerButton[];
const untaken = { status: 'requested', noAnswers: 0, canReach: true };
const taken = { ...untaken, status: 'accepted' };

describe('a button', () => {
  it.each(names)('%s makes a move that the Task may make wherever it is offered', (name) => {
    const { offered, to } = buttonRow(name);
    const starts =
      offered === 'before yes' ? ['requested', 'received'] : ['accepted', 'in-progress', 'on-hold'];
    for (const from of starts)
      expect(['same', 'believed'], from).toContain(judgeReported(from, to).kind);
  });

  it('gives words beside each code, as the guide asks for', () => {
    for (const { statusReason, businessStatus } of names.map(buttonRow))
      for (const code of [statusReason, businessStatus]) if (code) expect(code.text).not.toBe('');
  });

  it('gives a reason for each end without help, but of a legal partner', () => {
    const bare = names.filter((name) => {
      const { to, statusReason } = buttonRow(name);
      return isFinal(to) && to !== 'completed' && statusReason === undefined;
    });
    expect(bare).toEqual(['cantHelpWithThisOne']);
  });

  it('never makes the person’s no a refusal of the partner', () => {
    const { to, statusReason } = buttonRow('saidNo');
    expect(to).not.toBe('rejected');
    expect(personReasonOf({ statusReason: { coding: [statusReason] } })).toBe('person-declined');
    const refusals = names.filter((name) => buttonRow(name).to === 'rejected');
    for (const name of refusals)
      expect(personReasonOf({ statusReason: { coding: [buttonRow(name).statusReason] } })).toBe(
        undefined,
      );
  });

  it.each([
    ['an unknown one', 'yes'],
    ['a member of every object', 'constructor'],
    ['a list', ['saidNo']],
    ['nothing', undefined],
  ])('is not made of %s', (_what, text) => {
    expect(isAnswerButton(text)).toBe(false);
  });
});

describe('a Task offers', () => {
  it('yes and no before it is taken', () => {
    expect(buttonsFor(untaken, 'food')).toEqual([
      'yesTheyCanCome',
      'yesWeCall',
      'yesButWait',
      'noFull',
      'noOutsideArea',
      'noOutsideRules',
      'noNotOffered',
      'noOther',
    ]);
    expect(buttonsFor({ ...untaken, status: 'received' })).toEqual(buttonsFor(untaken));
  });

  it('what came of it after a yes, and the next try', () => {
    expect(buttonsFor(taken, 'food')).toEqual([
      'gotHelp',
      'partOfIt',
      'noAnswer1',
      'notSeenYet',
      'saidNo',
      'wrongPersonOrNumber',
      'handOver',
      'cantAfterAll',
    ]);
    const tried = { ...taken, status: 'in-progress', noAnswers: 1 };
    expect(buttonsFor(tried)).toContain('noAnswer2');
    expect(buttonsFor({ ...tried, noAnswers: 2 })).toContain('noAnswer3');
    expect(buttonsFor({ ...tried, noAnswers: 2 })).not.toContain('noAnswer2');
  });

  it('no call and no try without a way to reach the person', () => {
    const unreachable = { canReach: false };
    expect(buttonsFor({ ...untaken, ...unreachable })).not.toContain('yesWeCall');
    expect(buttonsFor({ ...untaken, ...unreachable })).toContain('yesTheyCanCome');
    expect(buttonsFor({ ...untaken, ...unreachable }, 'legal')).not.toContain('yesWeCall');
    for (const noAnswers of [0, 1, 2]) {
      const later = buttonsFor({ ...taken, ...unreachable, noAnswers });
      expect(later.filter((name) => name.startsWith('noAnswer'))).toEqual([]);
      expect(later).toContain('gotHelp');
    }
  });

  it.each([
    ['2026-11-30', undefined, '2026-11-30', '2026-12-01'],
    ['2026-11-30', '2026-12-03', '2026-12-02', '2026-12-03'],
    ['2026-11-30', '2026-12-03', '2026-12-03', undefined],
    ['2026-11-30', '2026-11-30', '2026-11-30', '2026-12-01'],
    ['2026-11-29', undefined, '2026-11-30', undefined],
  ])('the next try after one on %s, with %s named, seen on %s: %s', (day, next, today, from) => {
    expect(nextTryAfter({ day, next }, today)).toBe(from);
  });

  it('one try a day', () => {
    const tried = { ...taken, status: 'in-progress', noAnswers: 1, nextTry: '2026-12-01' };
    expect(buttonsFor(tried).filter((name) => name.startsWith('noAnswer'))).toEqual([]);
    expect(noAnswersAmong(['yesWeCall', 'noAnswer1', 'noAnswer2', 'toString'])).toBe(2);
  });

  it('a legal partner no reason and no words', () => {
    expect(buttonsFor(untaken, 'legal')).toEqual([
      'yesTheyCanCome',
      'yesWeCall',
      'yesButWait',
      'cantHelpWithThisOne',
    ]);
    const later = buttonsFor(taken, 'legal');
    expect(later).toEqual(['talkedWithThem', 'closedLegal']);
    for (const name of ['cantHelpWithThisOne', ...later] as const)
      expect(buttonRow(name).fields).toEqual([]);
  });

  it.each(['completed', 'cancelled', 'rejected', 'failed', 'draft', 'nonsense'])(
    'nothing when it is %s',
    (status) => {
      expect(buttonsFor({ ...taken, status })).toEqual([]);
    },
  );
});

describe('what is typed beside a button', () => {
  const today = '2026-11-30';
  const read = (typed: Record<string, unknown>, button: AnswerButton = 'noFull') =>
    readButtonFields(button, typed, today);

  it('is kept with plain line breaks, in every alphabet and with its signs', () => {
    const note = ' <script>alert(1)</script>\r\nሰላም السلام Hmoob 🍞 ';
    expect(read({ note, whoElse: '   ' })).toEqual({
      fields: { note: '<script>alert(1)</script>\nሰላም السلام Hmoob 🍞' },
      problems: [],
    });
  });

  it('is left out where it is no field of the button', () => {
    expect(read({ when: 'noon', csrf: 'x', note: 'y' }).fields).toEqual({ note: 'y' });
    expect(read({ note: 'their case is strong' }, 'closedLegal').fields).toEqual({});
  });

  it.each([
    ['a note of 1 MB', { note: 'x'.repeat(1_000_000) }, 'note', 'too-long'],
    ['a list of notes', { note: ['a', 'b'] }, 'note', 'not-text'],
    ['a null character', { note: 'a\u0000b' }, 'note', 'characters'],
    ['half of a character', { note: '\ud800' }, 'note', 'characters'],
    ['a day of another form', { pauseUntil: '12/1/2026' }, 'pauseUntil', 'not-a-day'],
    ['a day that is none', { pauseUntil: '2026-02-30' }, 'pauseUntil', 'not-a-day'],
    ['yesterday', { pauseUntil: '2026-11-29' }, 'pauseUntil', 'past'],
    ['a day in ten years', { pauseUntil: '2036-11-29' }, 'pauseUntil', 'too-far'],
  ])('is refused by field and rule: %s', (_what, typed, field, rule) => {
    expect(read(typed)).toEqual({ fields: {}, problems: [{ field, rule }] });
  });

  it('may be as long as the page lets it be', () => {
    const note = 'ü'.repeat(longestField.note);
    expect(read({ note })).toEqual({ fields: { note }, problems: [] });
  });
});

const codeOf = (code: { system: string; code: string } | undefined): string => {
  if (code === undefined) return '';
  return code.system === systems.sdohcc ? `\`${code.code}\` of the guide` : `\`${code.code}\``;
};

it('the printed table says what the buttons do', () => {
  const page = readFileSync(new URL('../../../../../docs/partner-answers.md', import.meta.url));
  const rows = names.map((name) => {
    const { says, offered, kinds, to, statusReason, businessStatus, output, fields, next } =
      buttonRow(name);
    const cells = [
      `\`${name}\``,
      says,
      offered,
      kinds,
      `\`${to}\``,
      codeOf(statusReason),
      codeOf(businessStatus),
      output ? `\`${output}\`` : '',
      fields.join(', '),
      next,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  for (const row of rows) expect(page.toString()).toContain(row);
  const printed = page.toString().match(/^\| `\w+` \|.*(before|after) yes.*$/gm);
  expect(printed).toHaveLength(rows.length);
});
