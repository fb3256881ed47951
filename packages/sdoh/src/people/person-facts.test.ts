import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { insuranceAnswer, recordNumbers, screenerOf } from './person-facts.ts';

const patientOf = (identifier: unknown) =>
  ({ resourceType: 'Patient', identifier }) as fhir4.Patient;
const mr = { coding: [{ code: 'MR' }] };

it.each<[string, unknown, string[]]>([
  ['a medical record number', [{ type: mr, value: 'M-1' }], ['M-1']],
  ['no other number', [{ type: { coding: [{ code: 'SS' }] }, value: '1' }, { value: '2' }], []],
  ['no old one', [{ use: 'old', type: mr, value: 'M-0' }], []],
  ['no masked one', [{ type: mr, _value: { extension: [] } }], []],
  ['none of junk', [null, 5, { type: 'MR', value: 7 }], []],
  ['none where there is no list', 'M-1', []],
])('reads %s', (_name, identifier, numbers) => {
  expect(recordNumbers(patientOf(identifier))).toEqual(numbers);
});

describe('the insurance of a person', () => {
  const formOf = (item: unknown) =>
    ({ resourceType: 'QuestionnaireResponse', status: 'completed', item }) as never;
  const asked = { linkId: '/93025-5/76437-3', answer: [{ valueCoding: { display: 'Medicaid' } }] };
  it.each<[string, unknown, string | undefined]>([
    ['as answered', [asked], 'Medicaid'],
    ['inside a group', [{ linkId: 'g', item: [asked] }], 'Medicaid'],
    ['inside an answer', [{ linkId: 'g', answer: [{ item: [asked] }] }], 'Medicaid'],
    ['left blank', [{ linkId: '76437-3' }], undefined],
    ['not asked', [{ linkId: 'x' }, null], undefined],
    ['no list', 'Medicaid', undefined],
  ])('%s', (_name, item, expected) => {
    expect(insuranceAnswer([formOf(item)], [])).toBe(expected);
  });

  it('is read from an Observation where no form has it', () => {
    const observation = {
      ...{ resourceType: 'Observation', status: 'final', code: { coding: [{ code: '76437-3' }] } },
      valueCodeableConcept: { coding: [{ display: 'None/uninsured' }] },
    } as fhir4.Observation;
    expect(insuranceAnswer([], [observation])).toBe('None/uninsured');
  });
});

it('tells who wrote down a form and where', () => {
  const response = {
    ...{ resourceType: 'QuestionnaireResponse', status: 'completed', authored: '2026-09-09' },
    author: { display: 'Rea Kelly, MA' },
  } as fhir4.QuestionnaireResponse;
  const encounter = { location: [{ location: { display: 'Lake Street' } }] } as fhir4.Encounter;
  const who = { by: 'Rea Kelly, MA', on: '2026-09-09' };
  expect(screenerOf(response, encounter)).toEqual({ ...who, at: 'Lake Street' });
  expect(screenerOf(response, undefined)).toEqual({ ...who, at: undefined });
});
