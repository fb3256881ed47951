import { type fhir4, systems } from '@loopwell/fhir';
import { type ReadOutput, shownOutput } from '@loopwell/sdoh';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from './outcome.ts';

const person = '3f0d2c1a-0000-5000-8000-000000000001';
const own = { person, serviceRequest: 'order-1', remoteId: 'remote' };
const task = { resourceType: 'Task', status: 'completed' } as fhir4.Task;
const output = (more: Partial<ReadOutput>): ReadOutput => ({
  type: { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] },
  valueName: 'valueReference',
  content: null,
  reference: null,
  resource: null,
  unread: null,
  ...more,
});
const seen = (resource: object) =>
  output({
    reference: 'Observation/o',
    resource: { resourceType: 'Observation', id: 'o', ...resource },
  });
const helped = output({
  reference: 'Procedure/p',
  resource: { resourceType: 'Procedure', id: 'p', status: 'completed', code: { text: 'Food' } },
});
const verdict = (...outputs: ReadOutput[]) => outcomeOf(task, outputs, own).verdict;

describe('what a completed Task led to', () => {
  it.each<[string, ReadOutput, string]>([
    ['a Procedure', helped, 'helped'],
    ['words', output({ valueName: 'valueString', content: 'A box of food' }), 'helped'],
    ['an Observation', seen({ status: 'final' }), 'helped'],
    [
      'a number without an address',
      output({ content: { identifier: { value: '404' } }, unread: 'unreadable' }),
      'no-outcome',
    ],
    ['a no', output({ valueName: 'valueBoolean', content: false }), 'no-outcome'],
    ['blank words', output({ valueName: 'valueString', content: ' ' }), 'no-outcome'],
    [
      'an empty concept',
      output({ type: { text: 'done' }, valueName: 'valueCodeableConcept', content: {} }),
      'no-outcome',
    ],
    [
      'what could not be read',
      output({ reference: 'Procedure/404', unread: 'not-there' }),
      'no-outcome',
    ],
    ['an Observation entered in error', seen({ status: 'entered-in-error' }), 'outcome-doubted'],
    [
      "somebody else's Observation",
      seen({ status: 'final', subject: { reference: '/Patient/other' } }),
      'outcome-doubted',
    ],
    [
      'a modified Observation',
      seen({ status: 'final', modifierExtension: [{ url: 'x' }] }),
      'outcome-doubted',
    ],
    [
      "somebody else's Procedure",
      output({ resource: { ...(helped.resource as object), subject: { reference: 'Patient/x' } } }),
      'outcome-doubted',
    ],
  ])('with %s alone', (_name, one, expected) => expect(verdict(one)).toBe(expected));

  it('is help where one output is, whatever the others are, and these are listed', () => {
    const outcome = outcomeOf(
      task,
      [
        seen({ status: 'entered-in-error' }),
        output({ reference: 'Goal/1', unread: 'not-there' }),
        helped,
      ],
      own,
    );
    expect(outcome).toMatchObject({
      verdict: 'helped',
      procedures: [{ sourceId: 'p' }],
      unread: [{ type: 'Goal', sourceId: '1' }],
      doubts: [{ type: 'Observation', sourceId: 'o', why: 'not-done' }],
    });
  });

  it('is shown whole beside', () =>
    expect(shownOutput(seen({ status: 'final' })).value).toBe('Observation; final'));
});
