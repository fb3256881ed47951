import { stageNames } from '@loopwell/pipeline';
import { expect, it } from 'vitest';
import { parseAction } from './work.ts';

const action = { action: 'retry', reason: 'transient' };

it.each(stageNames)('rows of the stage %s may be retried', (stage) => {
  const rows = [{ stage, subject: 'a' }];
  expect(parseAction({ ...action, rows })).toEqual({ ...action, rows });
});

it.each([
  [{ ...action, rows: [] }, 'rows'],
  [{ ...action, rows: [{ stage: 'sleep', subject: 'a' }] }, 'rows.0.stage'],
  [{ ...action, rows: [{ stage: 'pull', subject: '' }] }, 'rows.0.subject'],
  [{ reason: 'transient', rows: [{ stage: 'pull', subject: 'a' }] }, 'action'],
  [{ action: 'retry', rows: [{ stage: 'pull', subject: 'a' }], reason: 'tired' }, 'reason'],
])('names the field of %j', (input, field) => {
  expect(() => parseAction(input)).toThrow(expect.objectContaining({ facts: { field } }));
});
