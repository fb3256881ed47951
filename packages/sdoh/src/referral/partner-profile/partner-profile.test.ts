import { describe, expect, it } from 'vitest';
import { usualHours } from '../clocks/open-hours.ts';
import { hasRoom, isAged } from './capacity.ts';
import { profileOf, requestKindOf, type ServiceProfile } from './partner-profile.ts';

const service = (more: Partial<ServiceProfile> = {}): ServiceProfile => ({
  service: 's1',
  categories: ['food-insecurity'],
  places: [],
  ...more,
});
const rides = service({ service: 's2', categories: ['transportation-insecurity'] });

describe('the kind of a request', () => {
  const law = service({ service: 's3', categories: ['housing-instability'], kind: 'legal' });
  const clinic = service({ service: 's4', categories: ['medical-cost-burden'], kind: 'health' });

  it('is that of its own help, in an organization that does more', () => {
    expect(requestKindOf([law, clinic], {}, 'housing-instability')).toBe('legal');
    expect(requestKindOf([law, clinic], {}, 'medical-cost-burden')).toBe('health');
  });

  it('is legal as soon as one service of its help is, or a person says so', () => {
    const both = { ...clinic, categories: law.categories };
    expect(requestKindOf([both, law], {}, 'housing-instability')).toBe('legal');
    expect(requestKindOf([law], { kind: 'health' }, 'housing-instability')).toBe('legal');
    expect(requestKindOf([clinic], { kind: 'legal' }, 'medical-cost-burden')).toBe('legal');
    expect(requestKindOf([law, clinic], {}, 'food-insecurity')).toBe('legal');
  });
});

describe('the profile of a partner', () => {
  it('has the usual hours and is contacted by us until somebody says more', () =>
    expect(profileOf([service()])).toEqual({
      hours: usualHours,
      areHoursKnown: false,
      arrival: 'weContact',
      intake: {},
      kind: 'food',
      isConfidential: false,
      places: [],
    }));

  it('suggests a ticket where the entry says walk-in, and does not decide it', () => {
    const walkIn = service({ isWalkIn: true });
    expect(profileOf([walkIn])).toMatchObject({ arrival: 'weContact', suggestedArrival: 'ticket' });
    const decided = profileOf([walkIn], { arrival: 'theyCome' });
    expect(decided).toMatchObject({ arrival: 'theyCome' });
    expect(decided).not.toHaveProperty('suggestedArrival');
  });

  it('has the room of the services that give the help that is asked for', () => {
    const full = service({ capacity: { code: 'no-capacity' } });
    expect(profileOf([full, rides], {}, 'food-insecurity').capacity).toEqual({
      code: 'no-capacity',
    });
    expect(profileOf([full, rides], {}, 'transportation-insecurity')).not.toHaveProperty(
      'capacity',
    );
  });

  it('has no room where one of two services of that help says so and the other nothing', () => {
    const full = service({ capacity: { code: 'no-capacity' } });
    const room = service({ capacity: { code: 'capacity' } });
    const codeOf = (...services: ServiceProfile[]) => profileOf(services).capacity?.code;
    expect(codeOf(service(), full)).toBe('no-capacity');
    expect(codeOf(service(), full, room)).toBe('capacity');
    expect(codeOf(full, rides)).toBeUndefined();
  });

  it('borrows an agreement only of a service at its address, and none where one says none', () => {
    const agreement = { kind: 'memorandum', from: '2026-01-01' } as const;
    const agreed = { ...rides, at: 'mailto:a@b.example', agreement };
    const [here, there] = [service({ at: agreed.at }), service({ at: 'mailto:c@d.example' })];
    const none = { ...here, agreement: { kind: 'none', from: '' } } as const;
    const agreementOf = (...services: ServiceProfile[]) =>
      profileOf(services, {}, 'food-insecurity').agreement?.kind;
    expect(agreementOf(here, agreed)).toBe('memorandum');
    expect(agreementOf(there, agreed)).toBeUndefined();
    expect(agreementOf(here, agreed, { ...none, categories: ['homelessness'] })).toBeUndefined();
    expect(agreementOf({ ...here, agreement }, none)).toBe('none');
  });

  it('is paused until the first of its services takes requests again', () => {
    const pausedFor = (pausedUntil?: string) =>
      service({ intake: pausedUntil === undefined ? {} : { pausedUntil } });
    const [early, late] = [pausedFor('2026-12-05T08:00:00Z'), pausedFor('2026-12-09')];
    expect(profileOf([late, early]).intake.pausedUntil).toBe('2026-12-05T08:00:00Z');
    expect(profileOf([late, pausedFor()]).intake).toEqual({});
  });

  it('believes what people have written before the file, and a null for nothing', () => {
    const said = service({
      phone: '612-555-0100',
      intake: { pausedUntil: '2026-12-05', perWeek: 2 },
      capacity: { code: 'no-capacity' },
    });
    const edits = { phone: '612-555-0199', pausedUntil: null, capacity: null };
    expect(profileOf([said], edits)).toMatchObject({
      phone: '612-555-0199',
      intake: { perWeek: 2 },
    });
    expect(profileOf([said], edits)).not.toHaveProperty('capacity');
    expect(profileOf([said], edits).intake).not.toHaveProperty('pausedUntil');
  });
});

describe('a confidential partner', () => {
  it.each([
    ['gives help after violence', service({ categories: ['intimate-partner-violence'] }), true],
    ['is a crisis shelter', service({ kind: 'crisis-shelter' }), true],
    [
      'calls help after violence food',
      service({ kind: 'food', categories: ['elder-abuse'] }),
      true,
    ],
    ['is housing', service({ categories: ['homelessness'] }), false],
    ['says that it is', service({ isConfidential: true }), true],
    ['says that it is not', service({ kind: 'violence', isConfidential: false }), false],
  ])('%s', (_what, one, expected) => expect(profileOf([one]).isConfidential).toBe(expected));

  it('is so for all of its services, since they have one name', () =>
    expect(
      profileOf([service({ kind: 'crisis-shelter' }), rides], {}, 'transportation-insecurity'),
    ).toMatchObject({ isConfidential: true, kind: 'transport' }));

  it('is none where a person says so', () =>
    expect(profileOf([service({ kind: 'violence' })], { isConfidential: false })).toMatchObject({
      isConfidential: false,
      kind: 'violence',
    }));

  it('is one as soon as a person gives it such a kind', () =>
    expect(profileOf([service()], { kind: 'crisis-shelter' }).isConfidential).toBe(true));
});

describe('a word about capacity', () => {
  const now = new Date('2026-11-30T12:00:00Z');
  it.each([
    ['2026-11-20', false],
    ['2026-10-01', true],
    ['some day', true],
    [undefined, true],
  ])('of %s is old: %s', (saidAt, expected) =>
    expect(isAged(saidAt === undefined ? {} : { saidAt }, now)).toBe(expected),
  );

  it.each([
    ['capacity', true],
    ['no-capacity', false],
    ['waitlist', false],
    ['additional-assessment-required', false],
    ['something-new', false],
  ])('%s is room: %s', (code, expected) => expect(hasRoom({ code })).toBe(expected));
});
