import { describe, expect, it } from 'vitest';
import { readOpenTimes, writeOpenTimes } from './hours-text.ts';
import { profileOf } from './partner-profile.ts';
import { checkProfileEdits, profileTexts, readProfileTexts } from './profile-texts.ts';

const today = '2026-11-30';
const now = new Date('2026-11-30T19:00:00Z');
const pantry = { service: 's1', categories: ['food-insecurity'], places: [] };
const shown = (more: object = {}, edits: object = {}) =>
  profileTexts(profileOf([{ ...pantry, ...more }], edits), now, 'America/Chicago');
const typed = (texts: Record<string, string>, was = shown()) =>
  readProfileTexts({ ...was, ...texts }, was, today);

describe('open times', () => {
  it.each([
    ['', []],
    ['8 am-5 pm', [{ from: 480, to: 1020 }]],
    ['08:00-17:00', [{ from: 480, to: 1020 }]],
    [
      '8:30 a.m. – 12 pm, 1 PM to 5:15 pm',
      [
        { from: 510, to: 720 },
        { from: 780, to: 1035 },
      ],
    ],
    ['10 pm-2 am', [{ from: 1320, to: 120 }]],
    ['12 am-12 am', [{ from: 0, to: 0 }]],
    ['00:00-24:00', [{ from: 0, to: 1440 }]],
  ])('reads %s', (text, times) => expect(readOpenTimes(text)).toEqual(times));

  it.each(['8-5', '8:00-5:00', '8 am-5', '13 pm-2 pm', '25:00-26:00', 'mornings', '8 am-'])(
    'does not guess at %s',
    (text) => expect(readOpenTimes(text)).toBeUndefined(),
  );

  it('takes none that overlap', () =>
    expect(readOpenTimes('8 am-12 pm, 11 am-5 pm')).toBeUndefined());

  it('writes what it reads', () =>
    expect(writeOpenTimes(readOpenTimes('8:05 am-12 pm, 10 pm-2 am') ?? [])).toBe(
      '8:05 am-12 pm, 10 pm-2 am',
    ));
});

describe('the form about a partner', () => {
  it('makes an edit of what was changed alone', () => {
    expect(typed({})).toEqual({ changes: {} });
    expect(typed({ perWeek: ' 3 ' })).toEqual({ changes: { perWeek: 3 } });
    expect(readProfileTexts({ phone: '612-555-0100' }, shown(), today)).toEqual({
      changes: { phone: '612-555-0100' },
    });
  });

  it('does not show hours that nobody knows, nor a pause that is over', () => {
    expect(shown()).toMatchObject({ 'open-mon': '', pausedUntil: '' });
    expect(shown({}, { pausedUntil: '2026-11-30T14:00:00Z' }).pausedUntil).toBe('');
    expect(shown({}, { pausedUntil: '2026-12-02T03:00:00Z' }).pausedUntil).toBe('2026-12-01');
  });

  it('takes a blank for nothing', () => {
    const was = shown({}, { pausedUntil: '2026-12-05', phone: '612-555-0100', perWeek: 2 });
    expect(typed({ pausedUntil: '', phone: '', perWeek: '' }, was)).toEqual({
      changes: { pausedUntil: null, phone: null, perWeek: null },
    });
  });

  it('reads hours, room and agreement as wholes', () => {
    const edits = {
      hours: { week: [[], [{ from: 540, to: 720 }], [], [], [], [], []], closedDays: [today] },
      capacity: { code: 'no-capacity', saidBy: 'Sue', saidAt: today, note: 'After Easter' },
      agreement: { kind: 'memorandum' as const, from: '2026-01-01', until: '2026-12-31' },
      isConfidential: true,
      arrival: 'ticket' as const,
      kind: 'legal' as const,
    };
    expect(typed({ ...shown({}, edits) })).toEqual({ changes: edits });
    expect(checkProfileEdits(edits, today)).toEqual({ changes: edits });
  });

  it.each([
    [{ phone: '555' }, 'phone', 'phone'],
    [{ arrival: 'fly' }, 'arrival', 'choice'],
    [{ kind: 'toString' }, 'kind', 'choice'],
    [{ 'open-mon': '8-5' }, 'open-mon', 'hours'],
    [{ 'open-mon': '8 am-5 pm', closedDays: 'Christmas' }, 'closedDays', 'closedDays'],
    [{ pausedUntil: '2026-11-30' }, 'pausedUntil', 'later'],
    [{ pausedUntil: '2027-02-30' }, 'pausedUntil', 'day'],
    [{ perWeek: '0' }, 'perWeek', 'number'],
    [{ capacity: 'waitlist', saidAt: today }, 'saidBy', 'name'],
    [{ capacity: 'waitlist', saidBy: 'Sue' }, 'saidAt', 'day'],
    [{ capacity: 'waitlist', saidBy: 'Sue', saidAt: '2026-12-01' }, 'saidAt', 'notLater'],
    [{ agreement: 'memorandum' }, 'agreedFrom', 'day'],
    [
      { agreement: 'other', agreedFrom: '2026-02-01', agreedUntil: '2026-01-01' },
      'agreedUntil',
      'notBefore',
    ],
    [{ capacity: 'capacity', saidBy: 'Sue', saidAt: today, note: 'x'.repeat(501) }, 'note', 'long'],
    [{ confidential: 'perhaps' }, 'confidential', 'choice'],
  ])('names the field and the rule of %j', (texts, field, rule) =>
    expect(typed(texts)).toEqual({ problems: [{ field, rule }] }),
  );

  it('names all that is wrong at once', () =>
    expect(typed({ phone: 'x', 'open-mon': 'x', 'open-tue': 'y' })).toMatchObject({
      problems: [{ field: 'open-mon' }, { field: 'open-tue' }, { field: 'phone' }],
    }));
});
