import { todayAt } from '@loopwell/kit';
import { realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { readNow } from '../database/database-clock.ts';
import { isFailedWork } from '../referral/calls/left-to-tell.ts';
import { isOverdue } from '../referral/referral-places.ts';
import { placeTotals, readTotals, type Total, unsentReferrals } from './running-totals.ts';

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

const stageNames = ['pull', 'screen', 'code', 'refer', 'track', 'close', 'write-back'] as const;
const waiters = ['worker', 'reviewer', 'partner', 'ehr', 'operator'] as const;

/** Tells whether an outcome in the history counts as work done. */
const isDone = (outcome: string) =>
  !/^(failed|waits):/.test(outcome) && !/^(read|posted)-by-partner$/.test(outcome);

/**
 * Reads the status of each stage from the ledger and the history. It uses totals and the ends of
 * indexes, so that its time does not grow with the work that waits.
 */
export async function readStages(tx: Tx, tenant: string): Promise<StageStatus[]> {
  const totals = await readTotals(tx, tenant, ['ledger', 'failed', 'history']);
  const { rows } = await tx.query<{
    stage: string;
    active: number;
    recent: number;
    oldest: Date | null;
  }>(
    `select s.stage,
            (select count(*) from ledger l where l.stage = s.stage and l.leased_until > ${realNow}
              and l.tenant = $1) as active,
            (select count(*) from history h where h.stage = s.stage
              and h.at > loopwell_now() - interval '1 minute' and h.tenant = $1
               and h.outcome not like 'failed:%' and h.outcome not like 'waits:%'
                 and h.outcome not in ('read-by-partner', 'posted-by-partner')) as recent,
            (select min(o.since) from unnest($3::text[]) as w(who)
               cross join lateral (select min(l.since) as since from ledger l where l.tenant = $1
                 and l.stage = s.stage and l.waits_for = w.who) o) as oldest
       from unnest($2::text[]) as s(stage)`,
    [tenant, stageNames, waiters],
  );
  return stageNames.map((stage) => {
    const stageTotals = totals.filter((one) => one.a === stage);
    const sum = (isIn: (total: Total) => boolean) =>
      stageTotals.filter(isIn).reduce((all, one) => all + one.n, 0);
    const now = rows.find((row) => row.stage === stage);
    const waiting = Object.fromEntries(
      waiters.map((who) => [who, sum((one) => one.kind === 'ledger' && one.b === who)]),
    );
    return {
      stage,
      waiting: waiting as StageStatus['waiting'],
      active: Number(now?.active ?? 0),
      failed: sum((one) => one.kind === 'failed'),
      oldestSince: now?.oldest ?? null,
      done: sum((one) => one.kind === 'history' && isDone(one.b)),
      donePerMinute: Number(now?.recent ?? 0),
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

/**
 * Lists the rows that failed, oldest first. An operator retries or discards them. What the care
 * team has to tell a partner is on its own list instead.
 */
export async function readParked(tx: Tx, tenant: string, limit = 100): Promise<ParkedRow[]> {
  const { rows } = await tx.query<ParkedRow>(
    `select stage, subject, error_code as code, error_facts as facts, attempts, waits_for, since
      from ledger
      where tenant = $1 and ${isFailedWork}
      order by since limit $2`,
    [tenant, limit],
  );
  return rows;
}

/**
 * Referrals at one gate. `overdue` counts those at `withoutHelp` that no person has decided in
 * time.
 */
export type GateCount = {
  gate: string;
  count: number;
  oldest: Date;
  overdue: number;
};

/**
 * Counts referrals by what they wait for, with the oldest of each. It reads totals, and the first
 * row of an index.
 *
 * @param today at the site; the database's day in the machine's time zone when left out
 */
export async function readGates(tx: Tx, tenant: string, today?: string): Promise<GateCount[]> {
  const now = await readNow(tx);
  const day = today ?? todayAt({ now: () => now });
  const places = [...(await placeTotals(tx, tenant))].filter(
    ([place]) => !['closed', 'failed', 'withdrawn'].includes(place),
  );
  const { rows } = await tx.query<{ gate: string; oldest: Date; overdue: number }>(
    `with unsent as materialized (${unsentReferrals}),
     waits as not materialized (select * from referral r where r.tenant = $1 and r.state = 'waiting'
       and r.id not in (select referral from unsent))
     select p.place as gate,
            case p.place
              when 'partner' then least(
                (select min(r.gate_since) from referral r where r.tenant = $1
                  and r.state = 'partner'),
                (select min(r.gate_since) from referral r where r.tenant = $1
                  and r.id in (select referral from unsent)))
              when 'withoutHelp' then least(
                (select min(r.without_help_since) from waits r where r.gate = 'withoutHelp'),
                (select min(r.gate_since) from waits r where r.gate = 'withoutHelp'
                  and r.without_help_since is null))
              else (select r.gate_since from waits r where coalesce(r.gate, 'review') = p.place
                order by r.gate_since limit 1) end as oldest,
            case when p.place = 'withoutHelp' then (select count(*) from waits r
              where ${isOverdue(day)}) else 0 end as overdue
       from unnest($2::text[]) as p(place)`,
    [tenant, places.map(([place]) => place)],
  );
  const ages = new Map(rows.map((row) => [row.gate, row]));
  return places.flatMap(([gate, count]) => {
    const row = ages.get(gate);
    return row ? [{ gate, count, oldest: row.oldest, overdue: Number(row.overdue) }] : [];
  });
}

export type Refusal = {
  receiver: string;
  status: number | null;
  issueCode: string | null;
  count: number;
};

/**
 * Counts refusals that are not mended: of partners' Tasks, and of resources that the EHR did not
 * take. A refusal of us (401, 403) or of the address (404, 405) is mended once that partner has
 * taken a Task since. A refusal of a Task itself is mended once its referral is with a partner or
 * has ended.
 */
export async function readRefusals(tx: Tx, tenant: string): Promise<Refusal[]> {
  const { rows } = await tx.query<{
    receiver: string;
    status: number | null;
    code: string | null;
    n: number;
  }>(
    `select receiver, status, issue_code as code, count(*) as n from receipt r where tenant = $1
      and state = 'refused'
        and not case when r.status in (401, 403, 404, 405)
          then exists (select 1 from receipt s where s.tenant = r.tenant and s.receiver = r.receiver
            and s.state = 'settled'
                          and s.settled_at > coalesce(r.settled_at, r.intended_at))
          else exists (select 1 from task_delivery d join task t on t.tenant = d.tenant
          and t.id = d.task
                         join referral f on f.tenant = $tenant and f.id = t.referral
                        where d.tenant = r.tenant and d.receipt_key = r.key
                        and f.state in ('partner', 'closed', 'failed',
                          'withdrawn')) end
      group by 1, 2, 3
     union all
     select 'ehr:' || connection || ' ' || type, status, issue_code, count(*) from write_back
      where tenant = $1 and state = 'refused' group by 1, 2, 3 order by 1`,
    [tenant],
  );
  return rows.map((row) => ({
    receiver: row.receiver,
    status: row.status,
    issueCode: row.code,
    count: Number(row.n),
  }));
}

/** The place where a list that is sorted by age goes on: the last row of the page before. */
export type After = { since: Date; stage: string; subject: string };

/**
 * Reads a page of the rows that failed, oldest first, perhaps of one reason only. One row more than
 * `limit` says that there are others.
 */
export async function pageOfParked(
  tx: Tx,
  tenant: string,
  page: { code?: string | undefined; after?: After | undefined; limit: number },
): Promise<ParkedRow[]> {
  const { rows } = await tx.query<ParkedRow>(
    `select stage, subject, error_code as code, error_facts as facts, attempts, waits_for, since
      from ledger
      where tenant = $1 and ${isFailedWork}
        and ($2::text is null or error_code = $2)
        and ($3::timestamptz is null or (date_trunc('milliseconds', since), stage, subject) > ($3,
          $4, $5))
      order by date_trunc('milliseconds', since), stage, subject limit $6`,
    [
      tenant,
      page.code ?? null,
      page.after?.since ?? null,
      page.after?.stage ?? '',
      page.after?.subject ?? '',
      page.limit + 1,
    ],
  );
  return rows;
}

/** Counts the rows that failed, by reason. */
export async function countParked(
  tx: Tx,
  tenant: string,
): Promise<{ code: string; count: number }[]> {
  const { rows } = await tx.query<{ code: string; count: number }>(
    `select error_code as code, count(*) as count from ledger
      where tenant = $1 and ${isFailedWork}
      group by 1 order by 2 desc, 1`,
    [tenant],
  );
  return rows;
}

export type QuarantinedRow = {
  id: string;
  type: string;
  code: string;
  connection: string;
  facts: string | null;
  since: Date;
};

/**
 * Reads a page of the resources and screenings that could not be read, oldest first. One row more
 * than `limit` says that there are others.
 */
export async function pageOfQuarantine(
  tx: Tx,
  tenant: string,
  page: {
    code?: string | undefined;
    after?: { since: Date; id: string } | undefined;
    limit: number;
  },
): Promise<QuarantinedRow[]> {
  const { rows } = await tx.query<QuarantinedRow>(
    `select id, type, code, connection, facts, since from (
       select type || '/' || source_id as id, type, code, connection, facts,
         date_trunc('milliseconds', since) as since from quarantine where tenant = $1
       union all
       select coalesce(sources::jsonb ->> 0, 'Screening/' || id::text), 'Screening',
         coalesce(quarantine, 'unreadable'), connection, null, date_trunc('milliseconds',
         changed_at)
         from screening where tenant = $1 and outcome = 'quarantined'
       union all
       select 'Patient/' || patient_id, 'Patient', problem, connection, null,
         date_trunc('milliseconds', problem_since)
         from patient_link where tenant = $1 and problem is not null) x
      where ($2::text is null or code = $2) and ($3::timestamptz is null or (since, id) > ($3, $4))
      order by since, id limit $5`,
    [tenant, page.code ?? null, page.after?.since ?? null, page.after?.id ?? '', page.limit + 1],
  );
  return rows;
}

/** Counts referrals by state, which shows how many loops are closed and how many are open. */
export async function countReferrals(
  tx: Tx,
  tenant: string,
): Promise<Record<'waiting' | 'partner' | 'closed' | 'failed' | 'withdrawn', number>> {
  const counts = { waiting: 0, partner: 0, closed: 0, failed: 0, withdrawn: 0 };
  for (const [place, n] of await placeTotals(tx, tenant))
    counts[isState(place) ? place : 'waiting'] += n;
  return counts;
}

const isState = (place: string): place is 'partner' | 'closed' | 'failed' | 'withdrawn' =>
  ['partner', 'closed', 'failed', 'withdrawn'].includes(place);
