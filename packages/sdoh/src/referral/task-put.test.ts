import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { judgePut } from './task-put.ts';

const called = [{ text: 'Called' }];
const bag = { type: { text: 'Help' }, valueString: 'one bag' };
const noValue = { type: { text: 'Help' } };
const current: fhir4.Task = {
  resourceType: 'Task',
  id: 't',
  meta: { versionId: '3' },
  status: 'accepted',
  intent: 'order',
  focus: { reference: 'ServiceRequest/o' },
  note: called,
  output: [bag],
};

describe('a Task that a partner puts', () => {
  it.each<[string, object]>([
    ['the same Task', {}],
    ['an allowed move', { status: 'in-progress' }],
    ['a reason with text', { status: 'failed', statusReason: { text: 'No bags' } }],
    ['a further note', { note: [{ text: 'Called' }, { text: 'Monday' }] }],
    ['a period and a business status', { executionPeriod: { start: '2026-11-30' } }],
    ['another meta and lastModified', { meta: { versionId: '9' }, lastModified: '2026-11-30' }],
  ])('is taken with %s', (_name, change) => {
    for (const isCurrent of [true, false])
      expect(judgePut(current, { ...current, ...change }, isCurrent)).toBeUndefined();
  });

  it.each<[string, unknown, number, number, string]>([
    ['no object', 'Task', 400, 400, 'resourceType'],
    ['a list', [], 400, 400, 'resourceType'],
    ['another type', { ...current, resourceType: 'Patient' }, 400, 400, 'resourceType'],
    ['another id', { ...current, id: 'u' }, 400, 400, 'Task.id'],
    ['no id', { ...current, id: undefined }, 400, 400, 'Task.id'],
    ['another focus', { ...current, focus: { reference: 'x' } }, 422, 409, 'Task.focus'],
    ['a further element', { ...current, priority: 'stat' }, 422, 409, 'Task.priority'],
    ['an element less', { ...current, intent: undefined }, 422, 409, 'Task.intent'],
    ['a modifier', { ...current, modifierExtension: [] }, 422, 409, 'Task.modifierExtension'],
    ['an earlier note gone', { ...current, note: [{ text: 'New' }] }, 422, 422, 'Task.note'],
    ['an earlier output gone', { ...current, output: undefined }, 422, 422, 'Task.output'],
    ['a reason without text', { ...current, statusReason: {} }, 422, 422, 'Task.statusReason.text'],
    [
      'a blank reason',
      { ...current, statusReason: { text: ' ' } },
      422,
      422,
      'Task.statusReason.text',
    ],
    ['a note that is no list', { ...current, note: { text: 'Called' } }, 422, 422, 'Task.note'],
    ['a note without text', { ...current, note: [...called, {}] }, 422, 422, 'Task.note'],
    ['an output without a value', { ...current, output: [bag, noValue] }, 422, 422, 'Task.output'],
    ['a text for a period', { ...current, executionPeriod: 'x' }, 422, 422, 'Task.executionPeriod'],
    ['a list of words', { ...current, businessStatus: ['x'] }, 422, 422, 'Task.businessStatus'],
    ['a skipped step back', { ...current, status: 'requested' }, 422, 422, 'Task.status'],
    ['a word for a status', { ...current, status: 'done' }, 422, 422, 'Task.status'],
    ['a list for a status', { ...current, status: ['completed'] }, 422, 422, 'Task.status'],
  ])('is refused with %s', (_name, sent, withMatch, without, expression) => {
    expect(judgePut(current, sent, true)).toMatchObject({ status: withMatch, expression });
    expect(judgePut(current, sent, false)).toMatchObject({ status: without, expression });
  });

  it('may not answer after the end', () => {
    const cancelled = { ...current, status: 'cancelled' as const };
    expect(judgePut(cancelled, { ...current, status: 'accepted' }, true)).toMatchObject({
      status: 422,
      expression: 'Task.status',
    });
  });
});
