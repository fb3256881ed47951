import { systemClock, todayAt } from '@loopwell/kit';
import type { Tx } from './database.ts';
import { isOverdue, placeOfReferral, wasNeeded } from './places.ts';

export type StageStatus = {
  stage: string;
  waiting: Record<'worker' | 'reviewer' | 'partner' | 'ehr' | 'operator', number>;
  /** Held by a worker right now. */
  active: number;
  failed: number;
  oldestSince: Date | null;
  done: number;
  donePerMinute: number;
};

const names = ['pull', 'screen', 'code', 'refer', 'track', 'close', 'write-back'] as const;

/** Each stage as ledger and history show it: two queries, whatever waits. */
export async function readStages(tx: Tx, organisation: string): Promise<StageStatus[]> {
  const waiting = await tx.query<{
    stage: string;
    waits_for: keyof StageStatus['waiting'];
    n: number;
    active: number;
    failed: number;
    oldest: Date;
  }>(
    `select stage, waits_for, count(*) as n, count(*) filter (where leased_until > now()) as active,
            count(*) filter (where error_code is not null) as failed, min(since) as oldest
       from ledger where organisation = $1 group by stage, waits_for`,
    [organisation],
  );
  const done = await tx.query<{ stage: string; n: number; recent: number }>(
    `select stage, count(*) as n, count(*) filter (where at > now() - interval '1 minute') as recent
       from history where organisation = $1 and outcome not like 'failed:%' and outcome not like 'waits:%' and outcome <> 'read-by-partner' group by stage`,
    [organisation],
  );
  return names.map((stage) => {
    const own = waiting.rows.filter((row) => row.stage === stage);
    const count = (who: string) => Number(own.find((row) => row.waits_for === who)?.n ?? 0);
    const past = done.rows.find((row) => row.stage === stage);
    const oldest = own.map((row) => row.oldest).sort((a, b) => a.getTime() - b.getTime())[0];
    return {
      stage,
      waiting: {
        worker: count('worker'),
        reviewer: count('reviewer'),
        partner: count('partner'),
        ehr: count('ehr'),
        operator: count('operator'),
      },
      active: own.reduce((sum, row) => sum + Number(row.active), 0),
      failed: own.reduce((sum, row) => sum + Number(row.failed), 0),
      oldestSince: oldest ?? null,
      done: Number(past?.n ?? 0),
      donePerMinute: Number(past?.recent ?? 0),
    };
  });
}

export type ParkedRow = {
  stage: string;
  subject: string;
  code: string;
  facts: string | null;
  attempts: number;
  waits_for: string;
  since: Date;
};

/** Rows that failed, oldest first: what retry and discard are for. */
export async function readParked(tx: Tx, organisation: string, limit = 100): Promise<ParkedRow[]> {
  const { rows } = await tx.query<ParkedRow>(
    `select stage, subject, error_code as code, error_facts as facts, attempts, waits_for, since from ledger
      where organisation = $1 and error_code is not null order by since limit $2`,
    [organisation, limit],
  );
  return rows;
}

/** `overdue`: of those that nobody could help with, how many no person has decided in time. */
export type GateCount = { gate: string; count: number; oldest: Date; overdue: number };

/**
 * Referrals by what they wait for.
 *
 * @param today at the site; the machine's when left out
 */
export async function readGates(tx: Tx, organisation: string, today = todayAt(systemClock)): Promise<GateCount[]> {
  const { rows } = await tx.query<{ gate: string; n: number; oldest: Date; overdue: number }>(
    `select ${placeOfReferral} as gate, count(*) as n, count(*) filter (where ${isOverdue(today)}) as overdue,
            min(case when r.gate = 'withoutHelp' then coalesce(r.without_help_since, r.gate_since) else r.gate_since end) as oldest
       from referral r where r.organisation = $1 and r.state in ('waiting', 'partner') group by 1 order by 1`,
    [organisation],
  );
  return rows.map((row) => ({ gate: row.gate, count: Number(row.n), oldest: row.oldest, overdue: Number(row.overdue) }));
}

export type Refusal = { receiver: string; status: number | null; issueCode: string | null; count: number };

/**
 * What receivers refused and nobody has mended since: partners' Tasks, and resources that the EHR did not take. A refusal of us
 * (401, 403) or of the address (404, 405) is mended once that partner has taken a Task since; one of a Task itself, once its
 * referral is with a partner or has ended.
 */
export async function readRefusals(tx: Tx, organisation: string): Promise<Refusal[]> {
  const { rows } = await tx.query<{ receiver: string; status: number | null; code: string | null; n: number }>(
    `select receiver, status, issue_code as code, count(*) as n from receipt r where organisation = $1 and state = 'refused'
        and not case when r.status in (401, 403, 404, 405)
          then exists (select 1 from receipt s where s.organisation = r.organisation and s.receiver = r.receiver and s.state = 'settled'
                          and s.settled_at > coalesce(r.settled_at, r.intended_at))
          else exists (select 1 from task t join referral f on f.id = t.referral
                        where t.receipt_key = r.key and f.state in ('partner', 'closed', 'failed', 'withdrawn')) end
      group by 1, 2, 3
     union all
     select 'ehr:' || connection || ' ' || type, status, issue_code, count(*) from ehr_copy
      where organisation = $1 and state = 'refused' group by 1, 2, 3 order by 1`,
    [organisation],
  );
  return rows.map((row) => ({ receiver: row.receiver, status: row.status, issueCode: row.code, count: Number(row.n) }));
}

/** Where to go on in a list that is sorted by age: the last row of the page before. */
export type After = { since: Date; stage: string; subject: string };

/** A page of the rows that failed, oldest first, perhaps of one reason only; one row more than `limit` says that there are others. */
export async function pageOfParked(
  tx: Tx,
  organisation: string,
  page: { code?: string | undefined; after?: After | undefined; limit: number },
): Promise<ParkedRow[]> {
  const { rows } = await tx.query<ParkedRow>(
    `select stage, subject, error_code as code, error_facts as facts, attempts, waits_for, since from ledger
      where organisation = $1 and error_code is not null and ($2::text is null or error_code = $2)
        and ($3::timestamptz is null or (date_trunc('milliseconds', since), stage, subject) > ($3, $4, $5))
      order by date_trunc('milliseconds', since), stage, subject limit $6`,
    [organisation, page.code ?? null, page.after?.since ?? null, page.after?.stage ?? '', page.after?.subject ?? '', page.limit + 1],
  );
  return rows;
}

/** How many rows failed, by reason. */
export async function countParked(tx: Tx, organisation: string): Promise<{ code: string; count: number }[]> {
  const { rows } = await tx.query<{ code: string; count: number }>(
    'select error_code as code, count(*) as count from ledger where organisation = $1 and error_code is not null group by 1 order by 2 desc, 1',
    [organisation],
  );
  return rows;
}

export type QuarantinedRow = { id: string; type: string; code: string; connection: string; facts: string | null; since: Date };

/** A page of what could not be read, oldest first; one row more than `limit` says that there are others. */
export async function pageOfQuarantine(
  tx: Tx,
  organisation: string,
  page: { code?: string | undefined; after?: { since: Date; id: string } | undefined; limit: number },
): Promise<QuarantinedRow[]> {
  const { rows } = await tx.query<QuarantinedRow>(
    `select id, type, code, connection, facts, since from (
       select type || '/' || source_id as id, type, code, connection, facts, date_trunc('milliseconds', since) as since from quarantine where organisation = $1
       union all
       select coalesce(sources::jsonb ->> 0, 'Screening/' || id::text), 'Screening', coalesce(quarantine, 'unreadable'), connection, null, date_trunc('milliseconds', changed_at)
         from screening where organisation = $1 and outcome = 'quarantined') x
      where ($2::text is null or code = $2) and ($3::timestamptz is null or (since, id) > ($3, $4))
      order by since, id limit $5`,
    [organisation, page.code ?? null, page.after?.since ?? null, page.after?.id ?? '', page.limit + 1],
  );
  return rows;
}

/** Referrals by state: how many loops are closed, and how many are open. */
export async function countReferrals(
  tx: Tx,
  organisation: string,
): Promise<Record<'waiting' | 'partner' | 'closed' | 'failed' | 'withdrawn', number>> {
  const { rows } = await tx.query<{ state: 'waiting'; n: number }>(
    `select case when x.place in ('partner', 'closed', 'failed', 'withdrawn') then x.place else 'waiting' end as state, count(*) as n
       from (select ${placeOfReferral} as place from referral r where r.organisation = $1 and ${wasNeeded}) x group by 1`,
    [organisation],
  );
  const none = { waiting: 0, partner: 0, closed: 0, failed: 0, withdrawn: 0 };
  return { ...none, ...Object.fromEntries(rows.map((row) => [row.state, Number(row.n)])) };
}
