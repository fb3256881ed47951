import { insertRows, type Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/**
 * An answer of a partner at one moment, by one door. Words are personal data: for reviewers only,
 * and never in history.
 * DECISIONS D81.
 */
export type AnswerRow = Omit<Rows['partner_answer'], 'id' | 'at'>;

const columns = [
  'tenant',
  'task',
  'referral',
  'person',
  'door',
  'who',
  'status',
  'known_status',
  'codes',
  'oddities',
  'with_words',
  'reason',
  'note',
  'business_status',
  'outputs',
  'body',
] as const satisfies (keyof AnswerRow)[];

/**
 * Saves partners' answers, one for each Task at most. The same answer read again is not saved; one
 * that a partner comes back to is. Two processes that read the same answer at once save it once,
 * since the Task's row is locked until the end.
 *
 * @param answers `hash`: what the answer is known by
 */
export async function saveAnswers(
  tx: Tx,
  answers: readonly (AnswerRow & { hash: string })[],
): Promise<void> {
  if (answers.length === 0) return;
  const { rows } = await tx.query<{ id: string }>(
    `update task t set answer_hash = n.hash from unnest($1::uuid[], $2::text[]) as n(task, hash)
      where t.id = n.task and t.answer_hash is distinct from n.hash returning t.id`,
    [answers.map((one) => one.task), answers.map((one) => one.hash)],
  );
  const newlyAnswered = new Set(rows.map((row) => row.id));
  await insertRows(
    tx,
    'partner_answer',
    columns,
    answers
      .filter((one) => newlyAnswered.has(one.task))
      .map((one) => columns.map((column) => one[column])),
  );
}

/**
 * Reads the codes with which partners gave the reason for the status of their Tasks, by Task. They
 * are those of the last answer, without words.
 */
export async function reasonCodes(
  tx: Tx,
  tasks: readonly string[],
): Promise<Map<string, { system: string; code: string }[]>> {
  if (tasks.length === 0) return new Map();
  const { rows } = await tx.query<{ task: string; codes: string }>(
    'select distinct on (task) task, codes from partner_answer where task = any($1) order by task, id desc',
    [tasks],
  );
  const reasons = (text: string) =>
    (JSON.parse(text) as { system: string; code: string; of?: string }[]).filter(
      (one) => one.of === undefined,
    );
  return new Map(rows.map(({ task, codes }) => [task, reasons(codes)]));
}

export type AnswerLine = AnswerRow & { at: Date };

/** Lists the partners' answers to one referral, in order. */
export async function answersOf(tx: Tx, tenant: string, referral: string): Promise<AnswerLine[]> {
  const { rows } = await tx.query<AnswerLine>(
    `select at, ${columns.join(', ')} from partner_answer where tenant = $1 and referral = $2
      order by id`,
    [tenant, referral],
  );
  return rows;
}
