import { type Hole, holeReason } from '@loopwell/ehrs';
import { errorRecord, type Facts } from '@loopwell/kit';
import type { Lease } from '@loopwell/pipeline';
import type { Gap } from '@loopwell/sdoh';
import {
  type Connection,
  type LedgerRow,
  type PullCursor,
  pullCursors,
  quarantinedBodies,
  type Settled,
  saveMetadataStatus,
  type Tx,
} from '@loopwell/store';
import { optionalTypes, type PulledType } from './check/pulled-types.ts';
import { openLanes } from './open-cursors.ts';
import type { EhrReader, PullStageDeps } from './ports.ts';
import { refusalOf, settledGap, wakeAtConsent, withGap } from './read-gaps.ts';

export type Pulling = {
  deps: PullStageDeps;
  lease: Lease<Tx, LedgerRow>;
  row: LedgerRow;
  lane: PullCursor;
  connection: Connection;
  reader: EhrReader;
};

const principal = 'system:intake';

/**
 * Saves a cursor that is not read, or not completely, and lets it wait.
 * DECISIONS D96. DECISIONS D97.
 */
export async function leaveGap(
  { deps, lease, row, lane: before }: Pulling,
  lane: PullCursor,
): Promise<void> {
  await lease.settle([row], async (tx, ours) => {
    await pullCursors.saveCursor(tx, lane);
    if (ours.length > 0) await wakeAtConsent(tx, before);
    return { settled: ours.map((one) => settledGap(one, lane, deps.plan.finalTo !== undefined)) };
  });
}

/**
 * Handles a refused search. One for a patient leaves a gap; a type that the EHR does not have is
 * reported; any other is read patient by patient.
 */
export async function afterRefusal(pulling: Pulling, error: unknown): Promise<void> {
  const { deps, lane, reader } = pulling;
  await noteMetadata(pulling);
  const { status } = errorRecord(error).facts;
  const isLacking = lane.scope !== '' || notThere.has(Number(status));
  if (optionalTypes.has(lane.type) && isLacking) return leaveOptional(pulling, error);
  if (lane.scope !== '') return leaveGap(pulling, withGap(lane, refusalOf(error)));
  if (lane.type === 'Patient' || status === 403 || (await reader.offers(lane.type)) !== false)
    return goPatientByPatient(pulling, refusalOf(error), errorRecord(error).facts);
  if (optionalTypes.has(lane.type)) return leaveOptional(pulling, error);
  const note = `The EHR does not offer ${lane.type}: it is not read.`;
  deps.tell(note);
  await leaveGap(pulling, withGap({ ...lane, note }, refusalOf(error, 'not-offered')));
}

/** Statuses by which an EHR says that it does not have a type, or does not show it to us. */
const notThere: ReadonlySet<number> = new Set([403, 404, 405, 410, 501]);

/**
 * Leaves a type that the EHR need not have: it is tried again, and nobody has to close it. What it
 * would say is typed in.
 */
async function leaveOptional(pulling: Pulling, error: unknown): Promise<void> {
  const lane = withGap(pulling.lane, refusalOf(error, 'not-offered'));
  await leaveGap(pulling, { ...lane, closed_by: principal });
}

/**
 * Saves the status of `/metadata` for the Patient cursor. It tells whether the address is a FHIR
 * base at all, when Patients are refused or there are none.
 */
export async function noteMetadata({
  deps,
  lane,
  reader,
}: Pick<Pulling, 'deps' | 'lane' | 'reader'>): Promise<void> {
  if (lane.type !== 'Patient') return;
  const status = await reader.metadataStatus();
  if (status !== undefined)
    await deps.read((tx) => saveMetadataStatus(tx, lane.connection, status));
}

/**
 * Replaces a cursor across patients by one cursor for each Patient, with a sentence that says so:
 * for those known so far (by `--patients` or from the pull), and for others when they become known.
 * If Patients cannot be searched and none are named, no one can be read, and an operator must act.
 */
async function goPatientByPatient(
  { deps, lease, row, lane, connection }: Pulling,
  gap: Gap,
  cause: Facts = {},
): Promise<void> {
  let [patientCount, note] = [0, ''];
  await lease.settle([row], async (tx, ours) => {
    await pullCursors.lockConnection(tx, connection.id);
    const patients = await pullCursors.knownPatients(tx, lane.connection);
    patientCount = patients.length;
    note = cause.byPatient
      ? cannotShow(lane.type, cause.element, patientCount)
      : sentence(lane.type, patientCount, gap.status);
    await pullCursors.saveCursor(tx, { ...withGap(lane, gap), note, done: true, by_patient: true });
    if (patientCount > 0)
      await openLanes(tx, connection, [lane.type as PulledType], patients, { since: lane.since });
    const settlement =
      patientCount === 0 && lane.type === 'Patient'
        ? nobodyToRead(gap)
        : ({ kind: 'done', outcome: 'patient-by-patient' } as const);
    return { settled: ours.map((one) => ({ row: one, settlement, principal })) };
  });
  deps.tell(note);
}

/** Milliseconds after which a cursor that waits for Patients is tried again. */
const untilPatientsMs = 1_000;
/** The types that hold a visit and its answers. */
const mayNotBeMissed: ReadonlySet<string> = new Set<PulledType>([
  'Observation',
  'QuestionnaireResponse',
  'Encounter',
]);

/**
 * Asks for a few Patients when a search across patients gave nothing of a type, before the type
 * counts as read. Some EHRs give nothing for such a search where others refuse it. If a Patient has
 * something, the type is read patient by patient; while Patients are still being read, the cursor
 * waits.
 * @returns whether the cursor is settled
 */
export async function settledAsEmpty(
  pulling: Pulling,
  before: PullCursor,
  pulled: PullCursor,
): Promise<boolean> {
  const { deps, reader } = pulling;
  const isFirst = before.upto === null && before.since === null && pulled.resources === 0;
  if (!isFirst || pulled.scope !== '' || !mayNotBeMissed.has(pulled.type)) return false;
  const { patients, more } = await deps.read((tx) =>
    pullCursors.somePatients(tx, pulled.connection, 3),
  );
  for (const patient of patients) {
    if (!(await reader.gives(pulled.type as PulledType, patient))) continue;
    await goPatientByPatient(pulling, { kind: 'refused' });
    return true;
  }
  if (patients.length > 0 || !more) return false;
  await waitForPatients(pulling, { ...pulled, upto: null, done: false });
  return true;
}

async function waitForPatients({ lease, row }: Pulling, lane: PullCursor): Promise<void> {
  await lease.settle([row], async (tx, ours) => {
    await pullCursors.saveCursor(tx, lane);
    const settlement = {
      kind: 'wait',
      outcome: 'waits:patients',
      waitsFor: 'ehr',
      delayMs: untilPatientsMs,
      quiet: true,
    } as const;
    return { settled: ours.map((one) => ({ row: one, settlement, principal })) };
  });
}

/**
 * Lets a cursor wait for Patients when the EHR could not show records of unknown patients. They are
 * asked for again when more Patients are known, because one of those may be the patient.
 * @returns whether the cursor waits
 */
export async function waitsWithHoles(pulling: Pulling, pulled: PullCursor): Promise<boolean> {
  const { deps, lane } = pulling;
  if (lane.scope !== '' || lane.type === 'Patient') return false;
  const waits = await deps.read(async (tx) => {
    const bodies = await quarantinedBodies(tx, lane.connection, lane.type, holeReason);
    const nobodys = bodies
      .map((body) => JSON.parse(body) as Hole)
      .filter((hole) => hole.patient === undefined);
    if (nobodys.length === 0) return false;
    if ((await pullCursors.somePatients(tx, lane.connection, 1)).more) return true;
    // The last Patients came while this type was being read.
    return (
      nobodys.some((hole) => hole.patientsUnread) &&
      (await pullCursors.arePatientsRead(tx, lane.connection))
    );
  });
  if (!waits) return false;
  await waitForPatients(pulling, { ...pulled, done: false });
  return true;
}

function nobodyToRead({
  status,
  issueCode,
}: {
  status?: number | undefined;
  issueCode?: string | undefined;
}): Settled['settlement'] {
  const rule = 'The EHR refuses to search Patients, and none are named';
  return {
    kind: 'park',
    code: 'REMOTE_REFUSED',
    facts: { status, issueCode, rule },
    waitsFor: 'operator',
  };
}

/**
 * Returns the sentence about a type whose search fails because of a record that lacks something.
 * All patients except that record's are read.
 */
function cannotShow(type: string, element: unknown, patientCount: number): string {
  const why =
    typeof element === 'string'
      ? `a record there lacks ${element}`
      : 'a record there lacks something';
  const later =
    type === 'Patient' ? 'by name: give --patients' : 'for each Patient that becomes known';
  const how = patientCount > 0 ? `patient by patient (${patientCount} so far)` : later;
  return (
    `The EHR cannot show all ${type} at once, since ${why}: reading it ${how}. Ask the ` +
    'vendor to mend the record.'
  );
}

/**
 * Returns the sentence about a refused search. It suggests `--patients` where the search is refused
 * and the address is right, not where the type or the base is unknown.
 */
function sentence(type: string, patientCount: number, status: number | undefined): string {
  if (status === undefined)
    return (
      `The EHR gives no ${type} across patients, and some for one: reading it patient by ` +
      `patient (${patientCount} so far).`
    );
  if (patientCount > 0)
    return (
      `The EHR refuses to search ${type} across patients: reading it patient by patient ` +
      `(${patientCount} so far).`
    );
  if (type !== 'Patient')
    return (
      `The EHR refuses to search ${type} across patients: reading it for each Patient that ` +
      'becomes known.'
    );
  if (status === 404 || status === 405 || status === 410)
    return `The EHR does not know Patients at this address (${status}): look at the FHIR base.`;
  const first =
    status === 403 ? " Ask the EHR's administrator for system/Patient.rs; where" : ' Where';
  return (
    `The EHR refuses to search Patients, and none are named.${first} it gives Patients by id ` +
    'only, name them with --patients.'
  );
}
