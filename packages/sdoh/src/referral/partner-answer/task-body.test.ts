import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { movedBody, statementOf } from './task-body.ts';

const base = 'https://partner.example/fhir/';
const nothing = {
  statusReason: undefined,
  businessStatus: undefined,
  note: undefined,
  output: undefined,
  executionPeriod: undefined,
};
const type = { text: 'Help given' };

describe('what a copy of a Task says', () => {
  it.each<[string, object, object]>([
    ['nothing', {}, {}],
    ['a reason', { statusReason: { text: 'Full' } }, { statusReason: { text: 'Full' } }],
    ['a bare text as the reason', { statusReason: 'Full' }, { statusReason: { text: 'Full' } }],
    ['a list of reasons', { statusReason: [{ text: 'A' }] }, { statusReason: { text: 'A' } }],
    [
      'a bare Coding as business status',
      { businessStatus: { code: 'x' } },
      { businessStatus: { coding: [{ code: 'x' }] } },
    ],
    ['a reason without meaning', { statusReason: 7 }, {}],
    ['a bare note', { note: 'Call' }, { note: [{ text: 'Call' }] }],
    ['a note without text', { note: [{ time: '2026-11-30' }] }, {}],
    [
      'a note with its author',
      { note: [{ text: 'Call', authorReference: { reference: 'Practitioner/9' } }] },
      {
        note: [
          {
            text: 'Call',
            authorReference: { reference: 'https://partner.example/fhir/Practitioner/9' },
          },
        ],
      },
    ],
    [
      'an output with a relative reference',
      { output: [{ type, valueReference: { reference: 'Procedure/9' } }] },
      {
        output: [
          { type, valueReference: { reference: 'https://partner.example/fhir/Procedure/9' } },
        ],
      },
    ],
    [
      'an output with an absolute reference',
      { output: [{ type, valueReference: { reference: 'https://a.example/Procedure/9' } }] },
      { output: [{ type, valueReference: { reference: 'https://a.example/Procedure/9' } }] },
    ],
    [
      'an output that is contained',
      { output: [{ type, valueReference: { reference: '#p' } }] },
      { output: [{ type, valueReference: { display: 'contained resource' } }] },
    ],
    ['an output without a value or a type', { output: [{ type }, { valueString: 'x' }] }, {}],
    [
      'a period',
      { executionPeriod: { start: '2026-11-30', end: 5 } },
      { executionPeriod: { start: '2026-11-30' } },
    ],
    ['a period that is none', { executionPeriod: 'today' }, {}],
    [
      'null characters',
      { statusReason: { text: 'Full\u0000' } },
      { statusReason: { text: 'Full\uFFFD' } },
    ],
  ])('is kept as FHIR writes it: %s', (_name, copy, said) => {
    expect(statementOf({ resourceType: 'Task', ...copy }, base)).toEqual({ ...nothing, ...said });
  });

  it.each([null, undefined, 7, 'x', []])('is nothing in %j', (copy) => {
    expect(statementOf(copy, base)).toEqual(nothing);
  });
});

describe('the body after a move', () => {
  const before: fhir4.Task = {
    resourceType: 'Task',
    id: 't',
    status: 'accepted',
    intent: 'order',
    statusReason: { text: 'Soon' },
    note: [{ text: 'Called' }],
  };

  it('has the new status, and a reason only for that status', () => {
    const { statusReason: _old, ...others } = before;
    expect(movedBody(before, 'in-progress')).toEqual({ ...others, status: 'in-progress' });
    expect(movedBody(before, 'accepted')).toEqual(before);
  });

  it('loses what a whole copy does not say any more, and keeps what a part does not name', () => {
    expect(movedBody(before, 'accepted', statementOf({ status: 'accepted' }))).toEqual({
      resourceType: 'Task',
      id: 't',
      status: 'accepted',
      intent: 'order',
    });
    const reason = { statusReason: { text: 'Full' } };
    expect(movedBody(before, 'rejected', reason)).toEqual({
      ...before,
      ...reason,
      status: 'rejected',
    });
  });
});
