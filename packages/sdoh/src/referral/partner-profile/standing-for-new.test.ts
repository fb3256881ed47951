import { describe, expect, it } from 'vitest';
import { type PartnerAgreement, profileOf } from './partner-profile.ts';
import { standingForNew, type WayForNew, weekStart } from './standing-for-new.ts';

const timeZone = 'America/Chicago';
/** Monday, November 30, 1 pm at the site. */
const now = new Date('2026-11-30T19:00:00Z');
const pantry = { service: 's1', categories: ['food-insecurity'], places: [] };
const mail: WayForNew = { kind: 'email', hasBearers: false };
const agreement: PartnerAgreement = { kind: 'memorandum', from: '2026-01-01' };
const standing = (more: object, way = mail, newThisWeek = 0) =>
  standingForNew(profileOf([{ ...pantry, ...more }]), { now, timeZone, newThisWeek, way });

describe('an agreement', () => {
  const none: PartnerAgreement = { kind: 'none', from: '' };
  const rest = { kind: 'fhir-rest', hasBearers: true };
  it.each([
    ['e-mail without one', {}, mail, 'noAgreement'],
    ['a text without one', {}, { ...mail, kind: 'text' }, 'noAgreement'],
    ['a channel of a later day without one', {}, { ...mail, kind: 'webhook' }, 'noAgreement'],
    ['e-mail with one', { agreement }, mail, 'takes'],
    ['FHIR REST with bearers', {}, rest, 'takes'],
    ['FHIR REST with bearers, where the entry says none', { agreement: none }, rest, 'noAgreement'],
    ['FHIR REST without bearers', {}, { ...rest, hasBearers: false }, 'noAgreement'],
    ['a call', {}, { ...mail, kind: 'manual' }, 'takes'],
    ['the hub, where the partner comes to read', {}, { ...mail, kind: 'hub' }, 'takes'],
  ])('%s', (_what, more, way, kind) => expect(standing(more, way).kind).toBe(kind));

  it.each(['fhir-rest', 'hub', 'email', 'text', 'manual'])(
    'that has run out stops what goes by %s',
    (kind) => {
      const ended = { ...agreement, until: '2026-11-29' };
      const way = { kind, hasBearers: true };
      expect(standing({ agreement: ended }, way)).toEqual({
        kind: 'agreementEnded',
        until: '2026-11-29',
      });
    },
  );

  it('counts on its last day, and not before its first', () => {
    expect(standing({ agreement: { ...agreement, until: '2026-11-30' } }).kind).toBe('takes');
    expect(standing({ agreement: { ...agreement, from: '2026-12-01' } })).toEqual({
      kind: 'agreementNotYet',
      from: '2026-12-01',
    });
  });
});

describe('a partner that takes nothing new', () => {
  it('is paused until a moment', () => {
    const until = '2026-12-02T08:00:00-06:00';
    const intake = { pausedUntil: until };
    expect(standing({ agreement, intake })).toEqual({ kind: 'paused', until: new Date(until) });
  });

  it('is paused until the beginning of a day at the site', () => {
    expect(standing({ agreement, intake: { pausedUntil: '2026-12-02' } })).toEqual({
      kind: 'paused',
      until: new Date('2026-12-02T06:00:00Z'),
    });
    expect(standing({ agreement, intake: { pausedUntil: '2026-11-30' } }).kind).toBe('takes');
  });

  it.each(['no-capacity', 'waitlist', 'additional-assessment-required'])('is full: %s', (code) =>
    expect(standing({ agreement, capacity: { code } })).toEqual({ kind: 'full', code }),
  );

  it('has its number of this week, until Monday', () => {
    const intake = { perWeek: 2 };
    expect(standing({ agreement, intake }, mail, 1).kind).toBe('takes');
    expect(standing({ agreement, intake }, mail, 2)).toEqual({
      kind: 'weekFull',
      perWeek: 2,
      until: new Date('2026-12-07T06:00:00Z'),
    });
  });

  it('is confidential, whatever else is said', () =>
    expect(standing({ agreement, kind: 'crisis-shelter' }).kind).toBe('confidential'));
});

it('begins a week on Monday at the site', () => {
  expect(weekStart(now, timeZone)).toEqual(new Date('2026-11-30T06:00:00Z'));
  expect(weekStart(new Date('2026-12-07T05:59:00Z'), timeZone)).toEqual(
    new Date('2026-11-30T06:00:00Z'),
  );
  expect(weekStart(new Date('2026-03-10T12:00:00Z'), timeZone)).toEqual(
    new Date('2026-03-09T05:00:00Z'),
  );
});
