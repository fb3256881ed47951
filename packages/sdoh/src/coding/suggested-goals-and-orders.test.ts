import { describe, expect, it } from 'vitest';
import {
  at,
  bundle,
  code,
  condition,
  conditionsOf,
  form,
  goal,
  issuesOf,
  observation,
  order,
  patient,
  type Suggested,
  suggestionsOf,
} from '../../test/bundles.ts';

const ahc = '96777-8';
const prapare = '93025-5';
const hvs = '88121-9';
const snomed = 'http://snomed.info/sct';
type Resources = Parameters<typeof bundle>;
const run = (...resources: Resources) => code(bundle(patient(), ...resources));
const suggested = (...resources: Resources) => suggestionsOf(run(...resources).transaction);

const hungry = (change: object = {}) =>
  form(hvs, { '88122-7': 'LA28397-0', '88123-5': 'LA28398-8' }, change);
const rideless = (change: object = {}) => form(ahc, { '93030-5': 'LA33-6' }, change);
const food = ['Goal food-insecurity 1078229009', 'ServiceRequest food-insecurity 467771000124109'];
const ride = [
  'Goal transportation-insecurity 611271000124109',
  'ServiceRequest transportation-insecurity 428632005',
];
const refuted = { verificationStatus: { coding: [{ code: 'refuted' }] } };
const noRide = (change: object = {}) =>
  condition('c7', 'transportation-insecurity', '551691000124106', change);
const before = { ...refuted, recordedDate: '2026-01-01' };

describe('what is suggested beside a new Condition', () => {
  it.each<[string, Resources, string[]]>([
    ['a Goal and a service for hunger', [hungry()], food],
    [
      'one of each for a category, whatever asked for it',
      [hungry(), form(prapare, { '93031-3': 'LA30125-1' }, { id: 'q2' })],
      food,
    ],
    [
      'one of each for two categories, Goals first',
      [hungry(), rideless({ id: 'q2' })],
      [food[0], ride[0], food[1], ride[1]] as string[],
    ],
    [
      'a place to live for who has none',
      [form(prapare, { '71802-3': 'LA30190-5' })],
      ['Goal homelessness 611221000124108', 'ServiceRequest homelessness 710911006'],
    ],
    [
      'nothing where no source names a goal or a service of the category',
      [form(ahc, { '96779-4': 'LA33-6' })],
      [],
    ],
    [
      'nothing where the service is paired with the category by us alone',
      [form(ahc, { '96778-6': ['LA28580-1', 'LA31998-0'] })],
      [],
    ],
    ['nothing for a need that is on file', [rideless(), noRide()], []],
    ['nothing for who answers that there is no need', [form(ahc, { '93030-5': 'LA32-8' })], []],
    ['nothing for what a person has to look at first', [form(ahc, { '95616-9': 'LA10066-1' })], []],
    [
      'nothing after a refutation of the same answer',
      [rideless(), noRide({ ...refuted, recordedDate: '2026-06-01' })],
      [],
    ],
    ['anew for an answer after a refutation', [rideless(), noRide(before)], ride],
    [
      'no Goal where one is pursued',
      [rideless(), goal('g', 'transportation-insecurity')],
      [ride[1]] as string[],
    ],
    [
      'no service where one is ordered',
      [rideless(), order('s', 'transportation-insecurity')],
      [ride[0]] as string[],
    ],
    [
      'neither where Goal and order say so by their codes alone',
      [
        rideless(),
        goal('g', '', {
          category: undefined,
          description: { coding: [{ system: snomed, code: '611271000124109' }] },
        }),
        order('s', '', {
          category: undefined,
          code: { coding: [{ system: snomed, code: '428632005' }] },
        }),
      ],
      [],
    ],
    [
      'both where Goal and order have ended',
      [
        rideless(),
        goal('g', 'transportation-insecurity', { lifecycleStatus: 'completed' }),
        order('s', 'transportation-insecurity', { status: 'revoked' }),
      ],
      ride,
    ],
    [
      'both where Goal and order are of another category',
      [rideless(), goal('g', 'food-insecurity'), order('s', 'food-insecurity')],
      ride,
    ],
    [
      'both where Goal and order were about a Condition that was refuted',
      [
        rideless(),
        noRide(before),
        goal('g', 'transportation-insecurity', {
          addresses: [{ reference: 'https://ehr.example.org/fhir/Condition/c7' }],
        }),
        order('s', 'transportation-insecurity', {
          reasonReference: [{ reference: 'Condition/c7' }],
        }),
      ],
      ride,
    ],
    [
      'both where the Goal is somebody else’s',
      [
        rideless(),
        goal('g', 'transportation-insecurity', { subject: { reference: 'Patient/p9' } }),
      ],
      ride,
    ],
    [
      'both where Goal and order have shapes that are none',
      [
        rideless(),
        goal('g', '', { category: 7, addresses: 'x' }),
        order('s', '', { category: [null, { coding: {} }] }),
      ],
      ride,
    ],
  ])('%s', (_title, resources, expected) => {
    expect(suggested(...resources)).toEqual(expected);
  });

  it('is nothing for people who have died', () => {
    const { transaction } = code(
      bundle(patient({ deceasedBoolean: true }), hungry(), rideless({ id: 'q2' })),
    );
    expect([conditionsOf(transaction), suggestionsOf(transaction)]).toEqual([[], []]);
  });

  it('is proposed and nobody’s order, of the answer’s own time, and about the Conditions of this transaction', () => {
    const answers = { '93030-5': 'LA33-6' };
    const { transaction } = run(form(ahc, answers, { encounter: { reference: 'Encounter/e1' } }), {
      resourceType: 'Encounter',
      id: 'e1',
      status: 'finished',
      class: { code: 'AMB' },
    });
    const entryOf = (type: string) =>
      transaction.find((one) => one.resource?.resourceType === type);
    const [made, aim, service] = ['Condition', 'Goal', 'ServiceRequest'].map(entryOf);
    const about = [{ reference: made?.fullUrl }];
    const subject = { reference: 'Patient/p1' };
    expect(aim?.resource).toMatchObject({ lifecycleStatus: 'proposed', addresses: about, subject });
    expect(service?.resource).toMatchObject({
      status: 'draft',
      intent: 'proposal',
      reasonReference: about,
      subject,
      encounter: { reference: 'Encounter/e1' },
      authoredOn: at,
      extension: [{ valueReference: { reference: aim?.fullUrl } }],
    });
    expect(service?.resource).not.toHaveProperty('requester');
    expect(transaction.slice(-2)).toEqual([aim, service]);
  });

  it('names the edition of each code', () => {
    for (const { resource } of run(hungry()).transaction.slice(-2)) {
      const { description, code: service } = resource as unknown as Suggested;
      expect((description ?? service)?.coding?.[0]?.version).toBe(
        'http://snomed.info/sct/731000124108',
      );
    }
  });

  it('has one name however often it is posted, and another after a refutation', () => {
    const namesOf = (...resources: Resources) =>
      run(...resources)
        .transaction.filter((one) =>
          ['Goal', 'ServiceRequest'].includes(one.resource?.resourceType ?? ''),
        )
        .map((one) => one.request?.ifNoneExist);
    const again = rideless({ id: 'q3', authored: '2026-08-01T10:00:00Z' });
    const first = namesOf(rideless());
    expect(namesOf(rideless(), again)).toEqual(first);
    const next = namesOf(again, noRide({ ...refuted, recordedDate: '2026-06-01' }));
    expect(next).toHaveLength(2);
    for (const one of next) expect(first).not.toContain(one);
  });

  it('does not say of a Goal or an order on file that it was not read', () => {
    expect(
      issuesOf(run(rideless(), goal('g', 'food-insecurity'), order('s', 'food-insecurity')).issues),
    ).toEqual([]);
  });

  it('rests on single Observations as it does on forms', () => {
    expect(suggested(observation('o1', '93030-5', 'LA33-6'))).toEqual(ride);
  });
});
