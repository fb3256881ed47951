import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  condition,
  form,
  goal,
  observation,
  order,
  patient,
} from '../../test/bundles.ts';

/**
 * The same bytes give the same bytes, and the order of the entries changes nothing but the order of
 * what is said.
 */
const [ahc, prapare, hvs] = ['96777-8', '93025-5', '88121-9'];
type Entries = Parameters<typeof bundle>;
const named = { identifier: [{ system: 'urn:visits', value: '1' }] };
const formNamed = { identifier: named.identifier[0] };
const flag = (code: string) => ({
  interpretation: [
    {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code },
      ],
    },
  ],
});
const members = (...ids: string[]) => ({
  hasMember: ids.map((id) => ({ reference: `Observation/${id}` })),
});
const visit = (id: string, status: string) => ({
  resourceType: 'Encounter',
  id,
  status,
  subject: { reference: 'Patient/p1' },
  period: { start: '2026-05-04' },
});
const labeled = {
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ETH' }] },
};
const verified = (code: string) => ({ verificationStatus: { coding: [{ code }] } });
const minutes = (time: string) => ({ effectiveDateTime: `2026-05-04T10:0${time}:00-05:00` });
const ride = (id: string, answer: string, change: object = {}) =>
  observation(id, '93030-5', answer, change);

const records: [string, Entries][] = [
  [
    'answers given twice, visits, and Conditions of one need',
    [
      patient(),
      visit('e1', 'finished'),
      visit('e2', 'entered-in-error'),
      form(
        ahc,
        { '93030-5': 'LA33-6', '88122-7': 'LA28397-0', '88124-3': 'LA19983-8' },
        { encounter: { reference: 'Encounter/e1' } },
      ),
      ride('o1', 'LA33-6', labeled),
      observation('o2', '93030-5', { valueString: 'Yes' }),
      ride('o3', 'LA32-8'),
      condition('c1', 'transportation-insecurity', '551691000124106'),
      condition('c2', 'transportation-insecurity', '713458007'),
      condition('c3', 'food-insecurity', '733423003', {
        ...verified('refuted'),
        recordedDate: '2026-06-01',
      }),
      condition('c4', 'food-insecurity', '733423003', { code: {} }),
    ],
  ],
  [
    'one identifier, and panels that hold some of it',
    [
      patient(),
      ride('o1', 'LA33-6', { ...named, ...labeled }),
      ride('o2', 'LA32-8', named),
      ride('o3', 'LA33-6', { ...named, effectiveDateTime: '2026-05-05' }),
      observation('p', ahc, {}, { ...flag('NEG'), ...members('o1', 'o2', 'o3') }),
      observation('q', ahc, {}, { ...flag('POS'), ...members('o1', 'o3') }),
    ],
  ],
  [
    'two people',
    [
      patient(),
      patient({ id: 'p2', identifier: [] }),
      ride('o1', 'LA33-6'),
      ride('o2', 'LA33-6', { subject: { reference: 'Patient/p2' } }),
      observation('o3', '96779-4', 'LA33-6'),
    ],
  ],
  [
    'forms and stated scores of one sitting',
    [
      patient(),
      form(ahc, { '71802-3': 'LA31995-6' }),
      form(prapare, { '93033-9': 'LA33-6', '71802-3': 'LA30190-5' }, { id: 'q2' }),
      form(hvs, { '88122-7': 'LA28397-0', '88123-5': 'LA28398-8' }, { id: 'q3' }),
      observation('s1', '88124-3', 'LA19983-8', minutes('2')),
      observation('s2', '88124-3', 'LA19952-3', minutes('2')),
      condition('c1', 'homelessness', '32911000'),
      condition('c2', 'housing-instability', '1156191002', { recordedDate: '2026-06-01' }),
      goal('g1', 'food-insecurity'),
      order('s1', 'transportation-insecurity'),
    ],
  ],
  [
    'items of a total, filed minutes apart',
    [
      patient(),
      observation('a', '95618-5', 'LA6482-9'),
      observation('b', '95617-7', 'LA6270-8', minutes('4')),
      observation('c', '95616-9', 'LA6270-8', minutes('8')),
      observation('d', '95615-1', 'LA6270-8'),
      observation('e', '95614-4', 4),
      observation('f', '95614-4', 9),
    ],
  ],
  [
    'versions, of which some are the same',
    [
      patient(),
      form(ahc, { '93030-5': 'LA33-6' }, formNamed),
      form(ahc, { '93030-5': 'LA32-8' }, { id: 'q2', ...formNamed }),
      form(ahc, { '93030-5': 'LA33-6' }, { id: 'q3', ...formNamed, status: 'in-progress' }),
      ride('o1', 'LA33-6', { meta: { versionId: '2' } }),
      ride('o1', 'LA32-8', { meta: { versionId: '1' } }),
      ride('o1', 'LA32-8', { meta: { versionId: '2' } }),
    ],
  ],
];

/** What comes of it, each place named by the entry rather than by its number. */
function outcome(entries: readonly object[], numbers: readonly number[]): string[] {
  const whole = bundle();
  const { transaction, issues } = code({
    ...whole,
    entry: numbers.map((number) => entries[number]),
  });
  const placed = issues.map((one) => ({
    ...one,
    expression: one.expression?.map((place) =>
      place.replace(/entry\[(\d+)\]/, (_all, n) => `entry ${numbers[Number(n)]}`),
    ),
  }));
  return [...transaction, ...placed].map((one) => JSON.stringify(one)).sort();
}

describe.each(records)('%s', (_what, resources) => {
  const { entry } = bundle(...resources);
  const numbers = entry.map((_one, index) => index);

  it('gives the same bytes again', () => {
    const bytes = () =>
      JSON.stringify(code(JSON.parse(JSON.stringify(bundle(...resources)))).parameters);
    expect(bytes()).toBe(bytes());
  });

  it('says the same in any order', () => {
    const expected = outcome(entry, numbers);
    fc.assert(
      fc.property(fc.shuffledSubarray(numbers, { minLength: numbers.length }), (order) => {
        expect(outcome(entry, order)).toEqual(expected);
      }),
      { seed: 20_261_129, numRuns: 25 },
    );
  });
});
