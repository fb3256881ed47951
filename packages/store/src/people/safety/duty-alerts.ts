import { deriveId, newId } from '@loopwell/kit';
import { nowOnce, realNow } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import { patientsLike } from '../same-person.ts';

/** An answer by which somebody on duty is told. `person` is the derived id of a Patient. */
export type AlertCause = {
  person: string;
  kind: 'see-first' | 'call-today';
  /** When the person gave the answer; null where that is not known, which counts as just now. */
  answeredAt: Date | null;
  /** The id of the answer: the same answer of the same human raises one alert. */
  source: string;
  /** A person of the care team has written it down just now, whatever is read of the EHR. */
  isByStaff?: boolean;
};

/** An alert that nobody has taken. Its kind is not shown: pages say "See first" of both. */
export type OpenAlert = {
  id: string;
  person: string;
  raised_at: Date;
  told_at: Date | null;
  problem: string | null;
};

/** How old an answer may be for somebody to be told by name of it: older ones share a summary. */
const recent = "interval '24 hours'";
/** How long a summary waits for more, and how often there is one at most. */
const [summaryWait, summaryEvery] = ["interval '4 minutes'", "interval '24 hours'"];

/**
 * Tells in SQL whether the EHR of a person is being read for the first time. A type that cannot be
 * read, or a first read that takes days, does not count: its new answers must be told.
 */
const isFirstLoad = `exists (select 1 from patient_link l join pull_cursor c
    on c.tenant = l.tenant and c.connection = l.connection
  where l.tenant = $tenant and c.tenant = $tenant and l.patient = n.person and c.scope = ''
    and c.type in ('QuestionnaireResponse', 'Observation') and c.upto is null and not c.done
    and c.gap is null and c.begun_at > ${realNow} - interval '24 hours')`;

/** Tells in SQL whether the same human has an alert of this kind and source already. */
const isRaised = `exists (select 1 from duty_alert a where a.tenant = $tenant
    and a.person = any(${patientsLike('n.person')}) and a.kind = n.kind and a.source = n.source)`;

/**
 * Raises alerts in the transaction that stores the answers, so that no answer is stored of which
 * nobody will be told. An answer raises one alert for its human, however often it is coded. Answers
 * older than 24 hours and those of a first load are told with one summary. DECISIONS D151.
 *
 * @returns how many alerts are new
 */
export async function raiseAlerts(tx: Tx, causes: readonly AlertCause[]): Promise<number> {
  if (causes.length === 0) return 0;
  const { rows } = await tx.query<{ summarized: boolean }>(
    `with n as (select * from
         unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::boolean[])
           as n(id, person, kind, answered_at, source, by_staff)),
       judged as (select n.*, coalesce(n.answered_at < ${nowOnce} - ${recent}, false)
         or (${isFirstLoad} and not n.by_staff) as summarized from n where not ${isRaised})
     insert into duty_alert (tenant, id, person, kind, source, next_at)
     select $tenant, id, person, kind, source, case when summarized then null else ${nowOnce} end
       from judged order by id
     on conflict do nothing returning next_at is null as summarized`,
    columnsOf(tx.tenant, causes),
  );
  if (rows.some(({ summarized }) => summarized)) await raiseSummary(tx);
  return rows.length;
}

function columnsOf(tenant: string, causes: readonly AlertCause[]): unknown[] {
  return [
    causes.map(({ person, kind, source }) => deriveId(tenant, 'duty-alert', person, kind, source)),
    causes.map(({ person }) => person),
    causes.map(({ kind }) => kind),
    causes.map(({ answeredAt }) => answeredAt),
    causes.map(({ source }) => source),
    causes.map(({ isByStaff }) => isByStaff === true),
  ];
}

/** Makes the one summary due, unless it is already; there is one in 24 hours. */
async function raiseSummary(tx: Tx): Promise<void> {
  await tx.query(
    `insert into duty_alert (tenant, id, kind, source, next_at)
     select $tenant, $1, 'summary', 'summary',
         greatest(${nowOnce} + ${summaryWait}, max(told_at) + ${summaryEvery})
       from duty_alert where tenant = $tenant and kind = 'summary'
     on conflict do nothing`,
    [newId()],
  );
}

/**
 * Takes all alerts of a human that are open: nobody is told of them any more.
 *
 * @param person the derived id of any of their Patients
 * @returns how many were open
 */
export async function takeAlert(tx: Tx, person: string, by: string): Promise<number> {
  const { rowCount } = await tx.query(
    `update duty_alert set taken_at = loopwell_now(), taken_by = $2, next_at = null
      where tenant = $tenant and taken_at is null and person = any(${patientsLike('$1')})`,
    [person, by],
  );
  return rowCount ?? 0;
}

/** Lists the open alerts of some Patients, those of the same human among them, oldest first. */
export async function openAlerts(tx: Tx, people: readonly string[]): Promise<OpenAlert[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<OpenAlert>(
    `select a.id, p.person, a.raised_at, a.told_at, a.problem
       from unnest($1::uuid[]) p(person)
       join duty_alert a on a.tenant = $tenant and a.taken_at is null
        and a.person = any(${patientsLike('p.person')})
      order by a.raised_at, a.id`,
    [people],
  );
  return rows;
}

/** An alert that this process works now. */
export type ClaimedAlert = {
  id: string;
  kind: AlertCause['kind'] | 'summary' | 'without-help' | 'partner-half' | 'partner-late';
  rounds: number;
  fence: number;
};

/** How many alerts one round takes at most. One message is for all of them. */
const mostAlerts = 1_000;

/**
 * Claims the alerts that are due, for as long as a lease lasts on the real clock. What another
 * process works is left out until its lease has ended.
 */
export async function claimAlerts(tx: Tx, leaseMs: number): Promise<ClaimedAlert[]> {
  const { rows } = await tx.query<ClaimedAlert>(
    `update duty_alert a set fence = a.fence + 1,
        leased_until = ${realNow} + $1 * interval '1 millisecond'
       from (select id from duty_alert
              where tenant = $tenant and next_at <= ${nowOnce} and taken_at is null
                and (leased_until is null or leased_until < ${realNow})
              order by next_at, id limit ${mostAlerts} for update skip locked) d
      where a.tenant = $tenant and a.id = d.id
     returning a.id, a.kind, a.rounds, a.fence`,
    [leaseMs],
  );
  return rows;
}

/**
 * Holds claimed alerts for another lease, before the next people are told.
 *
 * @returns those that this process still holds and that nobody has taken meanwhile
 */
export async function holdAlerts(
  tx: Tx,
  alerts: readonly ClaimedAlert[],
  leaseMs: number,
): Promise<ClaimedAlert[]> {
  const { rows } = await tx.query<ClaimedAlert>(
    `update duty_alert a set leased_until = ${realNow} + $3 * interval '1 millisecond'
       from unnest($1::uuid[], $2::integer[]) as h(id, fence)
      where a.tenant = $tenant and a.id = h.id and a.fence = h.fence and a.taken_at is null
     returning a.id, a.kind, a.rounds, a.fence`,
    [alerts.map(({ id }) => id), alerts.map(({ fence }) => fence), leaseMs],
  );
  return rows;
}

/** What came of a round for one alert. */
export type AlertRound = {
  id: string;
  fence: number;
  hasReached: boolean;
  problem: string | null;
};

/**
 * Finishes a round. Somebody is told again after `everyMs`; where nobody could be told, after
 * `retryMs`. A summary is told once, and so is that people are still without help, and what the
 * clocks of partners say. Only the latest holder of an alert may finish its round.
 */
export async function finishRound(
  tx: Tx,
  rounds: readonly AlertRound[],
  { everyMs, retryMs }: { everyMs: number; retryMs: number },
): Promise<void> {
  await tx.query(
    `update duty_alert a set leased_until = null, problem = r.problem,
        rounds = a.rounds + case when r.reached then 1 else 0 end,
        told_at = case when r.reached then ${nowOnce} else a.told_at end,
        first_told_at = case when r.reached then coalesce(a.first_told_at, ${nowOnce})
          else a.first_told_at end,
        next_at = case when a.taken_at is not null or (r.reached
          and a.kind not in ('see-first', 'call-today')) then null
          else ${nowOnce} + case when r.reached then $5::float8 else $6
          end * interval '1 millisecond'
          end
       from unnest($1::uuid[], $2::integer[], $3::boolean[], $4::text[])
         as r(id, fence, reached, problem)
      where a.tenant = $tenant and a.id = r.id and a.fence = r.fence`,
    [
      rounds.map(({ id }) => id),
      rounds.map(({ fence }) => fence),
      rounds.map(({ hasReached }) => hasReached),
      rounds.map(({ problem }) => problem),
      everyMs,
      retryMs,
    ],
  );
}

/** How it stands with all open alerts, for a page's notice. */
export type AlertState = {
  open: number;
  /** Alerts that nobody could be told of in their last round, and why. */
  untold: number;
  problem: string | null;
};

/** Reads how many alerts are open, and of how many nobody could be told. */
export async function readAlertState(tx: Tx): Promise<AlertState> {
  const { rows } = await tx.query<AlertState>(
    `select count(*) as open, count(problem) as untold, min(problem) as problem
       from duty_alert where tenant = $tenant and taken_at is null and next_at is not null`,
  );
  return rows[0] ?? { open: 0, untold: 0, problem: null };
}
