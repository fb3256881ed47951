import { type fhir4, localExtensions, profiles, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { readServiceProfile } from './read-service-profile.ts';

const organization: fhir4.Organization = {
  resourceType: 'Organization',
  id: 'pantry',
  telecom: [{ system: 'phone', value: '612-555-0100' }],
};
const read = (more: object, locations: fhir4.Location[] = []) =>
  readServiceProfile({ resourceType: 'HealthcareService', ...more } as fhir4.HealthcareService, {
    service: 's1',
    categories: ['food-insecurity'],
    organization,
    locations,
  });
const extended = (url: string, value: object) => ({ extension: [{ url, ...value }] });
const parts = (url: string, ...extension: object[]) => extended(url, { extension });
const paused = (value: object) =>
  parts(localExtensions.partnerIntake, { url: 'pausedUntil', ...value });
const agreed = (kind: string, valuePeriod: object) =>
  parts(
    localExtensions.partnerAgreement,
    { url: 'kind', valueCode: kind },
    { url: 'period', valuePeriod },
  );

describe('what an entry of the directory says about a service', () => {
  it('is nothing where it says nothing, but the number of its Organization', () =>
    expect(read({})).toEqual({
      service: 's1',
      categories: ['food-insecurity'],
      places: [],
      phone: '612-555-0100',
    }));

  it('has its own number before that of the Organization', () =>
    expect(read({ telecom: [{ system: 'phone', value: '612-555-0101' }] }).phone).toBe(
      '612-555-0101',
    ));

  it('has hours of each weekday, and days on which it is away', () => {
    const time = (daysOfWeek: string[], from: string, to: string) => ({
      daysOfWeek,
      availableStartTime: from,
      availableEndTime: to,
    });
    const { hours } = read({
      availableTime: [
        time(['mon', 'tue'], '09:00:00', '12:00:00'),
        time(['mon'], '13:00:00', '16:30:00'),
        { daysOfWeek: ['sat'], allDay: true },
      ],
      notAvailable: [{ description: 'x', during: { start: '2026-12-24', end: '2026-12-26' } }],
    });
    const morning = { from: 540, to: 720 };
    expect(hours).toEqual({
      week: [
        [],
        [morning, { from: 780, to: 990 }],
        [morning],
        ...[[], [], []],
        [{ from: 0, to: 1440 }],
      ],
      closedDays: ['2026-12-24', '2026-12-25', '2026-12-26'],
    });
  });

  it('has the usual hours around days on which it is away', () =>
    expect(
      read({ notAvailable: [{ during: { start: '2026-12-24', end: '2026-12-24' } }] }).hours,
    ).toMatchObject({ week: { 1: [{ from: 480, to: 1020 }] }, closedDays: ['2026-12-24'] }));

  it('has a capacity of the guide, with who said it and when', () => {
    const concept = { coding: [{ system: systems.sdohcc, code: 'waitlist' }] };
    const extension = [
      {
        url: profiles.capacityStatus,
        extension: [
          { url: 'capacityStatus', valueCodeableConcept: concept },
          { url: 'capacityNotes', valueString: 'Two weeks' },
        ],
      },
      {
        url: localExtensions.capacitySaid,
        extension: [
          { url: 'by', valueString: 'Ana, pantry' },
          { url: 'at', valueDateTime: '2026-06-01' },
        ],
      },
    ];
    expect(read({ extension }).capacity).toEqual({
      code: 'waitlist',
      saidBy: 'Ana, pantry',
      saidAt: '2026-06-01',
      note: 'Two weeks',
    });
  });

  it('has the least of all codes of its capacity', () => {
    const coded = (...codes: string[]) => ({
      url: profiles.capacityStatus,
      extension: [
        {
          url: 'capacityStatus',
          valueCodeableConcept: {
            coding: codes.map((code) => ({ system: systems.sdohcc, code })),
          },
        },
      ],
    });
    const codeOf = (...extension: object[]) => read({ extension }).capacity?.code;
    expect(codeOf(coded('capacity', 'waitlist'))).toBe('waitlist');
    expect(codeOf(coded('capacity'), coded('no-capacity'))).toBe('no-capacity');
    expect(codeOf(coded('capacity'), coded('capacity'))).toBe('capacity');
  });

  it('has the kind of which most care is taken', () => {
    const coding = ['food', 'crisis-shelter'].map((code) => ({
      system: systems.partnerKind,
      code,
    }));
    expect(read({ type: [{ coding }] }).kind).toBe('crisis-shelter');
    expect(read({ type: coding.map((one) => ({ coding: [one] })) }).kind).toBe('crisis-shelter');
  });

  it.each([
    ['no appointment is needed', { appointmentRequired: false }],
    ['a characteristic', { characteristic: [{ text: 'Walk-ins welcome' }] }],
    ['the words', { extraDetails: 'Just walk in on Mondays.' }],
  ])('says walk-in: %s', (_how, more) => expect(read(more).isWalkIn).toBe(true));

  it('does not say walk-in where an appointment is required', () =>
    expect(read({ appointmentRequired: true, comment: 'A nice walk.' }).isWalkIn).toBeUndefined());

  it('says how people come, what it takes, its kind and its agreement', () => {
    const kind = { type: [{ coding: [{ system: systems.partnerKind, code: 'legal' }] }] };
    const [arrival, agreement] = [
      extended(localExtensions.partnerArrival, { valueCode: 'they-come' }),
      agreed('memorandum', { start: '2026-01-01', end: '2026-12-31' }),
    ];
    const intake = parts(
      localExtensions.partnerIntake,
      { url: 'pausedUntil', valueDate: '2026-12-05' },
      { url: 'perWeek', valuePositiveInt: 3 },
    );
    const secret = extended(localExtensions.partnerConfidential, { valueBoolean: true });
    const extension = [arrival, agreement, intake, secret].flatMap((one) => one.extension);
    expect(read({ ...kind, extension })).toMatchObject({
      arrival: 'theyCome',
      kind: 'legal',
      intake: { pausedUntil: '2026-12-05', perWeek: 3 },
      agreement: { kind: 'memorandum', from: '2026-01-01', until: '2026-12-31' },
      isConfidential: true,
    });
  });

  it('has the places of its Locations', () =>
    expect(
      read({}, [
        {
          resourceType: 'Location',
          name: 'High Street',
          address: { line: ['1 High St'], city: 'Worthington', state: 'MN', postalCode: '56187' },
        },
      ]).places,
    ).toEqual([{ name: 'High Street', address: '1 High St, Worthington, MN 56187' }]));
});

describe('an entry that cannot be relied on breaks a rule', () => {
  const twice = extended(localExtensions.partnerConfidential, { valueBoolean: true }).extension;
  it.each([
    [
      'a day that there is not',
      { availableTime: [{ daysOfWeek: ['domingo'], allDay: true }] },
      'day',
    ],
    ['hours without an end', { availableTime: [{ availableStartTime: '08:00:00' }] }, 'an end'],
    ['an hour that there is not', { availableTime: [{ availableStartTime: '25:00' }] }, 'an end'],
    ['an absence without a day', { notAvailable: [{ during: { end: '2026-12-05' } }] }, 'period'],
    ['another arrival', extended(localExtensions.partnerArrival, { valueCode: 'fly' }), 'people'],
    [
      'an inherited arrival',
      extended(localExtensions.partnerArrival, { valueCode: 'toString' }),
      'people',
    ],
    ['a pause until words', paused({ valueDateTime: 'soon' }), 'pausedUntil'],
    ['a pause without a moment', paused({ valueString: '2026-12-05' }), 'pausedUntil'],
    [
      'a number below one',
      parts(localExtensions.partnerIntake, { url: 'perWeek', valuePositiveInt: 0 }),
      'perWeek',
    ],
    ['another kind', { type: [{ coding: [{ system: systems.partnerKind, code: 'x' }] }] }, 'type'],
    ['an agreement without dates', agreed('memorandum', {}), 'agreement'],
    ['a start that there is not', agreed('memorandum', { start: '2020-13-45' }), '`start`'],
    [
      'an end that there is not',
      agreed('other', { start: '2026-01-01', end: '2026-02-30' }),
      '`end`',
    ],
    [
      'an end before the start',
      agreed('other', { start: '2026-02-01', end: '2026-01-01' }),
      '`end`',
    ],
    ['an agreement of another kind', agreed('handshake', { start: '2026-01-01' }), 'agreement'],
    [
      'a yes in words',
      extended(localExtensions.partnerConfidential, { valueString: 'no' }),
      'true',
    ],
    ['an extension twice', { extension: [...twice, ...twice] }, 'twice'],
  ])('%s', (_what, more, rule) => expect(() => read(more)).toThrow(rule));
});
