import { realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';
import { keepAltered } from './altered-writes.ts';
import { keepRefusalWords } from './refused-writes.ts';

/** A row for one resource of ours that an EHR is to hold, in reference order by rank. */
export type WriteBack = Rows['write_back'];

/** The order of writing by type: referenced resources come first. */
export const writeBackRanks = {
  Device: 0,
  Observation: 1,
  Condition: 2,
  ServiceRequest: 3,
  Procedure: 4,
  Provenance: 6,
} as const;

/** The rank of a completed ServiceRequest, which comes after the Procedure that completes it. */
export const completedServiceRequestRank = 5;

/**
 * Finds the referrals that rest on restricted information. Nothing of them is written into an EHR.
 */
export async function restrictedAmong(
  tx: Tx,
  referrals: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from referral where tenant = $tenant and id = any($1)
        and (restriction is not null or minor_service is not null)`,
    [[...new Set(referrals)]],
  );
  return new Set(rows.map((row) => row.id));
}

/** Drops the pending writes of referrals that turned out to rest on restricted information. */
export async function dropRestricted(tx: Tx, referrals: readonly string[]): Promise<void> {
  if (referrals.length === 0) return;
  // A resource that the EHR has already stays as it is there.
  await tx.query(
    `update write_back c set state = 'done', wanted_version = c.written_version,
      changed_at = loopwell_now() from referral r
      where c.tenant = $tenant and r.tenant = $tenant and r.id = any($1) and c.referral = r.id
      and r.restriction is not null and c.state = 'waiting'
        and c.written_version is not null and c.intended_at is null`,
    [referrals],
  );
  await tx.query(
    `delete from write_back c using referral r where c.tenant = $tenant and r.tenant = $tenant
      and r.id = any($1) and c.referral = r.id and r.restriction is not null
        and (c.ehr_id is null or c.change is not null) and c.written_version is null
        and c.intended_at is null`,
    [referrals],
  );
}

/** A resource of ours that the EHR of its connection is to hold, in this version or a later one. */
export type WantedResource = {
  madeId: string;
  tenant: string;
  connection: string;
  person: string;
  referral: string;
  type: keyof typeof writeBackRanks;
  version: number;
  rank?: number;
  trace?: string;
};

/**
 * Notes the versions of our resources that their EHRs are to hold. Restricted referrals are left
 * out.
 *
 * @returns the people whose EHR is to learn something new
 */
export async function wantWriteBacks(
  tx: Tx,
  copies: readonly WantedResource[],
): Promise<Set<string>> {
  const restricted = await restrictedAmong(
    tx,
    copies.map((copy) => copy.referral),
  );
  const unique = [
    ...new Map(
      copies.filter((copy) => !restricted.has(copy.referral)).map((copy) => [copy.madeId, copy]),
    ).values(),
  ];
  unique.sort((a, b) => (a.madeId < b.madeId ? -1 : 1));
  if (unique.length === 0) return new Set();
  const before = await tx.query<{ now: Date }>('select loopwell_now() as now');
  await insertRows(
    tx,
    'write_back as c',
    [
      'own_resource',
      'tenant',
      'connection',
      'person',
      'referral',
      'type',
      'rank',
      'wanted_version',
      'trace',
    ],
    unique.map((copy) => [
      copy.madeId,
      copy.tenant,
      copy.connection,
      copy.person,
      copy.referral,
      copy.type,
      copy.rank ?? writeBackRanks[copy.type],
      copy.version,
      copy.trace ?? null,
    ]),
    `on conflict (tenant, own_resource) do update set wanted_version = excluded.wanted_version, rank = excluded.rank, state = 'waiting',
        changed_at = loopwell_now()
      where c.wanted_version < excluded.wanted_version`,
  );
  const { rows } = await tx.query<{ person: string }>(
    `select person from write_back where tenant = $tenant and own_resource = any($1)
      and changed_at >= $2`,
    [unique.map((copy) => copy.madeId), before.rows[0]?.now],
  );
  return new Set(rows.map((row) => row.person));
}

/**
 * Notes that some EHRs are to get their copy of the Device.
 *
 * @returns ids of the copies that are wanted for the first time
 */
export async function wantDevices(
  tx: Tx,
  devices: readonly { id: string; tenant: string; connection: string }[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into write_back (own_resource, tenant, connection, person, type, rank, wanted_version)
     select d.id, d.tenant, d.connection, d.id, 'Device', $4, 1
       from unnest($1::uuid[], $2::text[], $3::text[]) as d(id, tenant, connection)
     on conflict (tenant, own_resource) do nothing returning own_resource as id`,
    [
      devices.map((one) => one.id),
      devices.map((one) => one.tenant),
      devices.map((one) => one.connection),
      writeBackRanks.Device,
    ],
  );
  return new Set(rows.map((row) => row.id));
}

/**
 * Reads the state of the Device in some EHRs, by the id of its copy. `isComing` says that a worker
 * is about to bring it there.
 */
export async function deviceWriteBacks(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, { ehrId: string | null; isComing: boolean }>> {
  const { rows } = await tx.query<{ id: string; ehrId: string | null; isComing: boolean }>(
    `select c.own_resource as id, c.ehr_id as "ehrId", c.state = 'waiting' and exists (select 1
      from ledger l
        where l.tenant = $tenant and l.stage = 'write-back'
        and l.subject = c.own_resource::text and l.waits_for = 'worker') as "isComing"
       from write_back c where c.tenant = $tenant and c.own_resource = any($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** Lists the types of which each EHR has shown that it keeps none, by connection. */
export async function leftOutTypes(
  tx: Tx,
  connections: readonly string[],
): Promise<Map<string, Set<string>>> {
  const { rows } = await tx.query<{ connection: string; types: string[] }>(
    `select connection, array_agg(distinct type) as types from write_back
      where tenant = $tenant and connection = any($1) and state = 'left-out' group by 1`,
    [connections],
  );
  return new Map(rows.map(({ connection, types }) => [connection, new Set(types)]));
}

/**
 * Reads all write-backs of some people: those that wait, and those written already, whose EHR ids
 * references need.
 */
export async function writeBacksOfPeople(tx: Tx, people: readonly string[]): Promise<WriteBack[]> {
  const { rows } = await tx.query<WriteBack>(
    `select * from write_back where tenant = $tenant and person = any($1)
      order by person, rank, own_resource`,
    [people],
  );
  return rows;
}

/**
 * Writes the receipt of a write before it leaves. It is cleared when the outcome is known.
 *
 * @returns false where the resource must not be written: it is not wanted any more, or its referral
 *   rests on restricted information
 */
export async function intendWriteBack(tx: Tx, madeId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update write_back c set intended_at = loopwell_now(), denied_at = null
      where c.tenant = $tenant and own_resource = $1 and not exists (select 1 from referral r
        where r.tenant = $tenant and r.id = c.referral and r.restriction is not null)`,
    [madeId],
  );
  return (rowCount ?? 0) > 0;
}

/** Notes since when the EHR shows that it does not have a resource whose write may have arrived. */
export async function denyWriteBack(tx: Tx, madeId: string): Promise<void> {
  await tx.query(
    `update write_back set denied_at = coalesce(denied_at, ${realNow}) where tenant = $tenant
      and own_resource = $1`,
    [madeId],
  );
}

/**
 * Saves the outcome of writing one version. A newer version that was wanted meanwhile keeps the row
 * waiting, since it was neither written nor refused.
 */
export async function settleWriteBack(
  tx: Tx,
  madeId: string,
  settlement: {
    state: WriteBack['state'];
    /** The version that was tried. */
    version: number;
    ehrId?: string | undefined;
    etag?: string | undefined;
    status?: number | undefined;
    issueCode?: string | undefined;
    /** The EHR's words. */
    words?: string | undefined;
    /** Both versions, where the EHR stores another one. */
    altered?:
      | { lost: readonly string[]; sent: string; stored: string; takenBack: boolean }
      | undefined;
  },
): Promise<void> {
  await tx.query(
    `update write_back set state = case when wanted_version > $5 then 'waiting' else $2 end,
      ehr_id = coalesce($3, ehr_id),
        etag = coalesce($4, etag), written_version = case when $2 in ('done', 'altered') then $5
        else written_version end, status = $6,
        issue_code = $7, intended_at = null, denied_at = null, changed_at = loopwell_now(),
        taken_back = $8
      where tenant = $tenant and own_resource = $1`,
    [
      madeId,
      settlement.state,
      settlement.ehrId ?? null,
      settlement.etag ?? null,
      settlement.version,
      settlement.status ?? null,
      settlement.issueCode ?? null,
      settlement.altered?.takenBack ?? false,
    ],
  );
  if (settlement.state !== 'refused') await keepAltered(tx, madeId, settlement.altered);
  if (settlement.state === 'refused') await keepRefusalWords(tx, madeId, settlement.words);
}

/**
 * Settles a newer version of a resource that was taken back in the EHR without writing it. The
 * resource stays as it stands there.
 */
export async function leaveTakenBack(tx: Tx, madeId: string, version: number): Promise<void> {
  await tx.query(
    `update write_back set state = case when wanted_version > $2 then 'waiting' else 'altered' end,
      changed_at = loopwell_now()
      where tenant = $tenant and own_resource = $1 and taken_back`,
    [madeId, version],
  );
}
