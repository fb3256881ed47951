import { type LinkStatements, linkedPatients, survivingPatients } from '@loopwell/sdoh';
import { people, type Tx } from '@loopwell/store';

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
): Promise<void> {
  const ids = saying.map((patient) => patient.patientId);
  const rows = saying.flatMap((patient) => rowsOf(connection, patient));
  const namedBefore = await people.replaceStatements(tx, connection, ids, rows);
  const touched = await people.linkedAmong(tx, connection, [...ids, ...namedBefore]);
  if (touched.length === 0) return;
  const connected = await people.connectedPatients(tx, connection, touched, mostConnected);
  if (connected) await follow(tx, connected);
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

async function follow(tx: Tx, connected: people.Connected): Promise<void> {
  const byPatient = new Map(connected.links.map((link) => [link.patient_id, link]));
  const survivors = survivingPatients(linkedPatients(connected));
  const states: people.LinkState[] = [];
  const moves: people.LinkMove[] = [];
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
  await people.saveLinkStates(tx, states);
  await people.movePatients(tx, moves);
}

/** Returns the person of a surviving Patient: its own, unless somebody has set its link. */
function personOf(
  survivor: people.LinkRow | undefined,
  survivors: ReturnType<typeof survivingPatients>,
): string | undefined {
  if (!survivor) return undefined;
  const isSet = survivors.get(survivor.patient_id)?.kind === 'set-by-person';
  return isSet ? survivor.person : survivor.patient;
}

/** Lists Patients that are connected with too many others. Their links stay where they are. */
async function stopAt(tx: Tx, connection: string, ids: readonly string[]): Promise<void> {
  const links = await people.linksOf(tx, connection, ids);
  const states = links.map((link) => ({ ...link, problem: 'too-many-links', waits_for: null }));
  await people.saveLinkStates(tx, states);
}
