import { AppError } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import { appendHistory } from '../database/history.ts';
import { awaitStage } from '../ledger/ledger.ts';
import { lockForOpening } from './pull-cursors.ts';

/**
 * Counts of what hangs on a connection. Open referrals and live Tasks keep it from being deleted.
 * `lanes` is the number of its cursors.
 * DECISIONS D117.
 */
export type Hanging = {
  liveTasks: number;
  openReferrals: number;
  lanes: number;
  unwritten: number;
  resources: number;
};

/** Counts what hangs on a connection. */
export async function hangingOn(tx: Tx, id: string): Promise<Hanging> {
  const { rows } = await tx.query<Record<keyof Hanging, string | number>>(
    `select (select count(*) from task t join referral r on r.tenant = $tenant
      and r.id = t.referral where t.tenant = $tenant and r.connection = $1
      and t.live) as "liveTasks",
            (select count(*) from referral where tenant = $tenant and connection = $1
            and state in ('waiting', 'partner')) as "openReferrals",
            (select count(*) from pull_cursor where tenant = $tenant and connection = $1) as lanes,
            (select count(*) from write_back where tenant = $tenant and connection = $1
            and state = 'waiting') as unwritten,
            (select count(*) from ehr_resource where tenant = $tenant
              and connection = $1) as resources`,
    [id],
  );
  const {
    liveTasks = 0,
    openReferrals = 0,
    lanes = 0,
    unwritten = 0,
    resources = 0,
  } = rows[0] ?? {};
  return {
    liveTasks: Number(liveTasks),
    openReferrals: Number(openReferrals),
    lanes: Number(lanes),
    unwritten: Number(unwritten),
    resources: Number(resources),
  };
}

const refusal =
  'People of this connection have open referrals, which nobody would follow: pause it, close ' +
  'or take back these referrals in review, and delete it then; nothing was changed';

/**
 * Deletes a connection with its secret, its cursors and its pending writes; its EHR is asked
 * nothing any more. What was read, coded and sent stays, with its history.
 *
 * @throws AppError NOT_FOUND, or CONFLICT while a referral of its people is open
 */
export async function deleteConnection(
  tx: Tx,
  who: { tenant: string; principal: string; trace: string },
  id: string,
): Promise<Hanging> {
  await lockForOpening(tx, id);
  const people = await tx.query<{ person: string }>(
    `select distinct person::text as person from ehr_resource where tenant = $tenant
      and connection = $1`,
    [id],
  );
  const subjects = people.rows.map((one) => one.person);
  // In the order of locks: the ledger first, stage by stage. No process opens a referral for
  // these people meanwhile.
  for (const stage of ['screen', 'code']) await awaitStage(tx, stage, subjects);
  const copies = await tx.query<{ person: string }>(
    `select distinct person::text as person from write_back where tenant = $tenant
      and connection = $1`,
    [id],
  );
  const written = copies.rows.map((one) => one.person);
  await awaitStage(tx, 'write-back', written);
  const { rowCount } = await tx.query(
    `update connection set deleted_at = loopwell_now(), deleted_by = $3, secret = null,
      client = '{}', credentials = 'none', revision = revision + 1, changed_at = loopwell_now()
      where id = $1 and tenant = $2 and deleted_at is null`,
    [id, who.tenant, who.principal],
  );
  if ((rowCount ?? 0) === 0) throw new AppError('NOT_FOUND', 'There is no such connection');
  const hanging = await hangingOn(tx, id);
  if (hanging.openReferrals > 0 || hanging.liveTasks > 0)
    throw new AppError('CONFLICT', refusal, { facts: { connection: id, ...hanging } });
  await dropWork(tx, id, subjects, written);
  await tx.query('delete from hold where tenant = $1 and scope = any($2)', [
    who.tenant,
    [`ehr:${id}`, `connection:${id}`],
  ]);
  await appendHistory(tx, [
    {
      tenant: who.tenant,
      stage: 'pull',
      subject: `connection:${id}`,
      outcome: 'deleted',
      trace: who.trace,
      principal: who.principal,
      facts: hanging,
    },
  ]);
  return hanging;
}

/** Drops the work, the cursors and the notes of a connection; pending writes are left out. */
async function dropWork(
  tx: Tx,
  id: string,
  subjects: readonly string[],
  written: readonly string[],
): Promise<void> {
  await tx.query(
    `delete from ledger where tenant = $tenant and stage = 'pull' and subject in (select id
      from pull_cursor where tenant = $tenant and connection = $1)`,
    [id],
  );
  await tx.query(
    `delete from ledger where tenant = $tenant and stage in ('screen', 'code')
      and subject = any($1)`,
    [subjects],
  );
  await tx.query(
    "delete from ledger where tenant = $tenant and stage = 'write-back' and subject = any($1)",
    [written],
  );
  await tx.query(
    `update write_back set state = 'left-out' where tenant = $tenant and connection = $1
      and state = 'waiting'`,
    [id],
  );
  for (const table of ['pull_cursor', 'search_form', 'connection_note'])
    await tx.query(`delete from ${table} where tenant = $tenant and connection = $1`, [id]);
}
