import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { patientsOfPeople } from './safety-facts.ts';

/** Resources of an EHR that may say when the person comes next, and what somebody typed in. */
export type AppointmentSources = {
  resources: readonly { connection: string; body: string }[];
  typed: readonly Pick<Rows['typed_appointment'], 'at' | 'place' | 'principal' | 'typed_at'>[];
};

/**
 * Loads, for some people, what tells of their next appointment: Appointments and planned Encounters
 * as pulled, and what was typed in.
 */
export async function appointmentSources(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, AppointmentSources>> {
  const ids = [...new Set(people)];
  if (ids.length === 0) return new Map();
  const patientsOf = await patientsOfPeople(tx, ids);
  const patients = [...new Set([...patientsOf.values()].flat())];
  const pulled = await tx.query<{ person: string; connection: string; body: string }>(
    `select person, connection, body from ehr_resource
      where tenant = $tenant and person = any($1::uuid[]) and type in ('Appointment', 'Encounter')
        and (type = 'Appointment' or body like '%"planned"%') order by type, source_id`,
    [patients],
  );
  const typed = await tx.query<Rows['typed_appointment']>(
    'select * from typed_appointment where tenant = $tenant and person = any($1::uuid[])',
    [patients],
  );
  return new Map(
    ids.map((id) => {
      const theirs = new Set(patientsOf.get(id));
      const resources = pulled.rows.filter(({ person }) => theirs.has(person));
      return [id, { resources, typed: typed.rows.filter(({ person }) => theirs.has(person)) }];
    }),
  );
}

/** Writes down the next appointment of a person, where the EHR gives none. */
export async function typeAppointment(
  tx: Tx,
  typed: { person: string; at: Date; place: string | undefined; principal: string },
): Promise<void> {
  await tx.query(
    `insert into typed_appointment (tenant, person, at, place, principal)
     values ($tenant, $1, $2, $3, $4)
     on conflict (tenant, person) do update set at = excluded.at, place = excluded.place,
       principal = excluded.principal, typed_at = loopwell_now()`,
    [typed.person, typed.at, typed.place ?? null, typed.principal],
  );
}
