import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { bundle, code, condition, conditionsOf, form, issuesOf, patient } from './bundles.ts';

const [ahc, prapare] = ['96777-8', '93025-5'];
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const before = { recordedDate: '2026-01-01' };
const icd = (code: string, change: object = {}) => ({
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] },
  ...change,
});
const status = (code: string) => ({ clinicalStatus: { coding: [{ code }] } });

describe('a Condition on file that ICD-10-CM alone codes', () => {
  const homeless = form(ahc, { '71802-3': 'LA31995-6' });
  it.each<[string, string, Parameters<typeof bundle>[0], string]>([
    ['Z59.0', 'homelessness', homeless, 'a header of today'],
    ['Z59.01', 'homelessness', homeless, 'a kind of it'],
    ['Z59.4', 'food-insecurity', form(ahc, { '88122-7': 'LA28397-0' }), 'the code of the guide’s examples'],
    ['Z59.811', 'housing-instability', form(prapare, { '93033-9': 'LA33-6' }), 'another leaf that the tables accept'],
  ])('%s of %s is the need that was answered: %s', (leaf, category, answers) => {
    expect(conditionsOf(run(answers, condition('c', category, '', icd(leaf))).transaction)).toEqual([`PUT ${category} - ${leaf}`]);
  });

  it('is another need where its category is another, or where the code names several', () => {
    const made = ['POST food-insecurity 733423003 Z59.41'];
    const hungry = form(ahc, { '88122-7': 'LA28397-0' });
    expect(conditionsOf(run(hungry, condition('c', 'material-hardship', '', icd('Z59.4'))).transaction)).toEqual(made);
    const moldy = form(ahc, { '96778-6': 'LA28580-1' });
    expect(conditionsOf(run(moldy, condition('c', 'inadequate-housing', '', icd('Z59.10'))).transaction)).toHaveLength(1);
  });

  it('is read by the edition of its own day', () => {
    const threatened = form(ahc, { '96779-4': 'LA33-6' });
    const old = condition('c', 'utility-insecurity', '', icd('Z59.86', { recordedDate: '2025-03-01' }));
    expect(conditionsOf(run(threatened, old).transaction)).toEqual(['PUT utility-insecurity - Z59.86']);
  });
});

it('a Condition on file that stands for two needs is put once, with the evidence of both', () => {
  const codes = ['1162585007', '224255009'].map((one) => ({ system: 'http://snomed.info/sct', code: one }));
  const { transaction } = run(
    form(ahc, { '96778-6': ['LA31996-4', 'LA28580-1'] }),
    condition('c', 'inadequate-housing', '', { code: { coding: codes } }),
  );
  const puts = transaction.filter((one) => one.request?.method === 'PUT');
  expect(puts.map((one) => (one.resource as fhir4.Condition).evidence?.length)).toEqual([2]);
});

describe('a Condition on file is in doubt', () => {
  const review = ['warning condition-review [2].resource'];
  it.each<[string, Parameters<typeof bundle>[0], Parameters<typeof bundle>[0]]>([
    [
      'after a “no” of another instrument',
      form(prapare, { '93030-5': 'LA32-8' }),
      condition('c', 'transportation-insecurity', '551691000124106', before),
    ],
    [
      'of a kind that this form does not ask for',
      form(ahc, { '93030-5': 'LA32-8' }),
      condition('c', 'transportation-insecurity', '551731000124103', before),
    ],
    [
      'of a finding that no form asks for',
      form(ahc, { '93030-5': 'LA32-8' }),
      condition('c', 'transportation-insecurity', '160695008', before),
    ],
  ])('%s', (_title, answers, onFile) => {
    expect(issuesOf(run(answers, onFile).issues)).toEqual(review);
  });

  it('after an answer that says otherwise, though no source says for certain which ones mean the need', () => {
    const calm = form(prapare, { '93038-8': 'LA6568-5' });
    expect(issuesOf(run(calm, condition('c', 'stress', '73595000', before)).issues)).toEqual(review);
  });

  it('but not where “none of the above” did not speak of it', () => {
    const none = form(ahc, { '96778-6': 'LA9-3' });
    expect(issuesOf(run(none, condition('c', 'inadequate-housing', '105532006', before)).issues)).toEqual([]);
    expect(issuesOf(run(none, condition('c', 'inadequate-housing', '1162585007', before)).issues)).toEqual(review);
  });
});

describe('a Condition that has ended, nobody says when', () => {
  const rideless = form(ahc, { '93030-5': 'LA33-6' });
  const ended = (change: object) => condition('c', 'transportation-insecurity', '551691000124106', { ...status('resolved'), ...change });
  it('was judged with answers from before it was recorded, and with those that it names', () => {
    for (const change of [{ recordedDate: '2026-06-01' }, { evidence: [{ detail: [{ reference: 'QuestionnaireResponse/q1' }] }] }]) {
      const { transaction, issues } = run(rideless, ended(change));
      expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([[], ['information not-coded [1].resource.item[0].answer[0]']]);
    }
  });

  it('gives way to a new one otherwise', () => {
    for (const change of [{}, before]) expect(conditionsOf(run(rideless, ended(change)).transaction)[0]).toMatch(/^POST/);
  });
});
