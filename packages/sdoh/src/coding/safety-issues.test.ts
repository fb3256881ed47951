import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { codePerson, readable } from '../index.ts';

const loinc = 'http://loinc.org';
const [ahc, prapare] = ['http://loinc.org/q/96777-8', 'http://loinc.org/q/93025-5'];
const [never, rarely, frequently] = ['LA6270-8', 'LA10066-1', 'LA6482-9'];
const hits = (hurt: string, insulted = never) => ({
  '95618-5': hurt,
  '95617-7': insulted,
  '95616-9': never,
  '95615-1': never,
});

function screeningOf(
  questionnaire: string,
  answers: Record<string, string>,
  answerOf: (code: string) => object = byCode,
) {
  const response: fhir4.QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    id: 'r',
    status: 'completed',
    questionnaire,
    authored: '2026-05-04T10:00:00-05:00',
    item: Object.entries(answers).map(([question, code]) => ({
      linkId: `/${question}`,
      answer: [answerOf(code)].flat() as fhir4.QuestionnaireResponseItemAnswer[],
    })),
  };
  const person = '11111111-1111-4111-8111-111111111111';
  const record = {
    tenant: 'o',
    connection: 'ehr',
    base: 'https://ehr.example.org/fhir',
    person,
    encounters: [],
    conditions: [],
  };
  return codePerson(
    { ...record, responses: [readable(response)], observations: [], made: [] },
    instruments,
    { deriveId },
  ).screenings[0];
}

const byCode = (code: string) => ({ valueCoding: { system: loinc, code } });
const modified = {
  modifierExtension: [{ url: 'https://ehr.example.org/changed', valueBoolean: true }],
};
const [fairly, declined] = ['LA16644-9', 'LA30122-8'];
const phq = 'http://loinc.org/q/44249-1';
const asNumber = (text: string) => ({ valueDecimal: Number(text) });
const noneOfFour = { ...hits(declined, declined), '95616-9': declined, '95615-1': declined };
/** Two answers to a question for one. */
const both = (other: string) => (code: string) => [byCode(code), byCode(other)];
const asText = (text: string) => ({ valueString: text });

describe('which answers mark their person', () => {
  it.each<[string, boolean, ReturnType<typeof screeningOf>]>([
    ['was never hurt', false, screeningOf(ahc, hits(never))],
    ['was insulted now and then', false, screeningOf(ahc, hits(never, rarely))],
    ['was hurt', true, screeningOf(ahc, hits(rarely))],
    ['is insulted often', true, screeningOf(ahc, hits(never, frequently))],
    ['answered only one of four', true, screeningOf(ahc, { '95618-5': never })],
    ['said something that no list has', true, screeningOf(ahc, hits('he shouts'), asText)],
    ['feels safe', false, screeningOf(prapare, { '93026-3': 'LA33-6' })],
    ['does not feel safe', true, screeningOf(prapare, { '93026-3': 'LA32-8' })],
    ['is unsure', true, screeningOf(prapare, { '93026-3': 'LA14072-5' })],
    ['would rather not say', false, screeningOf(prapare, { '93026-3': 'LA30122-8' })],
    ['is afraid of a partner', true, screeningOf(prapare, { '76501-6': 'LA33-6' })],
    ['is not afraid of a partner', false, screeningOf(prapare, { '76501-6': 'LA32-8' })],
    ['gave an answer of another question', true, screeningOf(prapare, { '93026-3': 'LA30133-5' })],
    [
      'gave an answer that is marked as changed',
      true,
      screeningOf(prapare, { '93026-3': 'LA33-6' }, (code) => ({ ...byCode(code), ...modified })),
    ],
    ['gave a number', true, screeningOf(prapare, { '93026-3': '' }, () => ({ valueInteger: 3 }))],
    [
      'gave a code of no system',
      true,
      screeningOf(prapare, { '93026-3': 'LA33-6' }, (code) => ({ valueCoding: { code } })),
    ],
    [
      'gave nothing that can be read',
      true,
      screeningOf(prapare, { '93026-3': '' }, () => ({ valueCoding: 'x' })),
    ],
    [
      'gave two answers in one',
      true,
      screeningOf(prapare, { '93026-3': 'LA33-6' }, (code) => ({
        ...byCode(code),
        valueString: 'x',
      })),
    ],
    ['was threatened', true, screeningOf(ahc, { ...hits(never), '95616-9': rarely })],
    ['is screamed at often', true, screeningOf(ahc, { ...hits(never), '95615-1': frequently })],
    ['is at 11 points', true, screeningOf(ahc, { ...hits(never, fairly), '95615-1': frequently })],
    ['is at 10 points', false, screeningOf(ahc, { ...hits(never, fairly), '95615-1': fairly })],
    ['would say nothing of all four', false, screeningOf(ahc, noneOfFour)],
    ['left one of four out, and would not say why', true, screeningOf(ahc, hits(declined))],
    [
      'was hurt, and would say nothing of the others',
      true,
      screeningOf(ahc, { ...noneOfFour, '95618-5': rarely }),
    ],
    ['has a total alone that is high', true, screeningOf(ahc, { '95614-4': '12' }, asNumber)],
    ['has a total alone that is low', false, screeningOf(ahc, { '95614-4': '5' }, asNumber)],
    ['said yes and no', true, screeningOf(prapare, { '93026-3': 'LA33-6' }, both('LA32-8'))],
    ['would not say of a partner', false, screeningOf(prapare, { '76501-6': 'LA30122-8' })],
    ['is not sure of a partner', true, screeningOf(prapare, { '76501-6': 'LA14072-5' })],
    ['wrote of fear elsewhere', false, screeningOf(prapare, { '56051-6': 'I fear him' }, asText)],
    ['thinks of it daily', true, screeningOf(phq, { '44260-8': 'LA6571-9' })],
    ['would not say', false, screeningOf(phq, { '44260-8': 'LA30122-8' })],
    ['was in jail', false, screeningOf(prapare, { '93028-9': 'LA33-6' })],
    [
      'thinks of harming themselves',
      true,
      screeningOf('http://loinc.org/q/44249-1', { '44260-8': 'LA6569-3' }),
    ],
    [
      'does not think of it',
      false,
      screeningOf('http://loinc.org/q/44249-1', { '44260-8': 'LA6568-5' }),
    ],
    ['gave an unknown answer on transport', false, screeningOf(ahc, { '93030-5': 'LA30133-5' })],
  ])('%s: %s', (_who, isMarked, screening) => {
    expect(screening?.safety === true).toBe(isMarked);
  });
});
