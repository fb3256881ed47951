import type { fhir4 } from '@loopwell/fhir';
import { shelfOf, tables } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { codePerson, type InstrumentTable, listRows, type PersonRecord } from '../index.ts';

type Dates = { version?: string; validFrom?: string; validTo?: string };

/** The AHC table, changed. */
function shelfWith(change: (table: InstrumentTable) => void) {
  const [ahc] = structuredClone(tables.filter((one) => one.id === 'ahc-hrsn'));
  if (ahc) change(ahc);
  return shelfOf(ahc ? [ahc] : []);
}

/** Writes something into the rows of a question's or an answer's code. */
function write(table: InstrumentTable, code: string, dates: Dates): void {
  for (const row of table.questions.flatMap((question) => [question, ...(question.answers ?? [])]))
    if (row.code === code) Object.assign(row, dates);
}

function recordOf(answers: Record<string, string>, authored: string): PersonRecord {
  const item = Object.entries(answers).map(([question, code]) => ({
    linkId: `/${question}`,
    answer: [{ valueCoding: { system: 'http://loinc.org', code } }],
  }));
  const form: fhir4.QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    id: 'r',
    status: 'completed',
    authored,
    item,
  };
  const questionnaire = 'http://loinc.org/q/96777-8';
  const none = { encounters: [], observations: [], conditions: [], made: [] };
  const person = '11111111-1111-4111-8111-111111111111';
  return {
    tenant: 'org',
    connection: 'ehr',
    base: 'https://ehr.example.org',
    person,
    ...none,
    responses: [{ ...form, questionnaire }],
  };
}

const rideless = { '93030-5': 'LA33-6' };
const dated = (code: string, dates: Dates) => shelfWith((table) => write(table, code, dates));
const codeOn = (
  day: string,
  shelf: ReturnType<typeof shelfOf>,
  answers: Record<string, string> = rideless,
) => codePerson(recordOf(answers, day), shelf, { deriveId });
const told = (coding: ReturnType<typeof codeOn>) =>
  coding.screenings.flatMap((one) => one.issues.map((issue) => issue.code));

describe('a row with dates of its own', () => {
  const window = { validFrom: '2026-01-01', validTo: '2026-12-31' };

  it.each([
    ['93030-5', window],
    ['LA33-6', window],
  ])(
    'codes answers from its first day to its last, and calls a person for others (%s)',
    (code, dates) => {
      const shelf = dated(code, dates);
      for (const day of ['2026-01-01T00:30:00+14:00', '2026-12-31']) {
        const coding = codeOn(day, shelf);
        expect([day, coding.conditions.length, told(coding)]).toEqual([day, 1, []]);
      }
      for (const day of ['2025-12-31T23:30:00-10:00', '2027-01-01']) {
        const coding = codeOn(day, shelf);
        expect([day, coding.conditions.length, told(coding)]).toEqual([
          day,
          0,
          ['unmapped-answer'],
        ]);
        expect(coding.screenings.map((one) => one.outcome)).toEqual(['needsPerson']);
        expect(coding.observations[0]?.resource).not.toHaveProperty('interpretation');
      }
    },
  );

  it('leaves every answer of before to rows without dates, whatever their table says', () => {
    const shelf = shelfWith((table) =>
      Object.assign(table, { validFrom: '2026-10-01', validTo: '2026-10-02' }),
    );
    expect(codeOn('2024-05-04', shelf).conditions).toHaveLength(1);
  });

  it('is named by its own version in the evidence', () => {
    expect(
      codeOn('2026-05-04', dated('LA33-6', { version: '2027.01' })).evidence.map(
        (one) => one.ruleVersion,
      ),
    ).toEqual(['2027.01']);
    expect(codeOn('2026-05-04', shelfOf(tables)).evidence.map((one) => one.ruleVersion)).toEqual([
      '2026.11',
    ]);
  });

  it('adds nothing to a score on other days: an item that cannot be read leaves it open', () => {
    const safety = ['95618-5', '95617-7', '95616-9', '95615-1'];
    const answers = Object.fromEntries(safety.map((one) => [one, 'LA6270-8']));
    const closed = shelfWith((table) => write(table, '95617-7', window));
    const total = (shelf: ReturnType<typeof shelfOf>) =>
      codeOn('2025-05-04', shelf, answers).readings.filter((one) => one.finding.computed).length;
    expect([total(shelfOf(tables)), total(closed)]).toEqual([1, 0]);
  });
});

it('gives every row of the shelf a source, a version and a first day', () => {
  const all = tables.flatMap(listRows);
  expect(all.length).toBeGreaterThan(200);
  expect(
    all.filter((one) => one.source === '' || one.version === '' || one.validFrom === ''),
  ).toEqual([]);
});
