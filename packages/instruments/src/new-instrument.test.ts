import type { fhir4 } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import { codePerson, type InstrumentTable, type PersonRecord } from '@loopwell/sdoh';
import { describe, expect, it } from 'vitest';
import { form, observation, patient } from '../../sdoh/test/bundles.ts';
import { shelfOf, tables } from './shelf.ts';

/**
 * A new instrument changes nothing that is stored: no id, no rule, no screening; nor does the order
 * of the shelf.
 */
const often = {
  category: 'food-insecurity',
  snomed: '733423003',
  icd10cm: 'Z59.41',
  display: 'Food insecurity',
};
const choices = [
  'LA28397-0',
  'LA6729-3',
  'LA28398-8',
  'LA33-6',
  'LA32-8',
  'LA30133-5',
  'LA99999-9',
];
const answers = choices.map((code) => ({
  code,
  display: code,
  positive: code !== 'LA28398-8',
  need: often,
}));
const question = (code: string) => ({
  code,
  label: code,
  categories: ['food-insecurity'],
  type: 'choice',
  answers,
  wordings: ['20tcnghbnl5'],
});

/** What nobody else asks. */
const own = '99992-9';

/** Smaller than any other, asking what they ask, and one question of its own. */
const made = (...codes: string[]): InstrumentTable => ({
  ...(tables[0] as InstrumentTable),
  id: 'a-new-one',
  panel: '99991-1',
  canonicals: ['http://loinc.org/q/99991-1'],
  questions: codes.map((code) =>
    code === own
      ? { code, label: code, categories: ['digital-access'], type: 'choice', open: true }
      : question(code),
  ),
});

const single = (id: string, code: string, answer: unknown, minute = 0) =>
  observation(id, code, answer, {
    effectiveDateTime: `2026-05-04T10:${String(minute).padStart(2, '0')}:00-05:00`,
  });
const untold = (given: Record<string, unknown>, change: object = {}) =>
  form('', given, { questionnaire: undefined, ...change });

const records: [string, object[]][] = [
  ['one bare question', [single('o1', '88122-7', 'LA28397-0')]],
  ['a bare question with an answer of no list', [single('o1', '88122-7', 'LA99999-9')]],
  [
    'two questions of one sitting',
    [single('o1', '88122-7', 'LA28397-0'), single('o2', '93030-5', 'LA33-6', 4)],
  ],
  ["a question of PRAPARE's list", [single('o1', '93030-5', 'LA30133-5')]],
  [
    'a form that tells nothing',
    [untold({ '88122-7': 'LA28397-0', '93030-5': 'LA33-6', '76513-1': 'LA15832-1' })],
  ],
  ['a form of the food questions', [untold({ '88122-7': 'LA28397-0', '88123-5': 'LA28398-8' })]],
  [
    'a form that tells its panel',
    [form('96777-8', { '88122-7': 'LA28397-0', '71802-3': 'LA31995-6' })],
  ],
  [
    'a form with a question of another',
    [form('96777-8', { '93030-5': 'LA33-6', '93031-3': 'LA30125-1' })],
  ],
];

/** What would be in the database, but for what the new instrument alone reads. */
function stored(some: readonly InstrumentTable[], resources: readonly object[]) {
  const of = (type: string) =>
    resources.filter((one) => (one as fhir4.Resource).resourceType === type);
  const record = {
    tenant: 'o',
    connection: 'c',
    base: 'https://ehr.example.org/fhir',
    person: 'p',
    patient: patient(),
    encounters: [],
    conditions: [],
    made: [],
    responses: of('QuestionnaireResponse'),
    observations: of('Observation'),
  } as unknown as PersonRecord;
  const coding = codePerson(record, shelfOf(some), { deriveId });
  return {
    screenings: coding.screenings
      .filter((one) => one.instrument !== 'a-new-one')
      .map(({ id, instrument, authored }) => [id, instrument, authored]),
    observations: coding.observations
      .filter((one) => one.resource.code.coding?.[0]?.code !== own)
      .map((one) => one.id),
    conditions: coding.conditions.map((one) => [one.id, one.resource.evidence]),
    evidence: coding.evidence.map(({ condition, observation: of_, rule, ruleVersion }) => [
      condition,
      of_,
      rule,
      ruleVersion,
    ]),
    needs: coding.needs,
  };
}

describe('a new instrument', () => {
  const sharing = [
    made('88122-7'),
    made('88122-7', '93030-5'),
    made('88122-7', '88123-5', '93030-5', '71802-3', own),
  ];
  it.each(records)(
    'changes nothing about %s, wherever it stands on the shelf',
    (_what, resources) => {
      const before = stored(tables, resources);
      for (const fresh of sharing)
        for (const shelf of [
          [...tables, fresh],
          [fresh, ...tables],
        ])
          expect(stored(shelf, resources)).toEqual(before);
    },
  );

  it.each(records)(
    'leaves %s as it is, though its own question was answered beside it',
    (_what, resources) => {
      const before = stored(tables, resources);
      const beside = [
        [...resources, single('x', own, 'LA28398-8', 1)],
        [
          ...resources,
          { ...single('x', own, 'LA28398-8'), effectiveDateTime: '2026-05-04T09:56:30-05:00' },
        ],
      ];
      for (const all of beside)
        expect(stored([...tables, made('88122-7', '93030-5', own)], all)).toEqual(before);
    },
  );

  it('is found in a form that tells nothing, beside what others ask', () => {
    const given = { '88122-7': 'LA28397-0', '93030-5': 'LA33-6' };
    const before = stored(tables, [untold(given)]);
    const after = stored(
      [...tables, made('88122-7', own)],
      [untold({ ...given, [own]: 'LA28398-8' })],
    );
    expect([after.screenings, after.evidence]).toEqual([before.screenings, before.evidence]);
  });
});

it.each(records)('the order of the shelf changes nothing about %s', (_what, resources) => {
  const before = stored(tables, resources);
  expect(stored(tables.toReversed(), resources)).toEqual(before);
  expect(
    stored(
      [...tables].sort((a, b) => (a.name < b.name ? -1 : 1)),
      resources,
    ),
  ).toEqual(before);
});
