import { newId } from '@loopwell/kit';
import { nowOnce } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { appendHistory, type HistoryLine } from '../database/history.ts';
import { samePeople } from './same-human.ts';

/** A Patient whose link leads to another person from now on. */
export type LinkMove = {
  /** The Patient's derived id. */
  patient: string;
  person: string;
  /** A code of ours: `replaced`, `no-longer-replaced`, or what a person gave. */
  reason: string;
  principal: string;
  /** Set where a person decides: what the EHR says of the Patient's successors now. */
  setAgainst?: string;
};

/** What happens with the Patients of humans whose records are joined or parted now. */
export type OnMove = (patients: readonly string[]) => Promise<void>;

/**
 * Links Patients to persons, or gives them back their own. It is the only writer of
 * `patient_link.person` after a Patient was added, and of `referral.linked_person`. The rows about
 * the Patient stay as they are; history says who moved the link. A link that leads there already
 * is not moved.
 *
 * @param onMove is given all Patients of the humans that a move concerns, before referrals are locked
 * @returns the Patients that were moved
 */
export async function movePatients(
  tx: Tx,
  moves: readonly LinkMove[],
  onMove?: OnMove,
): Promise<string[]> {
  if (moves.length === 0) return [];
  const named = moves.map(({ patient }) => patient);
  const before = onMove && (await concernedBy(tx, named));
  const { rows } = await tx.query<{ patient: string }>(
    `update patient_link l set person = m.person, reason = m.reason, moved_by = m.principal,
            set_against = m.set_against, moved_at = ${nowOnce}
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
         as m(patient, person, reason, principal, set_against)
       join person p on p.tenant = $tenant and p.id = m.person
      where l.tenant = $tenant and l.patient = m.patient
        and (l.person <> m.person or m.set_against is not null)
      returning l.patient`,
    [
      moves.map((move) => move.patient),
      moves.map((move) => move.person),
      moves.map((move) => move.reason),
      moves.map((move) => move.principal),
      moves.map((move) => move.setAgainst ?? null),
    ],
  );
  const moved = rows.map((row) => row.patient);
  if (before && moved.length > 0) {
    const after = await concernedBy(tx, moved);
    const concerned = [...before, ...after].filter(({ asked }) => moved.includes(asked));
    await onMove([...new Set(concerned.map(({ patient }) => patient))]);
  }
  await copyLinkedPerson(tx, moved);
  const lines = moves.filter((move) => moved.includes(move.patient));
  await appendHistory(
    tx,
    lines.map((move) => historyOf(tx.tenant, move)),
  );
  return moved;
}

/** Lists, for some Patients, all Patients of the same human as they are now. */
async function concernedBy(tx: Tx, patients: readonly string[]) {
  const { rows } = await tx.query<{ asked: string; patient: string }>(samePeople('$1'), [patients]);
  return rows;
}

function historyOf(tenant: string, move: LinkMove): HistoryLine {
  const { patient, person, reason, principal } = move;
  return {
    tenant,
    stage: 'pull',
    subject: patient,
    person: patient,
    outcome: person === patient ? 'person-unlinked' : 'person-linked',
    trace: newId(),
    principal,
    facts: { person, reason },
  };
}

/**
 * Copies the persons of moved Patients to referrals that were opened since, in the transaction
 * that opens them. Most Patients were never moved, and cost a look into two small indexes.
 */
export async function linkNewReferrals(tx: Tx, patients: readonly string[]): Promise<void> {
  if (patients.length === 0) return;
  const { rows } = await tx.query<{ patient: string }>(
    `select patient from patient_link
      where tenant = $tenant and person <> patient and patient = any($1::uuid[])
     union
     select person from referral
      where tenant = $tenant and linked_person is not null and person = any($1::uuid[])`,
    [[...new Set(patients)]],
  );
  const moved = rows.map((row) => row.patient);
  await copyLinkedPerson(tx, moved);
}

async function copyLinkedPerson(tx: Tx, patients: readonly string[]): Promise<void> {
  if (patients.length === 0) return;
  const { rows } = await tx.query<{ id: string }>(
    `select id from referral where tenant = $tenant and person = any($1::uuid[])
      order by id for update`,
    [patients],
  );
  await tx.query(
    `update referral r set linked_person = nullif(l.person, l.patient)
       from patient_link l
      where r.tenant = $tenant and r.id = any($1::uuid[])
        and l.tenant = r.tenant and l.patient = r.person
        and r.linked_person is distinct from nullif(l.person, l.patient)`,
    [rows.map((row) => row.id)],
  );
}
