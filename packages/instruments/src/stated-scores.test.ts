import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { at, bundle, code, conditionsOf, form, issuesOf, loinc, observation, observationsOf, patient } from './bundles.ts';

const [ahc, hvs] = ['96777-8', '88121-9'];
const [worried, last, risk, total] = ['88122-7', '88123-5', '88124-3', '95614-4'];
const [often, never, refused, atRisk, noRisk] = ['LA28397-0', 'LA28398-8', 'LA15775-2', 'LA19952-3', 'LA19983-8'];
const hungry = 'POST food-insecurity 733423003 Z59.41';
type Loose = Parameters<typeof bundle>[number];
const run = (...resources: Loose[]) => code(bundle(patient(), ...resources));
const by = { performer: [{ reference: 'Patient/p1' }] };
const derived = (...ids: string[]) => ({ derivedFrom: ids.map((id) => ({ reference: `Observation/${id}` })) });
const said = (answer: string, display: string) => ({ valueCodeableConcept: { coding: [{ system: loinc, code: answer, display }] } });
const asserters = (entries: readonly fhir4.BundleEntry[]) =>
  entries.flatMap(({ resource }) => (resource?.resourceType === 'Condition' ? [(resource as fhir4.Condition).asserter?.reference] : []));

/** The record after the answer to it was posted. */
function posted(before: readonly Loose[], entries: readonly fhir4.BundleEntry[]): Loose[] {
  const put = entries.filter((one) => one.request?.method === 'PUT').map((one) => one.resource as unknown as Loose);
  const made = entries
    .filter((one) => one.request?.method === 'POST')
    .map((one) => ({ ...one.resource, id: one.fullUrl?.replace('urn:uuid:', '') }) as unknown as Loose);
  const names = new Map(made.map((one) => [`urn:uuid:${one.id}`, `${one.resourceType}/${one.id}`]));
  const now = (one: Loose) => put.find((other) => other.resourceType === one.resourceType && other.id === one.id) ?? one;
  const text = JSON.stringify([...before.map(now), ...made]);
  return JSON.parse(text.replaceAll(/urn:uuid:[0-9a-f-]{36}/g, (name) => names.get(name) ?? name)) as Loose[];
}

describe('a stated food insecurity risk whose items do not count', () => {
  const score = (answer: string, change: object = {}) => observation('c', risk, answer, change);
  it.each(['entered-in-error', 'preliminary'])('says nothing beside the one that does: the other is %s', (status) => {
    for (const change of [{}, derived('a', 'b')]) {
      const items = [observation('a', worried, often, { status }), observation('b', last, never)];
      const { transaction, issues } = run(...items, score(atRisk, change));
      expect([conditionsOf(transaction), observationsOf(transaction)]).toEqual([[], [`PUT ${last} ${never}`, `PUT ${risk} ${atRisk}`]]);
      expect(issuesOf(issues)).toEqual(['information not-coded [1].resource', 'warning contradiction [3].resource']);
    }
  });

  it.each(['entered-in-error', 'preliminary'])('says nothing where all of them are %s, whenever they were filed', (status) => {
    for (const change of [{}, { effectiveDateTime: '2026-05-04T08:00:00-05:00', ...derived('a', 'b') }]) {
      const items = [observation('a', worried, often, { status }), observation('b', last, often, { status })];
      const { transaction, issues } = run(...items, score(atRisk, change));
      expect([conditionsOf(transaction), observationsOf(transaction)]).toEqual([[], [`PUT ${risk} ${atRisk}`]]);
      expect(issuesOf(issues)).toContain('information not-coded [3].resource');
    }
  });

  it('counts where no item is there, and where the mistake was answered anew', () => {
    expect(conditionsOf(run(score(atRisk)).transaction)).toEqual([hungry]);
    const mistaken = observation('a', worried, never, { status: 'entered-in-error' });
    const anew = [observation('a2', worried, often), observation('b', last, never)];
    const { transaction, issues } = run(mistaken, ...anew, score(atRisk, derived('a', 'b')));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([[hungry], ['information not-coded [1].resource']]);
  });

  it('does not outweigh the item that says the need', () => {
    const items = [observation('a', worried, never, { status: 'preliminary' }), observation('b', last, often, by)];
    const { transaction } = run(...items, score(noRisk, derived('a', 'b')));
    expect([conditionsOf(transaction), asserters(transaction)]).toEqual([[hungry], ['Patient/p1']]);
  });
});

describe('a food insecurity risk is computed from complete answers only', () => {
  const declined = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'asked-declined' }] };
  it.each<[string, Loose[]]>([
    ['free text', [observation('b', last, { valueString: 'it depends' })]],
    ['invalid', [observation('b', last, never, { dataAbsentReason: declined })]],
    ['refused by its own answer', [observation('b', last, refused)]],
    ['refused by a reason', [observation('b', last, { dataAbsentReason: declined })]],
    ['contradicted by its words', [observation('b', last, said(never, 'Often true'))]],
    ['not there', []],
  ])('where one is often true and the other %s, who answered asserts the need', (_title, other) => {
    const first = observation('a', worried, often, by);
    const alone = run(first, ...other);
    expect([conditionsOf(alone.transaction), asserters(alone.transaction)]).toEqual([[hungry], ['Patient/p1']]);
    expect(observationsOf(alone.transaction).join()).not.toContain(risk);
    const stated = run(first, ...other, observation('c', risk, noRisk));
    expect([conditionsOf(stated.transaction), asserters(stated.transaction)]).toEqual([[hungry], ['Patient/p1']]);
    expect(observationsOf(stated.transaction).filter((one) => one.includes(risk))).toEqual([`PUT ${risk} ${noRisk}`]);
    expect(issuesOf(stated.issues)).toContain(`warning contradiction [${other.length + 2}].resource`);
  });

  it('an answer that its words contradict gives none, and denies no need', () => {
    const before = form(hvs, { [worried]: often, [last]: often }, { authored: '2026-05-01T10:00:00-05:00' });
    const { transaction, issues } = run(before, observation('a', worried, said(never, 'Often true')), observation('b', last, never));
    expect(conditionsOf(transaction)).toEqual([hungry]);
    expect(observationsOf(transaction).filter((one) => one.includes(risk))).toEqual([`POST ${risk} ${atRisk} POS`]);
    expect(issuesOf(issues)).toEqual(['warning contradiction [2].resource']);
  });
});

describe('the safety score', () => {
  const items = ['95618-5', '95617-7', '95616-9', '95615-1'];
  const lowest = 'LA6270-8';
  it('is not computable from an answer that its words contradict: a person looks', () => {
    const rest = items.slice(1).map((one, index) => observation(`o${index}`, one, lowest));
    const { transaction, issues } = run(observation('a', '95618-5', said(lowest, 'Frequently (5)')), ...rest);
    expect(observationsOf(transaction).join()).not.toContain(total);
    expect(issuesOf(issues)).toEqual(['warning contradiction [1].resource', 'warning sensitive [1].resource']);
  });

  it('is not computed beside a stated one, not even beside one that disagrees: a person is told', () => {
    const record = [...items.map((one, index) => observation(`o${index}`, one, lowest)), observation('c', total, 9)];
    const first = run(...record);
    expect(observationsOf(first.transaction).filter((one) => one.includes(total))).toEqual([`PUT ${total} 9 R`]);
    const second = run(...posted(record, first.transaction));
    expect(observationsOf(second.transaction).filter((one) => one.startsWith('POST'))).toEqual([]);
    expect([first, second].map(({ issues }) => issuesOf(issues).filter((one) => one.includes('contradiction')))).toEqual([
      ['warning contradiction [5].resource'],
      ['warning contradiction [5].resource'],
    ]);
  });
});

describe('a record that was coded and posted', () => {
  it.each<[string, Loose[]]>([
    [
      'single Observations',
      [observation('a', worried, often), observation('b', last, never), observation('c', risk, noRisk, derived('a', 'b'))],
    ],
    ['a form', [form(hvs, { [worried]: never, [last]: often, [risk]: noRisk })]],
    ['no risk, and the stated one at risk', [form(hvs, { [worried]: never, [last]: never, [risk]: atRisk }, { authored: at })]],
  ])('gets no second food insecurity risk, and no other contradiction: %s', (_title, record) => {
    const first = run(...record);
    const scores = (entries: readonly fhir4.BundleEntry[]) => observationsOf(entries).filter((one) => one.includes(risk));
    expect(scores(first.transaction)).toHaveLength(1);
    const after = posted(record, first.transaction);
    const second = run(...after);
    expect(scores(second.transaction).filter((one) => one.startsWith('POST'))).toEqual([]);
    expect(conditionsOf(second.transaction)).toEqual([]);
    const contradictions = [first, second].map(({ issues }) => issuesOf(issues).filter((one) => one.includes('contradiction')));
    expect(contradictions.map((one) => one.length)).toEqual([1, 1]);
  });

  it('two stated risks of no items contradict each other still', () => {
    const { transaction, issues } = run(observation('c', risk, noRisk), observation('d', risk, atRisk));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([[], ['warning contradiction [1].resource']]);
  });
});

it('a stated risk that agrees with half of the items adds to what was answered', () => {
  const { transaction, issues } = run(form(ahc, {}), observation('a', worried, often, by), observation('c', risk, atRisk));
  expect([conditionsOf(transaction), asserters(transaction), issuesOf(issues)]).toEqual([[hungry], ['Patient/p1'], []]);
});

describe('a score that is computed', () => {
  const derivedFrom = (...resources: Parameters<typeof bundle>) => {
    const { transaction } = code(bundle(...resources));
    const made = transaction.filter((one) => one.request?.method === 'POST').map((one) => one.resource as fhir4.Observation);
    const score = made.find((one) => one.code?.coding?.[0]?.code === '88124-3' || one.valueQuantity !== undefined);
    return score?.derivedFrom?.map((one) => one.reference?.replace(/^urn:uuid:.*/, 'item'));
  };

  it('from a form derives from its items and the form', () => {
    const answered = form('88121-9', { '88122-7': 'LA28397-0', '88123-5': 'LA28397-0' });
    expect(derivedFrom(patient(), answered)).toEqual(['item', 'item', 'QuestionnaireResponse/q1']);
  });

  it('from Observations derives from these alone', () => {
    const [a, b] = [observation('a', '88122-7', 'LA28397-0'), observation('b', '88123-5', 'LA28397-0')];
    expect(derivedFrom(patient(), a, b)).toEqual(['Observation/a', 'Observation/b']);
  });
});
