import { AppError, sleep } from '@loopwell/kit';
import { isOfEarlierVersion, missingMigrations } from './applied-migrations.ts';
import { realNow } from './clock-sql.ts';
import type { Tx } from './database.ts';
import { clockDiffers } from './database-clock.ts';
import { placeOfBearer, placeOfConnection, type Secrets } from './secrets.ts';

/**
 * Checks for `/ready`: each answers with a sentence when something is wrong, and with nothing
 * otherwise.
 */

/** Checks whether PostgreSQL can be reached. */
export async function databaseAway(tx: Tx): Promise<string | undefined> {
  return tx.query('select 1').then(
    () => undefined,
    () => 'PostgreSQL cannot be reached',
  );
}

/**
 * Fails where PostgreSQL cannot be reached, so that a process that starts says why it cannot.
 *
 * @throws AppError CONFIG_INVALID
 */
export async function requireDatabase(tx: Tx): Promise<void> {
  await tx.query('select 1').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    throw new AppError(
      'CONFIG_INVALID',
      'PostgreSQL at DATABASE_URL cannot be reached or refuses this user',
      {
        facts: { code },
        cause: error,
      },
    );
  });
}

/** Checks whether the database lacks migrations of this version, or is of an earlier version. */
export async function migrationsMissing(tx: Tx): Promise<string | undefined> {
  const missing = await missingMigrations(tx).catch(() => undefined);
  if (missing === undefined) return 'Whether migrations are missing cannot be told';
  if (missing.length === 0) return undefined;
  if (await isOfEarlierVersion(tx).catch(() => false))
    return 'The database is of an earlier version: name an empty one with DATABASE_URL';
  return `Migrations are missing (${missing.join(', ')}): run loopwell migrate`;
}

/**
 * Waits until the database is migrated, or the signal is aborted. The order in which processes
 * start therefore does not matter.
 */
export async function untilMigrated(
  tx: Tx,
  tell: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let lastSentence: string | undefined; !signal.aborted; ) {
    const missing = await migrationsMissing(tx);
    if (missing === undefined) return;
    if (missing !== lastSentence) tell(missing);
    lastSentence = missing;
    await sleep(1_000, signal);
  }
}

/**
 * Counts the active holds of a tenant in a sentence. It informs people only: a hold is no fault,
 * and no process is less ready for it.
 */
export async function holdsActive(tx: Tx, tenant: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*) as n from hold where tenant = $1',
    [tenant],
  );
  const n = Number(rows[0]?.n ?? 0);
  return n === 0 ? undefined : `${n} ${n === 1 ? 'hold is' : 'holds are'} active`;
}

/**
 * Names the stages whose due work no worker takes: due for minutes, no lease held, and no line of
 * history in that time. A long backlog that moves is not stalled, and neither is what came due a
 * moment ago because the clock was moved.
 *
 * Each stage is asked by itself, and each question ends at the first row of an index: the probe
 * takes as long with a million rows that are due as with one, since it must not be what makes a
 * stalled site slow.
 */
export async function workStalled(
  tx: Tx,
  stages: readonly string[],
  minutes = 5,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ stage: string }>(
    `select s.stage from unnest($1::text[]) as s(stage)
      cross join lateral (select min(l.due) as due from ledger l where l.tenant = $tenant
      and l.stage = s.stage
        and l.waits_for in ('worker', 'partner', 'ehr')) oldest
      cross join lateral (select max(b.leased_until) as until from ledger b
      where b.tenant = $tenant and b.stage = s.stage
        and b.leased_until is not null) lease
      cross join lateral (select max(h.at) as at from history h where h.tenant = $tenant
      and h.stage = s.stage) done
      cross join clock
      where moves_at <= ${realNow} - $2 * interval '1 minute'
        and oldest.due < loopwell_now() - $2 * interval '1 minute'
        and coalesce(lease.until <= ${realNow}, true)
          and coalesce(done.at <= loopwell_now() - $2 * interval '1 minute', true)
      order by 1`,
    [stages, minutes],
  );
  return rows.length === 0
    ? undefined
    : `Nobody has taken due work of ${rows.map((row) => row.stage).join(', ')} for ${minutes} min`;
}

/**
 * Counts the stored secrets that this process should be able to open and cannot. The work that
 * needs them waits, and goes on with the right key.
 */
export async function keyDoesNotFit(tx: Tx, secrets: Secrets): Promise<string | undefined> {
  const connections = await tx.query<{ tenant: string; id: string; sealed: string }>(
    `select tenant, id, secret as sealed from connection where tenant = $tenant
      and secret is not null order by id`,
  );
  const bearers = await tx.query<{ tenant: string; address: string; sealed: string }>(
    `select tenant, address, send as sealed from partner_bearer where tenant = $tenant
      order by address`,
  );
  const all = [
    ...connections.rows.map((connection) => ({
      name: `connection ${connection.id}`,
      place: placeOfConnection(connection),
      sealed: connection.sealed,
    })),
    ...bearers.rows.map((bearer) => ({
      name: `partner at ${bearer.address}`,
      place: placeOfBearer(bearer),
      sealed: bearer.sealed,
    })),
  ];
  const shut = all.filter((one) => !opens(secrets, one));
  if (shut.length === 0) return undefined;
  return (
    `LOOPWELL_SECRET_KEY does not open ${shut.length} of ${all.length} stored secrets ` +
    `(${shut[0]?.name}): give the key that they were sealed with, after a comma where there ` +
    'is a new one'
  );
}

function opens(secrets: Secrets, { sealed, place }: { sealed: string; place: string }): boolean {
  try {
    secrets.open(sealed, place);
    return true;
  } catch {
    return false;
  }
}

/** Gives the checks that every process that works stages runs for `/ready`. */
export const checksOf = (db: Tx, stages: readonly string[]) => ({
  database: () => databaseAway(db),
  migrations: () => migrationsMissing(db),
  clock: () => clockDiffers(db),
  reconciler: () => workStalled(db, stages),
});
