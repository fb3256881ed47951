import type { Tx } from './database.ts';

/** One moment of a timeline: ids, codes and times, no names and no answers. */
export type Moment = { at: Date; stage: string; what: string; who: string };

type Ends = { people: string[]; encounter: string | null; referrals: string[]; conditions: string[] };

/**
 * The timeline of an Encounter, Condition, Task or referral, by our id or the EHR's: pulled, screened, coded, approved by
 * whom, consent, sent, answered, written back.
 */
export async function traceOf(tx: Tx, organisation: string, idText: string): Promise<Moment[]> {
  const id = idText.split('/').at(-1) ?? '';
  const ends = await findEnds(tx, organisation, id);
  if (ends.people.length === 0) return [];
  const { rows } = await tx.query<Moment>(timelineSql, [organisation, ends.people, ends.encounter, ends.referrals, ends.conditions]);
  return rows;
}

async function findEnds(tx: Tx, organisation: string, id: string): Promise<Ends> {
  const encounter = await tx.query<{ person: string; connection: string }>(
    "select person, connection from pulled where organisation = $1 and type = 'Encounter' and source_id = $2",
    [organisation, id],
  );
  if (encounter.rows[0]) return endsOfEncounter(tx, encounter.rows[0], id);
  const { rows } = await tx.query<{ id: string; person: string; conditions: string }>(
    `select r.id, r.person, r.conditions from referral r where r.organisation = $1
        and (r.id::text = $2 or r.service_request::text = $2 or r.conditions::jsonb ? $2 or r.conditions::jsonb ? ('Condition/' || $2)
          or exists (select 1 from task t where t.referral = r.id and (t.id::text = $2 or t.remote_id = $2)))`,
    [organisation, id],
  );
  return {
    people: [...new Set(rows.map((row) => row.person))],
    encounter: null,
    referrals: rows.map((row) => row.id),
    conditions: rows.flatMap((row) => JSON.parse(row.conditions) as string[]),
  };
}

async function endsOfEncounter(tx: Tx, found: { person: string; connection: string }, id: string): Promise<Ends> {
  const { rows: conditions } = await tx.query<{ condition: string }>(
    `select distinct e.condition from evidence e join screening s on s.person = e.person
      where s.connection = $1 and s.encounter = $2 and position('"' || e.source || '"' in s.sources) > 0`,
    [found.connection, id],
  );
  const ids = conditions.map((row) => row.condition);
  const { rows: referrals } = await tx.query<{ id: string }>(
    'select id from referral where person = $1 and exists (select 1 from jsonb_array_elements_text(conditions::jsonb) c where c = any($2))',
    [found.person, ids],
  );
  return { people: [found.person], encounter: id, referrals: referrals.map((row) => row.id), conditions: ids };
}

const timelineSql = `
  select at, stage, what, who from (
    select pulled_at as at, 'pull' as stage, 'pulled ' || type || '/' || source_id || ' version ' || version_id as what, 'ehr:' || connection as who
      from pulled where organisation = $1 and person = any($2) and type = 'Encounter' and ($3::text is null or source_id = $3)
    union all
    select changed_at, 'screen', 'screened by ' || instrument || ', outcome ' || outcome || coalesce(' (' || quarantine || ')', ''), 'system:enrichment'
      from screening where organisation = $1 and person = any($2) and ($3::text is null or encounter = $3)
    union all
    select added_at, 'code', 'Condition ' || condition || ' by rule ' || rule || ' version ' || rule_version, 'system:enrichment'
      from evidence where organisation = $1 and person = any($2) and condition = any($5)
    union all
    select decided_at, 'refer', 'consent ' || consent_id || ' version ' || consent_version || ' for ' || recipient, 'system:referral'
      from consent_decision where organisation = $1 and referral = any($4)
    union all
    select coalesce(r.settled_at, r.intended_at), 'refer', 'Task ' || t.id || ' ' || r.state || coalesce(' ' || r.status::text, '') || coalesce(' as ' || r.remote_id, ''), r.receiver
      from task t join receipt r on r.key = t.receipt_key where t.organisation = $1 and t.referral = any($4)
    union all
    select h.at, h.stage, h.outcome, h.principal from history h
      where h.organisation = $1 and (h.subject = any($4::uuid[]::text[]) or h.subject in (select id::text from task where referral = any($4)))
    union all
    select changed_at, 'write-back', type || ' ' || made_id || ' ' || state || coalesce(' as ' || ehr_id, ''), 'ehr:' || connection
      from ehr_copy where organisation = $1 and referral = any($4)
  ) moments
   order by at, array_position(array['pull', 'screen', 'code', 'refer', 'track', 'close', 'write-back'], stage), what`;
