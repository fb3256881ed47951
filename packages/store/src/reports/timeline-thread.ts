import type { Tx } from '../database/database.ts';

/** Everything that hangs together with the id that was asked for. */
export type Thread = {
  places: Place[];
  screenings: string[];
  conditions: Named[];
  referrals: string[];
};

/** A pulled resource. Ids are an EHR's own, so that the same one in two EHRs is two. */
export type Place = { connection: string; type: string; id: string };

/**
 * A Condition as referrals name it: an id of ours, or `Condition/<id>` of the EHR that knows this
 * person.
 */
type Named = { person: string; condition: string };

/** Matches an id of ours. */
export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Parses `Task/1`, `https://…/Task/1/_history/2` or `1` into a type, where it has one, and an id.
 */
export function parseId(text: string): { type: string | undefined; id: string } {
  const parts = text
    .trim()
    .replace(/\/_history\/[^/]*$/, '')
    .split('/')
    .filter(Boolean);
  const type = parts.at(-2);
  return {
    type: type !== undefined && /^[A-Z][A-Za-z]+$/.test(type) ? type : undefined,
    id: parts.at(-1) ?? '',
  };
}

/** Finds the Encounters with this id, pulled or quarantined. */
export async function findEncounters(tx: Tx, tenant: string, id: string): Promise<Place[]> {
  const { rows } = await tx.query<Place>(
    `select connection, type, source_id as id from ehr_resource where tenant = $1
      and type = 'Encounter' and source_id = $2
     union select connection, type, source_id from quarantine where tenant = $1
       and type = 'Encounter' and source_id = $2`,
    [tenant, id],
  );
  return rows;
}

/**
 * Finds the referrals of an id: of a Condition, Task, ServiceRequest or the referral itself. An id
 * that a write-back was given in the EHR counts too.
 */
export async function findReferrals(
  tx: Tx,
  tenant: string,
  type: string | undefined,
  id: string,
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `with found as (
       select $3::uuid as id where $4::text is null
       union select r.id from referral r where r.tenant = $tenant and r.service_request = $3
       and coalesce($4,
         'ServiceRequest') = 'ServiceRequest'
       union select t.referral from task t where t.tenant = $1 and coalesce($4, 'Task') = 'Task'
         and (t.id = $3 or t.id = any(array(select d.task from task_delivery d
           where d.tenant = $1 and d.remote_id = $2)))
       union select c.referral from write_back c where c.tenant = $tenant
       and (c.own_resource = $3 or c.ehr_id = $2)
         and c.type <> 'Condition' and coalesce($4, c.type) = c.type)
     select r.id from found f join referral r on r.id = f.id where r.tenant = $1`,
    [tenant, id, uuid.test(id) ? id : null, type ?? null],
  );
  return rows.map((row) => row.id);
}

/**
 * Finds the Conditions with this id: ours, one that was written back, or one of an EHR that has
 * evidence.
 */
export async function findConditions(tx: Tx, tenant: string, id: string): Promise<Named[]> {
  const { rows } = await tx.query<Named>(
    `select person, id::text as condition from own_resource where tenant = $1 and type = 'Condition'
      and id = $3
     union select person, own_resource::text from write_back where tenant = $1
       and type = 'Condition' and ehr_id = $2
     union select person, condition from evidence where tenant = $1
       and condition = 'Condition/' || $2`,
    [tenant, id, uuid.test(id) ? id : null],
  );
  return rows;
}

/** Finds the traces that began with some Encounters. */
export async function findTraces(
  tx: Tx,
  tenant: string,
  encounters: readonly Place[],
): Promise<string[]> {
  const { rows } = await tx.query<{ trace: string }>(
    `select r.trace from ehr_resource r join jsonb_to_recordset($2) as p(connection text, id text)
         on r.connection = p.connection and r.type = 'Encounter' and r.source_id = p.id
      where r.tenant = $1 and r.trace is not null`,
    [tenant, JSON.stringify(encounters)],
  );
  return rows.map((row) => row.trace);
}

/** Finds the Encounters, screenings and referrals that stand on some traces. */
export async function findTraced(
  tx: Tx,
  tenant: string,
  traces: readonly string[],
): Promise<{ encounters: Place[]; screenings: string[]; referrals: string[] }> {
  const encounters = await tx.query<Place>(
    `select connection, type, source_id as id from ehr_resource where tenant = $1
      and type = 'Encounter' and trace = any($2)`,
    [tenant, traces],
  );
  const screenings = await tx.query<{ id: string }>(
    'select id from screening where tenant = $1 and trace = any($2)',
    [tenant, traces],
  );
  const referrals = await tx.query<{ id: string }>(
    'select id from referral where tenant = $1 and trace = any($2)',
    [tenant, traces],
  );
  return {
    encounters: encounters.rows,
    screenings: screenings.rows.map((row) => row.id),
    referrals: referrals.rows.map((row) => row.id),
  };
}

/**
 * Follows the found starting points, forwards and backwards, to all that hangs together with them.
 */
export async function followThread(
  tx: Tx,
  tenant: string,
  encounters: readonly Place[],
  startingPoints: readonly Named[],
  asked: readonly string[],
  askedScreenings: readonly string[],
): Promise<Thread> {
  const { rows: ofEncounters } = await tx.query<Named>(
    `select distinct e.person, e.condition from evidence e
       join screening s on (s.tenant, s.person) = (e.tenant, e.person)
       and s.sources::jsonb ? e.source
       join jsonb_to_recordset($2) as p(connection text, id text)
         on (p.connection, p.id) = (s.connection, s.encounter)
      where e.tenant = $1`,
    [tenant, JSON.stringify(encounters)],
  );
  const { rows: ofReferrals } = await tx.query<Named>(
    'select r.person, c as condition from referral r, ' +
      'jsonb_array_elements_text(r.conditions::jsonb) c where r.tenant = $1 and r.id = any($2)',
    [tenant, asked],
  );
  const conditions = [...startingPoints, ...ofEncounters, ...ofReferrals];
  const { rows: referrals } = await tx.query<{ id: string }>(
    `select distinct r.id from referral r join jsonb_to_recordset($2) as n(person uuid,
      condition text)
         on n.person = r.person and r.conditions::jsonb ? n.condition
      where r.tenant = $1`,
    [tenant, JSON.stringify([...startingPoints, ...ofEncounters])],
  );
  const { rows: screenings } = await tx.query<{
    id: string;
    connection: string;
    encounter: string | null;
    sources: string;
  }>(
    `with found as (
       select unnest($4::uuid[]) as id
       union select s.id from jsonb_to_recordset($2) as p(connection text, id text)
         join screening s on s.tenant = $tenant
         and (s.connection, s.encounter) = (p.connection, p.id)
       union select s.id from jsonb_to_recordset($3) as n(person uuid, condition text)
         join evidence e on e.tenant = $tenant and (e.person, e.condition) = (n.person, n.condition)
         join screening s on s.tenant = $tenant and s.person = n.person
         and s.sources::jsonb ? e.source)
     select s.id, s.connection, s.encounter, s.sources from found f join screening s on s.id = f.id
       where s.tenant = $1`,
    [tenant, JSON.stringify(encounters), JSON.stringify(conditions), askedScreenings],
  );
  const places = screenings.flatMap((screening) =>
    [
      ...(screening.encounter ? [`Encounter/${screening.encounter}`] : []),
      ...(JSON.parse(screening.sources) as string[]),
    ].map((name) => placeOf(screening.connection, name)),
  );
  return {
    places: [...encounters, ...places],
    screenings: screenings.map((one) => one.id),
    conditions,
    referrals: [...new Set([...asked, ...referrals.map((row) => row.id)])],
  };
}

function placeOf(connection: string, name: string): Place {
  const [type = '', id = ''] = name.split('/');
  return { connection, type, id };
}
