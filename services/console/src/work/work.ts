import { AppError, newId } from '@loopwell/kit';
import { type NudgeFunction, type Stage, stageNames } from '@loopwell/pipeline';
import { type Database, operator, type RowKey } from '@loopwell/store';
import { z } from 'zod';

/** Why an operator tries again or gives up: codes, since the history holds no free text. */
const reasons = [
  'cause-fixed',
  'transient',
  'duplicate',
  'handled-elsewhere',
  'not-needed',
  'cannot-be-done',
] as const;

/** Why an operator tries again or gives up, as a code; each language of the pages has words for it. */
export type Reason = (typeof reasons)[number];

const actionSchema = z.strictObject({
  action: z.enum(['retry', 'discard']),
  rows: z
    .array(
      z.strictObject({
        stage: z.enum(stageNames as [Stage, ...Stage[]]),
        subject: z.string().min(1).max(200),
      }),
    )
    .min(1)
    .max(500),
  reason: z.enum(reasons),
});

export type WorkAction = z.output<typeof actionSchema>;

/** @throws AppError REQUEST_INVALID naming the field */
export function parseAction(input: unknown): WorkAction {
  const parsed = actionSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || 'action';
  throw new AppError('REQUEST_INVALID', 'Choose what to do, with which rows, and why', {
    facts: { field },
  });
}

/** Who acts, and for which tenant. */
export type Operator = { id: string; tenant: string };

/**
 * Retries or discards rows of the ledger, one or many, all or nothing; who and why goes into the history.
 *
 * @throws AppError NOT_FOUND or CONFLICT naming the first row that stands against it
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
