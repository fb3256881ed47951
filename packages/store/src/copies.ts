import { insertRows, type Tx } from './database.ts';

/** What the EHR should hold by now: one row for each made resource that it is to get, in reference order by rank. */
export type CopyRow = {
  made_id: string;
  organisation: string;
  connection: string;
  person: string;
  referral: string | null;
  type: string;
  rank: number;
  wanted_version: number;
  written_version: number | null;
  ehr_id: string | null;
  etag: string | null;
  state: 'waiting' | 'done' | 'refused';
  status: number | null;
  issue_code: string | null;
  /** A write was begun and its outcome is not known: the EHR is asked before anything is written again. */
  intended_at: Date | null;
  /** The EHR was asked and showed that it does not have it: once is not enough. */
  denied_at: Date | null;
  changed_at: Date;
};

/** Referenced resources first. */
export const copyRanks = { Observation: 1, Condition: 2, ServiceRequest: 3, Procedure: 4 } as const;

/** The completed ServiceRequest comes after the Procedure that completes it. */
export const completedServiceRequestRank = 5;

/** Referrals that rest on restricted information: nothing of them is written into an EHR. */
async function restrictedAmong(tx: Tx, referrals: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>('select id from referral where id = any($1) and restriction is not null', [
    [...new Set(referrals)],
  ]);
  return new Set(rows.map((row) => row.id));
}

/** What was to be written of referrals that turned out to rest on restricted information is not written any more. */
export async function dropRestricted(tx: Tx, referrals: readonly string[]): Promise<void> {
  if (referrals.length === 0) return;
  // What the EHR has already stays as it is there.
  await tx.query(
    `update ehr_copy c set state = 'done', wanted_version = c.written_version, changed_at = now() from referral r
      where r.id = any($1) and c.referral = r.id and r.restriction is not null and c.state = 'waiting'
        and c.written_version is not null and c.intended_at is null`,
    [referrals],
  );
  await tx.query(
    `delete from ehr_copy c using referral r where r.id = any($1) and c.referral = r.id and r.restriction is not null
        and c.ehr_id is null and c.intended_at is null`,
    [referrals],
  );
}

/** @returns the people whose EHR is to learn something new */
export async function wantCopies(
  tx: Tx,
  copies: readonly {
    madeId: string;
    organisation: string;
    connection: string;
    person: string;
    referral: string;
    type: keyof typeof copyRanks;
    version: number;
    rank?: number;
  }[],
): Promise<Set<string>> {
  const restricted = await restrictedAmong(
    tx,
    copies.map((copy) => copy.referral),
  );
  const unique = [...new Map(copies.filter((copy) => !restricted.has(copy.referral)).map((copy) => [copy.madeId, copy])).values()];
  unique.sort((a, b) => (a.madeId < b.madeId ? -1 : 1));
  if (unique.length === 0) return new Set();
  const before = await tx.query<{ now: Date }>('select clock_timestamp() as now');
  await insertRows(
    tx,
    'ehr_copy as c',
    ['made_id', 'organisation', 'connection', 'person', 'referral', 'type', 'rank', 'wanted_version'],
    unique.map((copy) => [
      copy.madeId,
      copy.organisation,
      copy.connection,
      copy.person,
      copy.referral,
      copy.type,
      copy.rank ?? copyRanks[copy.type],
      copy.version,
    ]),
    `on conflict (made_id) do update set wanted_version = excluded.wanted_version, rank = excluded.rank, state = 'waiting',
        changed_at = clock_timestamp()
      where c.wanted_version < excluded.wanted_version`,
  );
  const { rows } = await tx.query<{ person: string }>('select person from ehr_copy where made_id = any($1) and changed_at >= $2', [
    unique.map((copy) => copy.madeId),
    before.rows[0]?.now,
  ]);
  return new Set(rows.map((row) => row.person));
}

/** All copies of some people: those that wait, and those written already, whose EHR ids references need. */
export async function copiesOfPeople(tx: Tx, people: readonly string[]): Promise<CopyRow[]> {
  const { rows } = await tx.query<CopyRow>('select * from ehr_copy where person = any($1) order by person, rank, made_id', [people]);
  return rows;
}

/**
 * The receipt of a write: set before it leaves, gone when its outcome is known.
 *
 * @returns false where it must not be written: it is not wanted any more, or its referral rests on restricted information
 */
export async function intendCopy(tx: Tx, madeId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update ehr_copy c set intended_at = clock_timestamp(), denied_at = null
      where made_id = $1 and not exists (select 1 from referral r where r.id = c.referral and r.restriction is not null)`,
    [madeId],
  );
  return (rowCount ?? 0) > 0;
}

/** The EHR does not have what was perhaps written. */
export async function denyCopy(tx: Tx, madeId: string): Promise<void> {
  await tx.query('update ehr_copy set denied_at = coalesce(denied_at, clock_timestamp()) where made_id = $1', [madeId]);
}

/**
 * What became of writing one version. A newer version that was wanted meanwhile keeps the copy waiting: it was neither
 * written nor refused.
 */
export async function settleCopy(
  tx: Tx,
  madeId: string,
  settlement: {
    state: CopyRow['state'];
    /** The version that was tried. */
    version: number;
    ehrId?: string | undefined;
    etag?: string | undefined;
    status?: number | undefined;
    issueCode?: string | undefined;
  },
): Promise<void> {
  await tx.query(
    `update ehr_copy set state = case when wanted_version > $5 then 'waiting' else $2 end, ehr_id = coalesce($3, ehr_id),
        etag = coalesce($4, etag), written_version = case when $2 = 'done' then $5 else written_version end, status = $6,
        issue_code = $7, intended_at = null, denied_at = null, changed_at = now()
      where made_id = $1`,
    [
      madeId,
      settlement.state,
      settlement.ehrId ?? null,
      settlement.etag ?? null,
      settlement.version,
      settlement.status ?? null,
      settlement.issueCode ?? null,
    ],
  );
}
