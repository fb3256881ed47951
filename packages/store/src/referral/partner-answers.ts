import { nowOnce } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';
import { lockWithReferrals } from './tasks.ts';

/**
 * The inbox: an answer of a partner at one moment, by one door. Words are personal data: for
 * reviewers only, and never in history.
 * DECISIONS D81. DECISIONS D132.
 */
export type InboxRow = Rows['partner_answer'];

/** An answer that a door brings. */
export type NewAnswer = Omit<InboxRow, KeptByUs | ByButton> & Partial<Pick<InboxRow, ByButton>>;

/** Columns that the inbox fills in, at once or later. */
type KeptByUs =
  | ('id' | 'received_at' | 'repeats' | 'consumed_at' | 'came_of')
  | ('undone_at' | 'undone_by' | 'words_removed_at' | 'words_removed_by')
  | ('told_at' | 'told_by');

/** Columns of an answer by a button. */
type ByButton = 'button' | 'fields' | 'helper' | 'held_until';

const columns = [
  'tenant',
  'door',
  'message_id',
  'task',
  'referral',
  'person',
  'who',
  'said_by',
  'recorded_by',
  'said_at',
  'status',
  'known_status',
  'codes',
  'oddities',
  'with_words',
  'reason',
  'note',
  'business_status',
  'outputs',
  'read_outputs',
  'body',
  'content',
  'is_partial',
  'button',
  'fields',
  'helper',
  'held_until',
] as const satisfies (keyof NewAnswer)[];

/**
 * The result of writing an answer. `repeated`: this door brought it before. `same`: it says what
 * the last answer about the Task says.
 */
export type Written = 'written' | 'repeated' | 'same';

/** The principal that reads copies on partners' servers again and again, each version once. */
const reader = 'system:referral';

/** Gives the key of an answer: its door and its message. */
export const answerKeyOf = ({ door, message_id }: Pick<NewAnswer, 'door' | 'message_id'>): string =>
  `${door}\n${message_id}`;

/**
 * Writes answers into the inbox, one for each Task at most. A message that is there already writes
 * nothing. An answer that says the same as the last answer about its Task becomes a note on that
 * row. The caller holds the lock on the row of `track` of each Task, so that no other door writes
 * about it at the same time.
 *
 * @returns the result of each answer by `answerKeyOf`
 */
export async function writeAnswers(
  tx: Tx,
  brought: readonly NewAnswer[],
): Promise<Map<string, Written>> {
  if (brought.length === 0) return new Map();
  const repeated = await keysThere(tx, brought);
  const last = await lastAnswers(
    tx,
    brought.map(({ task }) => task),
  );
  const results = new Map<string, Written>();
  for (const answer of brought) {
    const key = answerKeyOf(answer);
    const result = saysTheSame(last.get(answer.task), answer) ? 'same' : 'written';
    results.set(key, repeated.has(key) ? 'repeated' : result);
  }
  const withResult = (result: Written) =>
    brought.filter((answer) => results.get(answerKeyOf(answer)) === result);
  await noteRepeats(tx, withResult('same'), last);
  await insertAnswers(tx, withResult('written'));
  return results;
}

/** `is_held`: it can still be undone, so an answer by another door counts beside it. */
type LastAnswer = Pick<InboxRow, 'id' | 'task' | 'door' | 'recorded_by' | 'content' | 'status'> & {
  is_held: boolean;
};

/**
 * Tells whether an answer says the same as the last one. A copy is told from its earlier version
 * by its own key. A copy that shows the status alone repeats what another door has said in words.
 */
function saysTheSame(last: LastAnswer | undefined, answer: NewAnswer): boolean {
  if (last === undefined || last.is_held) return false;
  if (last.recorded_by === reader && answer.recorded_by === reader) return false;
  if (last.content === answer.content) return true;
  const isBare =
    !answer.with_words && !answer.is_partial && answer.codes === '[]' && answer.oddities === '[]';
  return last.door !== answer.door && isBare && last.status === answer.status;
}

async function keysThere(tx: Tx, brought: readonly NewAnswer[]): Promise<Set<string>> {
  const { rows } = await tx.query<Pick<InboxRow, 'door' | 'message_id'>>(
    `select a.door, a.message_id from partner_answer a
       join unnest($1::text[], $2::text[]) as n(door, message_id)
         on a.door = n.door and a.message_id = n.message_id where a.tenant = $tenant`,
    [brought.map(({ door }) => door), brought.map((answer) => answer.message_id)],
  );
  return new Set(rows.map(answerKeyOf));
}

/** Tells whether a door has brought a message about a referral before. */
export async function hasMessage(
  tx: Tx,
  referral: string,
  { door, message_id }: Pick<InboxRow, 'door' | 'message_id'>,
): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from partner_answer
      where tenant = $tenant and referral = $1 and ((door = $2 and message_id = $3)
        or repeats::jsonb @> jsonb_build_array(jsonb_build_object('door', $2::text,
          'messageId', $3::text)))`,
    [referral, door, message_id],
  );
  return rows.length > 0;
}

/** Reads the last answer about each Task, by Task. */
async function lastAnswers(tx: Tx, tasks: readonly string[]): Promise<Map<string, LastAnswer>> {
  const { rows } = await tx.query<LastAnswer>(
    `select distinct on (task) id, task, door, recorded_by, content, status,
        consumed_at is null and coalesce(held_until > ${nowOnce}, false) as is_held
       from partner_answer
      where tenant = $tenant and task = any($1::uuid[]) and undone_at is null
      order by task, id desc`,
    [tasks],
  );
  return new Map(rows.map((row) => [row.task, row]));
}

/** Gives the number of the last answer about each Task, by Task. */
export async function lastAnswerIds(
  tx: Tx,
  tasks: readonly string[],
): Promise<Map<string, number>> {
  if (tasks.length === 0) return new Map();
  const last = await lastAnswers(tx, tasks);
  return new Map([...last].map(([task, { id }]) => [task, id]));
}

async function noteRepeats(
  tx: Tx,
  same: readonly NewAnswer[],
  last: ReadonlyMap<string, LastAnswer>,
): Promise<void> {
  if (same.length === 0) return;
  await tx.query(
    `update partner_answer a set repeats = (a.repeats::jsonb || jsonb_build_array(
         jsonb_build_object('door', n.door, 'messageId', n.message_id, 'by', n.recorded_by,
           'at', ${nowOnce})))::text
       from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
         as n(id, door, message_id, recorded_by)
      where a.tenant = $tenant and a.id = n.id and not a.repeats::jsonb @> jsonb_build_array(
        jsonb_build_object('door', n.door, 'messageId', n.message_id))`,
    [
      same.map(({ task }) => last.get(task)?.id),
      same.map(({ door }) => door),
      same.map((answer) => answer.message_id),
      same.map((answer) => answer.recorded_by),
    ],
  );
}

/** What a column holds where an answer says nothing of it; null for all others. */
const unsaid: Partial<Record<keyof NewAnswer, string>> = { fields: '{}' };

async function insertAnswers(tx: Tx, written: readonly NewAnswer[]): Promise<void> {
  await insertRows(
    tx,
    'partner_answer',
    columns,
    written.map((answer) => columns.map((column) => answer[column] ?? unsaid[column] ?? null)),
  );
}

/** Notes which version of a partner's copy was read last, to tell a new version from it. */
export async function noteCopies(
  tx: Tx,
  copies: readonly { task: string; hash: string }[],
): Promise<void> {
  if (copies.length === 0) return;
  await lockWithReferrals(
    tx,
    copies.map(({ task }) => task),
  );
  await tx.query(
    `update task t set answer_hash = n.hash from unnest($1::uuid[], $2::text[]) as n(task, hash)
      where t.tenant = $tenant and t.id = n.task and t.answer_hash is distinct from n.hash`,
    [copies.map(({ task }) => task), copies.map(({ hash }) => hash)],
  );
}

/**
 * Reads the answers about some Tasks that `track` has not taken, by Task, in order. One that can
 * still be undone is not among them.
 */
export async function waitingAnswers(
  tx: Tx,
  tasks: readonly string[],
): Promise<Map<string, InboxRow[]>> {
  const { rows } = await tx.query<InboxRow>(
    `select * from partner_answer
      where tenant = $tenant and task = any($1::uuid[]) and consumed_at is null
        and (held_until is null or held_until <= ${nowOnce}) order by task, id`,
    [tasks],
  );
  return Map.groupBy(rows, (row) => row.task);
}

/** What came of an answer. One that a person has to look at first stays untaken. */
export type TakenAnswer = { id: number; cameOf: string; isTaken: boolean };

/** Records what came of answers that `track` has looked at. */
export async function takeAnswers(tx: Tx, taken: readonly TakenAnswer[]): Promise<void> {
  if (taken.length === 0) return;
  await tx.query(
    `update partner_answer a set came_of = n.came_of,
         consumed_at = case when n.is_taken then ${nowOnce} end
       from unnest($1::bigint[], $2::text[], $3::bool[]) as n(id, came_of, is_taken)
      where a.tenant = $tenant and a.id = n.id`,
    [
      taken.map(({ id }) => id),
      taken.map(({ cameOf }) => cameOf),
      taken.map(({ isTaken }) => isTaken),
    ],
  );
}

/**
 * Closes what a partner's copy had said of a Task before we cancelled it there: `track` has nothing
 * to take from it. What other doors brought stays.
 */
export async function closeCopies(tx: Tx, task: string): Promise<void> {
  await tx.query(
    `update partner_answer
        set consumed_at = ${nowOnce}, came_of = 'before-our-cancellation'
      where tenant = $tenant and task = $1 and consumed_at is null and recorded_by = $2`,
    [task, reader],
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
    `select distinct on (task) task, codes from partner_answer
      where tenant = $tenant and task = any($1) and undone_at is null
        and (held_until is null or held_until <= ${nowOnce}) order by task, id desc`,
    [tasks],
  );
  const reasons = (text: string) =>
    (JSON.parse(text) as { system: string; code: string; of?: string }[]).filter(
      (coding) => coding.of === undefined,
    );
  return new Map(rows.map(({ task, codes }) => [task, reasons(codes)]));
}

/** Lists the partners' answers to one referral, in order. */
export async function answersOf(tx: Tx, referral: string): Promise<InboxRow[]> {
  const { rows } = await tx.query<InboxRow>(
    'select * from partner_answer where tenant = $tenant and referral = $1 order by id',
    [referral],
  );
  return rows;
}
