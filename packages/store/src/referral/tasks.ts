import { insertRows, patchRows, type Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/** One referral Task at one partner: one attempt to close the loop. */
export type TaskRow = Omit<Rows['task'], 'accepted_at' | 'trace'> & {
  /** That of its referral. */
  trace?: string | null;
};

export async function addTasks(
  tx: Tx,
  tasks: readonly Pick<
    TaskRow,
    | 'id'
    | 'tenant'
    | 'referral'
    | 'person'
    | 'attempt'
    | 'partner'
    | 'channel'
    | 'address'
    | 'receipt_key'
    | 'status'
    | 'trace'
  >[],
): Promise<void> {
  await insertRows(
    tx,
    'task',
    [
      'id',
      'tenant',
      'referral',
      'person',
      'attempt',
      'partner',
      'channel',
      'address',
      'receipt_key',
      'status',
      'trace',
    ],
    tasks.map((task) => [
      task.id,
      task.tenant,
      task.referral,
      task.person,
      task.attempt,
      task.partner,
      task.channel,
      task.address,
      task.receipt_key,
      task.status,
      task.trace ?? null,
    ]),
  );
}

export async function tasksOfReferrals(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, TaskRow[]>> {
  const { rows } = await tx.query<TaskRow>(
    'select * from task where referral = any($1) order by referral, attempt',
    [referrals],
  );
  return Map.groupBy(rows, (row) => row.referral);
}

export async function loadTasks(tx: Tx, ids: readonly string[]): Promise<Map<string, TaskRow>> {
  const { rows } = await tx.query<TaskRow>('select * from task where id = any($1)', [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

export type TaskPatch = Partial<
  Pick<
    TaskRow,
    | 'remote_id'
    | 'etag'
    | 'status'
    | 'unseen'
    | 'live'
    | 'accept_by'
    | 'reason'
    | 'recalled_from'
    | 'changed_at'
  >
>;

const patchTypes = {
  remote_id: 'text',
  etag: 'text',
  status: 'text',
  unseen: 'text',
  live: 'boolean',
  accept_by: 'timestamptz',
  reason: 'text',
  recalled_from: 'text',
  changed_at: 'timestamptz',
} as const satisfies Record<keyof TaskPatch, string>;

export async function patchTasks(
  tx: Tx,
  patches: readonly { id: string; patch: TaskPatch }[],
): Promise<void> {
  const ended = patches.filter((one) => one.patch.live === false);
  if (patches.length > 1)
    await tx.query('select 1 from task where id = any($1::uuid[]) order by id for update', [
      patches.map((one) => one.id),
    ]);
  await patchRows(tx, 'task', patchTypes, ended, 'ended_at = coalesce(t.ended_at, now()), ');
  await patchRows(
    tx,
    'task',
    patchTypes,
    patches.filter((one) => one.patch.live !== false),
  );
}

/** The consent under which a Task went. */
export type TaskConsent = { task: string; consentId: string; decidedAt: Date; hasEnded: boolean };

/** By Task: the consent that was judged for each. One that was decided before its Task was noted counts by its recipient. */
export async function consentsOfTasks(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, TaskConsent>> {
  if (referrals.length === 0) return new Map();
  const { rows } = await tx.query<TaskConsent>(
    `select t.id as task, c.consent_id as "consentId", c.decided_at as "decidedAt", coalesce(c.until <= now(), false) as "hasEnded"
       from task t join lateral (select * from consent_decision d
                                  where d.referral = t.referral and d.recipient = t.partner and (d.task is null or d.task = t.id)
                                  order by d.id desc limit 1) c on true
      where t.referral = any($1)`,
    [referrals],
  );
  return new Map(rows.map((row) => [row.task, row]));
}

/** Consents that were shown to recipients, for some people: each copy has an id of its own. */
export async function consentRecipients(
  tx: Tx,
  people: readonly string[],
): Promise<{ person: string; consentId: string; recipient: string }[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<{ person: string; consentId: string; recipient: string }>(
    'select distinct person, consent_id as "consentId", recipient from consent_decision where person = any($1)',
    [people],
  );
  return rows;
}

/** What we sent or mean to send: written before the side effect, settled after it. */
export type ReceiptRow = Rows['receipt'] & {
  /** Milliseconds since the receiver first showed that it does not have it, by the database's clock. */
  denied_for_ms: number | null;
};

/** Writes receipts `intended`; ones that exist already stay as they are. */
export async function intend(
  tx: Tx,
  receipts: readonly {
    key: string;
    tenant: string;
    person: string;
    receiver: string;
    kind: string;
    principal: string;
    trace?: string;
  }[],
): Promise<void> {
  const sorted = [...receipts].sort((a, b) => (a.key < b.key ? -1 : 1));
  await insertRows(
    tx,
    'receipt',
    ['key', 'tenant', 'person', 'receiver', 'kind', 'state', 'principal', 'trace'],
    sorted.map((one) => [
      one.key,
      one.tenant,
      one.person,
      one.receiver,
      one.kind,
      'intended',
      one.principal,
      one.trace ?? null,
    ]),
    'on conflict (key) do nothing',
  );
}

export async function loadReceipts(
  tx: Tx,
  keys: readonly string[],
): Promise<Map<string, ReceiptRow>> {
  const { rows } = await tx.query<ReceiptRow>(
    'select *, (extract(epoch from clock_timestamp() - denied_at) * 1000)::float8 as denied_for_ms from receipt where key = any($1)',
    [keys],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

export type ReceiptSettlement = {
  key: string;
  state: 'intended' | 'settled' | 'refused';
  remoteId?: string | undefined;
  status?: number | undefined;
  issueCode?: string | undefined;
  /** The receiver was asked and showed that it does not have it: once is not enough. */
  denied?: boolean;
};

export async function settleReceipts(
  tx: Tx,
  settlements: readonly ReceiptSettlement[],
): Promise<void> {
  if (settlements.length === 0) return;
  await tx.query(
    `update receipt r set state = s.state, remote_id = coalesce(s.remote_id, r.remote_id), status = s.status,
        issue_code = s.issue_code, attempts = r.attempts + 1,
        denied_at = case when s.denied then coalesce(r.denied_at, now()) else null end,
        settled_at = case when s.state = 'intended' then null else now() end
       from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::boolean[])
         as s(key, state, remote_id, status, issue_code, denied)
      where r.key = s.key`,
    [
      settlements.map((one) => one.key),
      settlements.map((one) => one.state),
      settlements.map((one) => one.remoteId ?? null),
      settlements.map((one) => one.status ?? null),
      settlements.map((one) => one.issueCode ?? null),
      settlements.map((one) => one.denied ?? false),
    ],
  );
}
