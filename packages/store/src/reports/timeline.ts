import type { Tx } from '../database/database.ts';
import {
  findConditions,
  findEncounters,
  findReferrals,
  findTraced,
  findTraces,
  followThread,
  parseId,
  type Thread,
  uuid,
} from './timeline-thread.ts';

/**
 * One moment of a timeline: ids, codes and times, no names and no answers. `words` are for
 * reviewers alone.
 */
export type Moment = {
  at: Date;
  stage: string;
  what: string;
  who: string;
  /** A partner's own words: only where they were asked for. */
  words?: string;
};

/**
 * Reads the timeline of a trace; or of an Encounter, Condition, Task, referral or screening of
 * ours. The id may be ours, the EHR's or the partner's, with or without its type. Its moments are:
 * pulled, screened, coded, approved by whom, agreement, consent, sent, answered, written back.
 *
 * @param withWords whether partners' own words are shown, for a reader who is a reviewer
 */
export async function timelineOf(
  tx: Tx,
  tenant: string,
  idText: string,
  { withWords = false } = {},
): Promise<Moment[]> {
  const thread = await threadOf(tx, tenant, idText);
  if (thread === undefined) return [];
  if (
    thread.places.length +
      thread.screenings.length +
      thread.conditions.length +
      thread.referrals.length ===
    0
  )
    return [];
  const { rows } = await tx.query<Moment>(timelineSql, [
    tenant,
    JSON.stringify(thread.places),
    thread.screenings,
    JSON.stringify(thread.conditions),
    thread.referrals,
    thread.conditions.map((one) => one.condition).filter((one) => uuid.test(one)),
  ]);
  const moments = await answerMoments(tx, tenant, thread.referrals, withWords);
  return [...rows, ...moments].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Finds everything that hangs together with an id; undefined for an empty one. */
async function threadOf(tx: Tx, tenant: string, idText: string): Promise<Thread | undefined> {
  const { type, id } = parseId(idText);
  if (id === '') return undefined;
  const wants = (one: string) => type === undefined || type === one;
  const encounters = wants('Encounter') ? await findEncounters(tx, tenant, id) : [];
  const referrals = await findReferrals(tx, tenant, type, id);
  const conditions = wants('Condition') ? await findConditions(tx, tenant, id) : [];
  const screening = wants('Screening') && uuid.test(id) ? [id] : [];
  const traces = await findTraces(tx, tenant, encounters);
  if (type === undefined && uuid.test(id)) traces.push(id);
  const traced = await findTraced(tx, tenant, traces);
  const thread = await followThread(
    tx,
    tenant,
    [...encounters, ...traced.encounters],
    conditions,
    referrals,
    [...screening, ...traced.screenings],
  );
  thread.referrals = [...new Set([...thread.referrals, ...traced.referrals])];
  return thread;
}

/** Lists the Patients that the timeline of an id is about. */
export async function peopleOfTimeline(tx: Tx, tenant: string, idText: string): Promise<string[]> {
  const thread = await threadOf(tx, tenant, idText);
  if (thread === undefined) return [];
  const { rows } = await tx.query<{ person: string }>(peopleSql, [
    ...[thread.referrals, thread.screenings, JSON.stringify(thread.places)],
    JSON.stringify(thread.conditions),
  ]);
  return rows.map(({ person }) => person);
}

/** Reads the moments of partners' answers beyond a status: codes, and whether there are words. */
async function answerMoments(
  tx: Tx,
  tenant: string,
  asked: readonly string[],
  withWords: boolean,
): Promise<Moment[]> {
  const { rows } = await tx.query<Omit<Moment, 'words'> & { words: string | null }>(
    `select received_at as at, 'track' as stage, who,
            concat_ws(', ', 'answered ' || coalesce(known_status,
              'with a status that FHIR does not know'),
              (select string_agg(c ->> 'code', ', ') from jsonb_array_elements(codes::jsonb) c),
              (select string_agg(o, ', ') from jsonb_array_elements_text(oddities::jsonb) o),
              case when with_words then 'with words' end) as what,
            case when $3 then nullif(concat_ws(' | ', nullif(status, known_status), reason, note,
              business_status,
              (select string_agg(concat_ws(': ', o ->> 'type', o ->> 'value'), ' | ')
                from jsonb_array_elements(outputs::jsonb) o)), '') end as words
       from partner_answer
      where tenant = $1 and referral = any($2::uuid[])
        and (with_words or known_status is null or codes <> '[]' or oddities <> '[]')
      order by id`,
    [tenant, asked, withWords],
  );
  return rows.map(({ words, ...moment }) => ({ ...moment, ...(words === null ? {} : { words }) }));
}

const peopleSql = `select person from referral where tenant = $tenant and id = any($1::uuid[])
     union
     select person from screening where tenant = $tenant and id = any($2::uuid[])
     union
     select e.person from jsonb_to_recordset($3::jsonb) as p(connection text, type text, id text)
       join ehr_resource e on e.tenant = $tenant and e.connection = p.connection
        and e.type = p.type and e.source_id = p.id where e.person is not null
     union
     select q.person from jsonb_to_recordset($3::jsonb) as p(connection text, type text, id text)
       join quarantine q on q.tenant = $tenant and q.connection = p.connection
        and q.type = p.type and q.source_id = p.id where q.person is not null
     union
     select n.person from jsonb_to_recordset($4::jsonb) as n(person uuid)
      where n.person is not null`;

const timelineSql = `
  with place as (select distinct connection, type, id
    from jsonb_to_recordset($2::jsonb) as p(connection text, type text, id text)),
  named as (select distinct person, condition from jsonb_to_recordset($4::jsonb) as n(person uuid,
    condition text)),
  about as (select unnest($5::uuid[])::text as subject union select id::text from task
    where tenant = $tenant and referral = any($5::uuid[]))
  select at, stage, what, who from (
    select pulled_at as at, 'pull' as stage,
      'pulled ' || type || '/' || source_id || ' version ' || version_id as what,
      'ehr:' || connection as who
      from ehr_resource where tenant = $1 and (connection, type, source_id) in (select connection,
        type, id from place)
    union all
    select since, 'pull', 'quarantined ' || type || '/' || source_id || ': ' || code,
      'system:intake'
      from quarantine where tenant = $1 and (connection, type, source_id) in (select connection,
        type, id from place)
    union all
    select changed_at, 'screen', 'screened by ' || instrument || ', outcome ' || outcome ||
      coalesce(' (' || quarantine || ')', '')
           || coalesce(', of Encounter/' || encounter, ''), 'system:enrichment'
      from screening where tenant = $1 and id = any($3::uuid[])
    union all
    select at, 'code', 'looked at Screening/' || screening || case when note is null then ''
      else ', with words' end, principal
      from screening_review where tenant = $1 and screening = any($3::uuid[])
    union all
    select e.added_at, 'code', 'coded ' || case when e.condition like 'Condition/%'
      then e.condition || ' of the EHR' else 'Condition ' || e.condition end
           || ' by rule ' || e.rule || ' version ' || e.rule_version, 'system:enrichment'
      from evidence e join named n on n.person = e.person and n.condition = e.condition
        where e.tenant = $1
    union all
    select coalesce(agreed.at, r.changed_at), 'refer',
      'agreement of ' || r.agreement_on || coalesce(' from ' || r.agreement_source, ''),
      coalesce(r.agreement_by, 'ehr:' || r.connection)
      from referral r left join lateral (select min(requested_at) as at from task t
        where t.tenant = $tenant and t.referral = r.id) agreed on true
     where r.tenant = $1 and r.id = any($5::uuid[]) and r.agreement_on is not null
       and r.agreement_source is distinct from 'reviewer'
    union all
    select decided_at, 'refer', 'consent ' || consent_id || ' version ' || consent_version ||
      ' for ' || recipient, 'system:referral'
      from consent_decision where tenant = $1 and referral = any($5::uuid[])
    union all
    select coalesce(r.settled_at, r.intended_at), 'refer',
      'Task ' || t.id || ' ' || r.state || coalesce(' ' || r.status::text, '')
           || coalesce(' ' || r.issue_code, '') || coalesce(' as ' || r.remote_id, ''), r.receiver
      from task t join task_delivery d on d.tenant = t.tenant and d.task = t.id
        join receipt r on r.tenant = d.tenant and r.key = d.receipt_key where t.tenant = $1
        and t.referral = any($5::uuid[])
    union all
    select without_help_since, 'refer', 'nobody could help: ' || without_help ||
      '; a reviewer decides', 'system:referral'
      from referral where tenant = $1 and id = any($5::uuid[]) and without_help is not null
        and without_help_since is not null
    union all
    select changed_at, 'refer', 'Task ' || id || ' taken back from ' || partner ||
      ', which had it since '
           || to_char(requested_at at time zone 'UTC',
             'YYYY-MM-DD"T"HH24:MI"Z"') || ' (' || recalled_from || '): ' || reason,
             'system:referral'
      from task where tenant = $1 and referral = any($5::uuid[]) and recalled_from is not null
    union all
    select h.at, h.stage, h.outcome, h.principal from history h where h.tenant = $1
      and h.subject in (select subject from about)
    union all
    select changed_at, 'write-back', case state when 'done' then 'written back ' when 'left-out'
      then 'left out, as the EHR keeps none: ' else state || ' ' end || type || ' ' || own_resource
           || coalesce(' as ' || ehr_id, '') || coalesce(' ' || status::text,
             '') || coalesce(' ' || issue_code, '')
           || coalesce((select ', not as sent: ' || string_agg(e, ', ') from altered_write a,
             jsonb_array_elements_text(a.lost::jsonb) e
                where a.tenant = write_back.tenant and a.own_resource = write_back.own_resource
                  and a.tenant = $1 and write_back.state = 'altered'),
                  '')
           || case when taken_back then ', taken back' else '' end, 'ehr:' || connection
      from write_back where tenant = $1 and (referral = any($5::uuid[])
        or own_resource = any($6::uuid[]))
    union all
    select since, stage, 'waits for ' || waits_for || coalesce(': ' || error_code, ''), 'now'
      from ledger join about using (subject)
     where tenant = $1 and stage in ('pull', 'screen', 'code', 'refer', 'track', 'close',
       'write-back')
       -- A Task that has ended waits for nobody: it is only looked at afterward.
       and not (stage = 'track' and error_code is null and exists (select 1 from task t
         where t.tenant = $tenant and t.referral = any($5::uuid[]) and t.id::text = subject
         and not t.live))
  ) moments
   order by at, array_position(array['pull', 'screen', 'code', 'refer', 'track', 'close',
     'write-back'], stage), what`;
