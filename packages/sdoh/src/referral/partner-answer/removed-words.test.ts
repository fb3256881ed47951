import { type fhir4, systems } from '@loopwell/fhir';
import { expect, it } from 'vitest';
import { removedWords, withoutProcedureWords, withoutWords } from './removed-words.ts';

const activity = { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] };
const box = { system: systems.snomed, code: '464411000124104' };
const task: fhir4.Task = {
  resourceType: 'Task',
  id: 'x',
  intent: 'order',
  status: 'completed',
  note: [{ text: 'kanari', authorString: 'kanari' }],
  statusReason: {
    coding: [
      { system: systems.declineReason, code: 'other', display: 'kanari' },
      { system: 'https://pantry.example.org', code: 'kanari' },
    ],
    text: 'kanari',
  },
  businessStatus: {
    coding: [{ system: systems.businessStatus, code: 'partly-helped', display: 'kanari' }],
    text: 'kanari',
  },
  output: [
    {
      type: { ...activity, text: 'kanari' },
      valueCodeableConcept: { coding: [box], text: 'kanari' },
    },
    { type: activity, valueReference: { reference: 'Procedure/p', display: 'kanari' } },
    { type: activity, valueString: 'kanari' },
    { type: { text: 'kanari' }, valueString: 'kanari' },
  ],
};

it('removes every word of a partner, and keeps codes and references', () => {
  const without = withoutWords(task);
  expect(JSON.stringify(without)).not.toContain('kanari');
  expect(without).toEqual({
    resourceType: 'Task',
    id: 'x',
    intent: 'order',
    status: 'completed',
    statusReason: {
      coding: [{ system: systems.declineReason, code: 'other' }],
      text: removedWords,
    },
    businessStatus: {
      coding: [{ system: systems.businessStatus, code: 'partly-helped' }],
      text: removedWords,
    },
    output: [
      { type: activity, valueCodeableConcept: { coding: [expect.objectContaining(box)] } },
      { type: activity, valueReference: { reference: 'Procedure/p' } },
    ],
  });
});

it('keeps our own reason of a Task that we took back', () => {
  const taken = { ...task, statusReason: { text: 'The referral was withdrawn' } };
  expect(withoutWords(taken, { keepsReason: true }).statusReason).toEqual(taken.statusReason);
  expect(withoutWords({ resourceType: 'Task', intent: 'order', status: 'requested' })).toEqual({
    ...{ resourceType: 'Task', intent: 'order', status: 'requested' },
  });
});

it('removes every word of a Procedure that a partner posted', () => {
  const posted: fhir4.Procedure = {
    resourceType: 'Procedure',
    id: 'p',
    identifier: [
      { system: 'https://pantry.example.org', value: '7', assigner: { display: 'kanari' } },
    ],
    basedOn: [{ reference: 'ServiceRequest/s', display: 'kanari' }],
    status: 'completed',
    code: { coding: [{ ...box, display: 'kanari' }], text: 'kanari' },
    subject: { reference: 'Patient/a', display: 'kanari' },
    performedDateTime: '2026-11-28',
    performer: [{ actor: { reference: 'Organization/pantry', display: 'kanari' } }],
    outcome: { text: 'kanari' },
    note: [{ text: 'kanari' }],
  };
  const without = withoutProcedureWords(posted);
  expect(JSON.stringify(without)).not.toContain('kanari');
  expect(without).toMatchObject({
    id: 'p',
    identifier: [{ system: 'https://pantry.example.org', value: '7' }],
    basedOn: [{ reference: 'ServiceRequest/s' }],
    status: 'completed',
    code: { coding: [box] },
    subject: { reference: 'Patient/a' },
    performedDateTime: '2026-11-28',
    performer: [{ actor: { reference: 'Organization/pantry' } }],
  });
  const inWords = { ...posted, code: { text: 'kanari' } };
  expect(withoutProcedureWords(inWords).code).toEqual({ text: removedWords });
});
