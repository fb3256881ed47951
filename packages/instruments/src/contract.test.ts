import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { fhir4 } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import {
  codePerson,
  findKindProblems,
  type Instrument,
  indexDangers,
  type PersonCoding,
  type PersonRecord,
} from '@loopwell/sdoh';
import { describe, expect, it } from 'vitest';
import { instruments } from './index.ts';
import { owners, settled, tables } from './shelf.ts';

/**
 * What every instrument of the shelf keeps. Fixtures are found by themselves: each
 * `<folder>/fixtures/*.json` holds the resources of one screening and what must come of them, no
 * more and no less.
 */
type Fixture = {
  title: string;
  birthDate?: string;
  resources: (fhir4.QuestionnaireResponse | fhir4.Observation)[];
  expected: {
    outcome: string;
    positive: string[];
    conditions: string[];
    issues: string[];
    restricted: string[];
  };
};

const here = fileURLToPath(new URL('.', import.meta.url));
const folders = readdirSync(here, { withFileTypes: true }).flatMap((one) =>
  one.isDirectory() ? [one.name] : [],
);

const fixturesOf = (folder: string): [string, Fixture][] =>
  readdirSync(`${here}${folder}/fixtures`)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(`${here}${folder}/fixtures/${name}`, 'utf8')) as Fixture)
    .map((one) => [one.title, one]);

function recordOf({ resources, birthDate }: Fixture): PersonRecord {
  return {
    tenant: 'org',
    connection: 'ehr',
    base: 'https://ehr.example.org/fhir',
    person: '11111111-1111-4111-8111-111111111111',
    ...(birthDate ? { patient: { resourceType: 'Patient', id: 'p1', birthDate } } : {}),
    encounters: [],
    responses: resources.filter((one) => one.resourceType === 'QuestionnaireResponse'),
    observations: resources.filter((one) => one.resourceType === 'Observation'),
    conditions: [],
    made: [],
  };
}

const codeOf = (concept: fhir4.CodeableConcept | undefined, system: string) =>
  concept?.coding?.find((one) => one.system?.includes(system))?.code;

function summaryOf(coding: PersonCoding): Fixture['expected'] {
  const value = (one: fhir4.Observation) =>
    codeOf(one.valueCodeableConcept, 'loinc') ?? String(one.valueQuantity?.value ?? '');
  const observations = coding.observations.map((one) => one.resource);
  const category = (one: fhir4.Condition) =>
    codeOf(
      one.category?.find((concept) => codeOf(concept, 'SDOHCC')),
      'SDOHCC',
    );
  return {
    outcome: coding.screenings.map((one) => one.outcome).join(),
    positive: observations
      .flatMap((one) => (one.interpretation ? [`${codeOf(one.code, 'loinc')} ${value(one)}`] : []))
      .sort(),
    conditions: coding.conditions
      .map(({ resource }) =>
        [
          category(resource),
          codeOf(resource.code, 'snomed') ?? '-',
          codeOf(resource.code, 'icd-10'),
        ].join(' '),
      )
      .sort(),
    issues: coding.screenings.flatMap((one) => one.issues.map((issue) => issue.code)).sort(),
    restricted: observations
      .flatMap((one) => (one.meta?.security ? [codeOf(one.code, 'loinc') ?? ''] : []))
      .sort(),
  };
}

describe('the shelf of instruments', () => {
  it('has one folder for each instrument, named as it is, and none beside', () => {
    expect(instruments.map((one) => one.id).sort()).toEqual(folders.sort());
    const panels = instruments.map((one) => one.panel).filter((one) => one !== '');
    expect(new Set(panels).size).toBe(panels.length);
    expect(new Set(instruments.flatMap((one) => one.canonicals)).size).toBe(
      instruments.flatMap((one) => one.canonicals).length,
    );
  });

  it('has one declared owner for each question that several ask, which no newer instrument is', () => {
    const asking = Map.groupBy(
      instruments.flatMap((one) => one.questions.map((question) => ({ question, id: one.id }))),
      (one) => one.question,
    );
    const shared = [...asking].filter(([, some]) => some.length > 1);
    expect(Object.keys(owners).sort()).toEqual(shared.map(([question]) => question).sort());
    for (const [question, some] of shared) {
      const older = some.filter((one) => settled.has(one.id));
      expect((older.length > 0 ? older : some).map((one) => one.id)).toContain(owners[question]);
    }
  });

  it.each(folders)('%s states its source: version, editions and a LOINC canonical', (folder) => {
    const instrument = instruments.find((one) => one.id === folder) as Instrument;
    expect(instrument.version).toMatch(/^\d{4}\.\d{2}$/);
    expect(instrument.codeSystems['http://snomed.info/sct']).toMatch(
      /^http:\/\/snomed\.info\/sct\/\d+$/,
    );
    // Single questions that came out of their instrument have no panel that a source verifies.
    if (instrument.panel !== '')
      expect(instrument.canonicals).toContain(`http://loinc.org/q/${instrument.panel}`);
    expect(instrument.questions.length).toBeGreaterThan(0);
  });

  it('knows each wording as one question, and by a name that people use', () => {
    expect(
      instruments.map((one) => one.short).filter((one) => one === undefined || one === ''),
    ).toEqual([]);
    const rows = tables.flatMap((table) =>
      table.questions.map((row) => ({ table: table.id, row })),
    );
    for (const { table, row } of rows)
      for (const hash of [...(row.alike ?? []), ...(row.halves ?? [])]) {
        const others = rows.filter((one) =>
          [...(one.row.alike ?? []), ...(one.row.halves ?? [])].includes(hash),
        );
        expect([table, new Set(others.map((one) => one.row.code)).size]).toEqual([table, 1]);
      }
    expect(rows.every(({ row }) => row.halves === undefined || row.halves.length > 1)).toBe(true);
  });

  it('says of each danger whether to see the person first or to call them today', () => {
    expect(findKindProblems(tables)).toEqual([]);
    const kinds = [...indexDangers(tables)].map(([rule, { kind }]) => `${rule} ${kind}`);
    expect(kinds.sort()).toEqual([
      'ahc-hrsn/96779-4/LA32002-0 call-today',
      'phq-9/44260-8/LA6569-3 see-first',
      'phq-9/44260-8/LA6570-1 see-first',
      'phq-9/44260-8/LA6571-9 see-first',
      'prapare/76501-6/LA33-6 see-first',
      'prapare/93026-3/LA32-8 see-first',
    ]);
  });

  it.each(folders)('%s has fixtures, one that needs something and one that does not', (folder) => {
    const fixtures = fixturesOf(folder);
    const instrument = instruments.find((one) => one.id === folder) as Instrument;
    const asks = instrument.questions.some((one) => instrument.asksFor(one).length > 0);
    expect(fixtures.some(([, one]) => one.expected.conditions.length > 0)).toBe(asks);
    expect(fixtures.some(([, one]) => one.expected.conditions.length === 0)).toBe(true);
  });
});

describe.each(folders)('%s', (folder) => {
  it.each(fixturesOf(folder))('%s', (_title, fixture) => {
    const coding = codePerson(recordOf(fixture), instruments, { deriveId });
    expect(coding.screenings.map((one) => one.instrument)).toEqual([folder]);
    expect(summaryOf(coding)).toEqual(fixture.expected);
  });

  it.each(fixturesOf(folder))('explains each code: %s', (_title, fixture) => {
    const instrument = instruments.find((one) => one.id === folder) as Instrument;
    const coding = codePerson(recordOf(fixture), instruments, { deriveId });
    for (const { id, resource } of coding.conditions) {
      const evidence = coding.evidence.filter((one) => one.condition === id);
      const codes = (resource.code?.coding ?? []).map((one) => `${one.system} ${one.code}`);
      expect(evidence.length).toBeGreaterThan(0);
      for (const one of evidence) {
        expect(
          resource.evidence?.flatMap((part) => part.detail ?? []).map((detail) => detail.reference),
        ).toContain(one.observation);
        expect(one.source).toMatch(/^(QuestionnaireResponse|Observation)\/\w+/);
        expect(one.rule.startsWith(`${folder}/`)).toBe(true);
        expect(one.ruleVersion).toBe(instrument.version);
        expect(one.codeSystems.map((code) => `${code.system} ${code.code}`)).toEqual(codes);
        expect(one.codeSystems.every((code) => code.version !== '')).toBe(true);
        expect(one.sentence).toMatch(
          /^Suggested because “.+”: .+ was answered on 2026-05-04 \(.+\)\.$/,
        );
      }
      expect(
        coding.provenances.filter((one) => one.resource.target[0]?.reference === `Condition/${id}`),
      ).toHaveLength(1);
    }
  });
});
