import { AppError } from '@loopwell/kit';
import {
  type LinkStatements,
  linkedPatients,
  namedSuccessors,
  survivingPatients,
} from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { type LinkMove, movePatients, type OnMove } from './move-patients.ts';
import { findLink, lockLinks } from './patient-links.ts';
import {
  type Connected,
  connectedPatients,
  type LinkRow,
  type LinkState,
  linkedAmong,
  linksOf,
  replaceStatements,
  saveLinkStates,
} from './patient-statements.ts';

/** How many Patients links may connect. No real person has so many records in one EHR. */
const mostConnected = 1_000;

const principal = 'system:intake';

/** A Patient of one EHR with what it says of others. */
export type PatientSaying = { patientId: string; statements: LinkStatements };

/**
 * Follows the links of Patients of one EHR that were saved in this transaction, and those of
 * Patients that are connected with them: moves each to the person of its surviving Patient, and
 * lists links that nobody can follow. The caller has locked the links. DECISIONS D146.
 */
export async function followLinks(
  tx: Tx,
  connection: string,
  saying: readonly PatientSaying[],
  onMove?: OnMove,
): Promise<void> {
  const ids = saying.map((patient) => patient.patientId);
  const rows = saying.flatMap((patient) => rowsOf(connection, patient));
  const namedBefore = await replaceStatements(tx, connection, ids, rows);
  const touched = await linkedAmong(tx, connection, [...ids, ...namedBefore]);
  if (touched.length === 0) return;
  const connected = await connectedPatients(tx, connection, touched, mostConnected);
  if (connected) await follow(tx, connected, onMove);
  else await stopAt(tx, connection, touched);
}

function rowsOf(connection: string, { patientId, statements }: PatientSaying) {
  const row = (type: 'replaced-by' | 'replaces') => (other: string) => ({
    connection,
    patient_id: patientId,
    type,
    other_id: other,
  });
  return [
    ...statements.replacedBy.map(row('replaced-by')),
    ...statements.replaces.map(row('replaces')),
  ];
}

async function follow(tx: Tx, connected: Connected, onMove?: OnMove): Promise<void> {
  const byPatient = new Map(connected.links.map((link) => [link.patient_id, link]));
  const survivors = survivingPatients(linkedPatients(connected));
  const states: LinkState[] = [];
  const moves: LinkMove[] = [];
  for (const [id, survivor] of survivors) {
    const link = byPatient.get(id);
    if (!link) continue;
    const { patient } = link;
    const problem = survivor.kind === 'problem' ? survivor.problem : null;
    const waits = survivor.kind === 'follows' ? survivor.waitsFor : undefined;
    const setAgainst = survivor.kind === 'follows' ? null : link.set_against;
    states.push({ patient, problem, waits_for: waits ?? null, set_against: setAgainst });
    if (survivor.kind !== 'follows') continue;
    const person = personOf(byPatient.get(survivor.patient), survivors) ?? patient;
    const reason = person === patient ? 'no-longer-replaced' : 'replaced';
    moves.push({ patient, person, reason, principal });
  }
  await saveLinkStates(tx, states);
  await movePatients(tx, moves, onMove);
}

/** Returns the person of a surviving Patient: its own, unless somebody has set its link. */
function personOf(
  survivor: LinkRow | undefined,
  survivors: ReturnType<typeof survivingPatients>,
): string | undefined {
  if (!survivor) return undefined;
  const isSet = survivors.get(survivor.patient_id)?.kind === 'set-by-person';
  return isSet ? survivor.person : survivor.patient;
}

/** Lists Patients that are connected with too many others. Their links stay where they are. */
async function stopAt(tx: Tx, connection: string, ids: readonly string[]): Promise<void> {
  const links = await linksOf(tx, connection, ids);
  const states = links.map((link) => ({ ...link, problem: 'too-many-links', waits_for: null }));
  await saveLinkStates(tx, states);
}

/** A person's decision about who a Patient is. */
export type PersonChoice = {
  /** The Patient's derived id. */
  patient: string;
  /** Derived id of a Patient that is the same person; null where the Patient is a person alone. */
  samePersonAs: string | null;
  principal: string;
};

/**
 * Links a Patient to the person of another one, or gives it back its own, because a person says
 * so. It stays until the EHR names other successors than now. Patients that the EHR replaced with
 * this one go with it.
 *
 * @returns the Patient's person
 * @throws AppError NOT_FOUND for a Patient that was not pulled; CONFLICT where links connect it
 *   with too many others
 */
export async function setPerson(tx: Tx, choice: PersonChoice, onMove?: OnMove): Promise<string> {
  const { patient, principal: by } = choice;
  const { link, other } = await lockChosen(tx, choice);
  const { connection, patient_id: id } = link;
  const connected = await connectedPatients(tx, connection, [id], mostConnected);
  if (!connected) throw new AppError('CONFLICT', 'Links connect this Patient with too many others');
  const setAgainst = namedSuccessors(id, linkedPatients(connected));
  const person = other?.person ?? patient;
  const reason = other ? 'same-person' : 'not-the-same-person';
  await movePatients(tx, [{ patient, person, reason, principal: by, setAgainst }], onMove);
  const now = await connectedPatients(tx, connection, [id], mostConnected);
  if (now) await follow(tx, now, onMove);
  return person;
}

/**
 * Locks the links of the EHRs of both Patients, in one order, and finds the two as they are then:
 * of two people who join the same Patients at once, the later sees what the first has done.
 */
async function lockChosen(tx: Tx, choice: PersonChoice) {
  const before = await findChosen(tx, choice);
  const connections = new Set([before.link.connection, (before.other ?? before.link).connection]);
  for (const connection of [...connections].sort()) await lockLinks(tx, connection, false);
  return findChosen(tx, choice);
}

async function findChosen(tx: Tx, { patient, samePersonAs }: PersonChoice) {
  const link = await findLink(tx, patient);
  const other = samePersonAs === null ? undefined : await findLink(tx, samePersonAs);
  if (!link || (samePersonAs !== null && !other))
    throw new AppError('NOT_FOUND', 'There is no such Patient');
  return { link, other };
}
