import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { taskMovesElsewhere } from './task-moves.ts';

const root = join(import.meta.dirname, '..', '..');
const file = 'packages/store/src/referral/planted.ts';
const isFound = (text: string, at = file) =>
  taskMovesElsewhere(root, [at], { [at]: text }).length > 0;

describe('a write of the status or body of a Task', () => {
  it.each([
    "const sql = 'update task set status = $1 where id = $2';",
    "const sql = 'UPDATE loopwell.task t SET reason = $1, status = $2';",
    'const sql = `update task t set changed_at = now(), body = m.body from m`;',
    "const sql = 'update task set (status, body) = ($1, $2)';",
    "const sql = 'update task set ' + columns + ' where id = $1';",
    `const sql = \`update task set \${columns}\`;`,
    "const sql = 'update task set live = false';",
    "patchRows(tx, 'task', { status: 'text' }, patches);",
  ])('is found outside the one function: %s', (text) => {
    expect(isFound(text)).toBe(true);
  });

  it.each([
    "const sql = 'update task set accept_by = $1 where status = $2';",
    "const sql = 'update task_delivery set state = $1, etag = $2';",
    "const sql = 'update referral set status = $1';",
    "const sql = 'select status from task';",
    "patchRows(tx, 'task', { reason: 'text' }, patches);",
    "const words = 'Update task';",
  ])('is not found in %s', (text) => {
    expect(isFound(text)).toBe(false);
  });

  it('may stand in moveTasks and in tests', () => {
    const text = "const sql = 'update task set status = $1';";
    expect(isFound(text, 'packages/store/src/referral/move-task.ts')).toBe(false);
    expect(isFound(text, 'services/referral/src/a.int.test.ts')).toBe(false);
  });
});
