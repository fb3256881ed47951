import { bodyCheck } from '@loopwell/http';
import { newId } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/console.ts';
import type { NudgeFunction } from '@loopwell/pipeline';
import { type Database, operator, type RowKey } from '@loopwell/store';

type Schemas = components['schemas'];

/**
 * The reason why an operator retries or discards, as a code. Each language of the pages has a text
 * for it.
 */
export type Reason = Schemas['Reason'];

export type WorkAction = Schemas['WorkAction'];

/**
 * Checks an operator's action from the API or a form.
 * @throws AppError REQUEST_INVALID naming the field
 */
export const parseAction = bodyCheck<WorkAction>(
  contracts.console,
  'WorkAction',
  'Choose what to do, with which rows, and why',
);

/** The person who acts, with the tenant. */
export type Operator = { id: string; tenant: string };

/**
 * Retries or discards rows of the ledger, all or none. The history gets the person and the reason.
 * @throws AppError NOT_FOUND or CONFLICT naming the first row that prevents it
 */
export async function act(
  deps: { db: Database; nudge: NudgeFunction },
  who: Operator,
  action: WorkAction,
): Promise<{ rows: number }> {
  const unique = [
    ...new Map<string, RowKey>(
      action.rows.map((row) => [`${row.stage} ${row.subject}`, row]),
    ).values(),
  ];
  const common = {
    tenant: who.tenant,
    rows: unique,
    principal: who.id,
    reason: action.reason,
  };
  if (action.action === 'discard') {
    const rows = await deps.db.tx((tx) => operator.discardRows(tx, common));
    return { rows: rows.length };
  }
  const batch = newId();
  const rows = await deps.db.tx((tx) => operator.retryRows(tx, { ...common, batch }));
  const stages = [...new Set(action.rows.map((row) => row.stage))];
  await deps.nudge(stages.map((stage) => ({ stage, batch })));
  return { rows: rows.length };
}
