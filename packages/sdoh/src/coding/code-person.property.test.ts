import type { fhir4 } from '@loopwell/fhir';
import { instruments, tables as shelf } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codePerson,
  icd10cmRows,
  localDateOf,
  type PersonCoding,
  type PersonRecord,
} from '../index.ts';

/**
 * Whatever an EHR holds about a person: forms, single Observations and panels, of any status, at
 * few times so that they meet.
 */
const loinc = 'http://loinc.org';
const tested = ['ahc-hrsn', 'hunger-vital-sign', 'prapare', 'ahc-hrsn-supplemental'];
const tables = shelf.filter((table) => tested.includes(table.id));
const questions = tables.flatMap((table) =>
  table.questions.map((row) => ({
    table,
    code: row.code,
    answers: (row.answers ?? []).map((answer) => answer.code),
  })),
);

const time = fc.constantFrom(
  '2026-05-04T10:00:00-05:00',
  '2026-05-04T15:00:00Z',
  '2026-05-04',
  '2026-06-01T08:00:00Z',
  '2025-09-30T23:30:00-05:00',
  '2025-10-01T00:30:00-05:00',
  '2020',
  '2026-02-30',
  undefined,
);
const question = fc.constantFrom(...questions);
const value = (codes: readonly string[]) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .constantFrom(...(codes.length > 0 ? codes : ['LA33-6']))
        .map((code) => ({ valueCodeableConcept: { coding: [{ system: loinc, code }] } })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('Yes', 'no', 'often true', 'x')
        .map((text) => ({ valueString: text })),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: -1, max: 30 }).map((number) => ({ valueInteger: number })),
    },
    {
      weight: 1,
      arbitrary: fc.constant({ dataAbsentReason: { coding: [{ code: 'asked-declined' }] } }),
    },
    { weight: 1, arbitrary: fc.jsonValue().map((garbage) => ({ valueCodeableConcept: garbage })) },
  );
const given = question.chain((asked) =>
  fc.record({ asked: fc.constant(asked), value: value(asked.answers) }),
);

const status = fc.constantFrom(
  'final',
  'final',
  'final',
  'amended',
  'preliminary',
  'entered-in-error',
  'unknown',
);
const survey = [
  {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' },
    ],
  },
];

const observation = fc
  .record({
    given,
    status,
    time,
    panel: fc.constantFrom(undefined, undefined, '96777-8', '93025-5'),
  })
  .map(({ given: { asked, value: said }, panel, ...one }) => ({
    resourceType: 'Observation',
    status: one.status,
    category: survey,
    ...(one.time ? { effectiveDateTime: one.time } : {}),
    code: { coding: [{ system: loinc, code: panel ?? asked.code }] },
    ...(panel
      ? { component: [{ code: { coding: [{ system: loinc, code: asked.code }] }, ...said }] }
      : said),
  }));

const response = fc
  .record({
    answers: fc.array(given, { maxLength: 6 }),
    time,
    status: fc.constantFrom(
      'completed',
      'completed',
      'completed',
      'amended',
      'in-progress',
      'entered-in-error',
    ),
  })
  .map((one) => ({
    resourceType: 'QuestionnaireResponse',
    status: one.status,
    questionnaire: `http://loinc.org/q/${one.answers[0]?.asked.table.panel ?? '88121-9'}`,
    ...(one.time ? { authored: one.time } : {}),
    item: one.answers.map(({ asked, value: said }) => {
      const coded = (said as { valueCodeableConcept?: fhir4.CodeableConcept }).valueCodeableConcept;
      const answer = coded ? { valueCoding: coded?.coding?.[0] ?? coded } : said;
      return { linkId: `/${asked.code}`, answer: [answer] };
    }),
  }));

const condition = fc
  .record({
    snomed: fc.constantFrom('733423003', '32911000', '1156191002', '551691000124106'),
    verification: fc.constantFrom('confirmed', 'refuted', 'unconfirmed', 'entered-in-error'),
  })
  .map((one) => ({
    resourceType: 'Condition',
    recordedDate: '2026-05-20',
    verificationStatus: { coding: [{ code: one.verification }] },
    code: { coding: [{ system: 'http://snomed.info/sct', code: one.snomed }] },
  }));

type Held = Pick<PersonRecord, 'responses' | 'observations' | 'conditions'>;

const withIds = <T>(prefix: string, some: readonly object[]) =>
  some.map((one, index) => ({ ...one, id: `${prefix}${index}` })) as T[];
const held: fc.Arbitrary<Held> = fc
  .record({
    responses: fc.array(response, { maxLength: 4 }),
    observations: fc.array(observation, { maxLength: 8 }),
    conditions: fc.array(condition, { maxLength: 2 }),
  })
  .map((one) => ({
    responses: withIds('r', one.responses),
    observations: withIds('o', one.observations),
    conditions: withIds('c', one.conditions),
  }));

function code(one: Held, made: readonly fhir4.Condition[] = []): PersonCoding {
  const person = '11111111-1111-4111-8111-111111111111';
  const record: PersonRecord = {
    tenant: 'org',
    connection: 'ehr',
    base: 'https://ehr.example.org/fhir',
    person,
    encounters: [],
    patient: { resourceType: 'Patient', birthDate: '1980-01-01' },
    ...one,
    made,
  };
  return codePerson(record, instruments, { deriveId });
}

/** All but suggestions that were taken back on the way. */
const standing = ({ withdrawn: _withdrawn, ...coding }: PersonCoding) => coding;
const runs = { numRuns: 150 };

function shuffled<T>(some: readonly T[], seed: number): T[] {
  return [...some]
    .map((one, index) => ({ one, key: Math.sin(seed + index * 7.13) }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);
}

describe('whatever an EHR holds', () => {
  it('is coded alike in any order and when everything came twice', () => {
    fc.assert(
      fc.property(held, fc.integer(), (one, seed) => {
        const twice = <T>(some: readonly T[]) => shuffled([...some, ...some], seed);
        const other = {
          responses: twice(one.responses),
          observations: twice(one.observations),
          conditions: twice(one.conditions),
        };
        expect(code(other)).toEqual(code(one));
      }),
      runs,
    );
  });

  it('is coded alike in one pass and in several, whatever came first', () => {
    fc.assert(
      fc.property(held, fc.integer(), (one, seed) => {
        let made = new Map<string, fhir4.Condition>();
        const all = shuffled([...one.responses, ...one.observations], seed);
        const seen: (fhir4.QuestionnaireResponse | fhir4.Observation)[] = [];
        let last: PersonCoding | undefined;
        for (const next of [...all, undefined]) {
          if (next) seen.push(next);
          last = code(
            {
              conditions: one.conditions,
              responses: seen.filter((two) => two.resourceType === 'QuestionnaireResponse'),
              observations: seen.filter((two) => two.resourceType === 'Observation'),
            },
            [...made.values()],
          );
          made = new Map([
            ...made,
            ...[...last.conditions, ...last.withdrawn].map(
              (two) => [two.id, two.resource] as const,
            ),
          ]);
        }
        const whole = code(one);
        expect(last && standing(last)).toEqual(standing(whole));
        // What is left over from the passes between is nobody's active Condition.
        const active = [...made.values()]
          .filter((two) => two.clinicalStatus)
          .map((two) => two.id)
          .sort();
        expect(active).toEqual(whole.conditions.map((two) => two.id).sort());
      }),
      runs,
    );
  });

  it('makes one active Condition for each need, each with evidence and a code of its day, and never both kinds of housing need', () => {
    fc.assert(
      fc.property(held, (one) => {
        const coding = code(one);
        const keys = coding.conditions.map(({ resource }) =>
          JSON.stringify([
            resource.category?.at(-1),
            resource.code?.coding?.find((two) => two.system?.includes('snomed'))?.code ??
              resource.code?.text,
          ]),
        );
        expect(new Set(keys).size).toBe(keys.length);
        const categories = coding.needs.map((need) => need.category);
        expect(
          categories.includes('homelessness') && categories.includes('housing-instability'),
        ).toBe(false);
        for (const { id, resource } of coding.conditions) {
          expect(resource.evidence?.length).toBeGreaterThan(0);
          expect(coding.evidence.some((two) => two.condition === id)).toBe(true);
          expect(resource.verificationStatus?.coding?.[0]?.code).toBe('unconfirmed');
          const leaf =
            resource.code?.coding?.find((two) => two.system?.includes('icd'))?.code ?? '';
          const day = localDateOf(resource.recordedDate ?? '');
          const row = icd10cmRows[leaf];
          // Of days whose leaf is in no bound value set the finding stands alone.
          if (leaf === '') {
            expect(day < '2021-10-01' && resource.code?.coding?.length).toBe(1);
            continue;
          }
          expect(row && row.from <= day && (row.until ?? '9999') >= day, `${leaf} on ${day}`).toBe(
            true,
          );
        }
      }),
      runs,
    );
  });

  it('loses no answer: each resource is in exactly one screening or more, and each usable answer is an Observation or an issue', () => {
    fc.assert(
      fc.property(held, (one) => {
        const coding = code(one);
        const sources = new Set(coding.screenings.flatMap((two) => two.sources));
        for (const two of one.observations)
          expect([two.id, sources.has(`Observation/${two.id}`)]).toEqual([two.id, true]);
        const derived = new Set(
          coding.observations.flatMap((two) =>
            two.sources.map((source) => source.split('/').slice(-2).join('/')),
          ),
        );
        const told = new Set(
          coding.screenings.flatMap((two) => [
            ...two.issues.map((issue) => issue.source),
            ...(two.quarantine ? two.sources : []),
          ]),
        );
        const single = new Set(
          one.observations.filter((two) => !two.component).map((two) => `Observation/${two.id}`),
        );
        for (const two of one.responses) {
          if (two.status !== 'completed' || (two.item ?? []).length === 0) continue;
          const source = `QuestionnaireResponse/${two.id}`;
          // A form whose every answer also came as Observations of the same instant counts once, as
          // those.
          const isDouble = coding.screenings.some(
            (three) =>
              three.sources.includes(source) && three.sources.some((other) => other !== source),
          );
          expect([
            source,
            derived.has(source) || told.has(source) || isDouble || single.has(source),
          ]).toEqual([source, true]);
        }
      }),
      runs,
    );
  });

  it('names each need that no policy may act on, and acts on none that is sensitive', () => {
    fc.assert(
      fc.property(held, (one) => {
        for (const need of code(one).needs) {
          expect(need.conditions.length).toBeGreaterThan(0);
          expect([
            'intimate-partner-violence',
            'incarceration-status',
            'sdoh-category-unspecified',
          ]).not.toContain(need.category);
        }
      }),
      runs,
    );
  });
});
