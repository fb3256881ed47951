import { AppError, deriveId, newId } from '@loopwell/kit';
import { type CatalogNeed, findCatalogNeed } from '@loopwell/sdoh';
import {
  contact,
  ledger,
  type NeedRow,
  people,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type Tx,
  work,
} from '@loopwell/store';
import { alertByDate } from '../alert-by-date.ts';
import { findSubject } from '../find-subject.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import type { NeedBody } from './add-need-body.ts';

/** A need that is opened for a Patient: what was said of it, and the row of its referral. */
export type PlannedNeed = {
  patient: string;
  connection: string;
  body: Omit<NeedBody, 'saidBy'> & { saidBy: NeedBody['saidBy'] | 'due-list'; dueOn?: string };
};

type Opened = PlannedNeed & { need: CatalogNeed; id: string; trace: string; episode: number };

/**
 * Adds a need that no form told of. Its referral goes through the same gates as any other.
 * DECISIONS D177.
 *
 * @returns the id of the referral
 * @throws AppError NOT_FOUND for a person that is not known, CONFLICT where there is an open
 *   referral for this need
 */
export async function recordNeed(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  body: NeedBody,
): Promise<string> {
  const batch = newId();
  const referral = await deps.tx(async (tx) => {
    const { person, patients } = await findSubject(tx, id);
    await requireVisible(tx, reviewer, patients, 'There is no such person');
    const patient = patients.includes(person) ? person : (patients[0] ?? person);
    const records = await people.patientsOfSamePerson(tx, patient);
    const connection = records.find((one) => one.patient === patient)?.connection ?? '';
    const [opened] = await openNeeds(tx, reviewer, [{ patient, connection, body }], batch);
    if (opened === undefined)
      throw new AppError('CONFLICT', 'There is an open referral for this need; nothing was added', {
        facts: { field: 'need', rule: 'already-open' },
      });
    const date = { referral: opened, person: patient, mustBy: body.mustBy };
    await alertByDate(tx, [date], todayOf(deps));
    return opened;
  });
  await deps.nudge([{ stage: 'refer', batch }]);
  return referral;
}

/**
 * Opens referrals for needs. A need for which the human being has an open referral is left out.
 *
 * @returns the ids of the referrals that were opened
 */
export async function openNeeds(
  tx: Tx,
  reviewer: Reviewer,
  planned: readonly PlannedNeed[],
  batch: string,
): Promise<string[]> {
  const opened = await planOpenings(tx, planned);
  // The ledger's rows are locked before the referrals, in the order in which workers lock them.
  await ledger.due(
    tx,
    opened.map(({ id, patient, trace }) => ({
      tenant: tx.tenant,
      stage: 'refer' as const,
      subject: id,
      person: patient,
      trace,
      batch,
    })),
  );
  await contact.lockHumans(
    tx,
    opened.map(({ patient }) => patient),
  );
  const again = await planOpenings(tx, planned);
  if (again.map(({ id }) => id).join() !== opened.map(({ id }) => id).join())
    throw new AppError('CONFLICT', 'A referral was opened meanwhile', { retryable: true });
  await saveOpened(tx, reviewer, opened);
  return opened.map(({ id }) => id);
}

/** Gives each need the next episode of its person, and leaves out those that are open. */
async function planOpenings(tx: Tx, planned: readonly PlannedNeed[]): Promise<Opened[]> {
  const patientsOf = await contact.patientsOfHumans(
    tx,
    planned.map(({ patient }) => patient),
  );
  const all = [...new Set([...patientsOf.values()].flat())];
  const byPatient = Map.groupBy(await referrals.referralsOfPeople(tx, all), ({ person }) => person);
  const opened: Opened[] = [];
  for (const planning of planned) {
    const need = findCatalogNeed(planning.body.need);
    const theirs = patientsOf.get(planning.patient) ?? [planning.patient];
    const rows = theirs.flatMap((patient) => byPatient.get(patient) ?? []);
    const alike = rows.filter(({ category }) => category === need?.category);
    const isPlanned = opened.some(
      (other) => theirs.includes(other.patient) && other.need.category === need?.category,
    );
    if (need && !isPlanned && !alike.some(isOpen))
      opened.push(openingOf(tx, planning, need, alike));
  }
  return opened;
}

const isOpen = ({ state }: ReferralRow): boolean => state === 'waiting' || state === 'partner';

function openingOf(
  { tenant }: Tx,
  planned: PlannedNeed,
  need: CatalogNeed,
  alike: readonly ReferralRow[],
): Opened {
  const { patient } = planned;
  const episodes = alike.filter(({ person }) => person === patient).map(({ episode }) => episode);
  const episode = Math.max(0, ...episodes) + 1;
  const id = deriveId(tenant, 'referral', patient, need.category, String(episode));
  return { ...planned, need, id, episode, trace: deriveId(tenant, 'added-need', id) };
}

async function saveOpened(tx: Tx, reviewer: Reviewer, opened: readonly Opened[]): Promise<void> {
  await referrals.saveNeeds(
    tx,
    opened.map((one) => needRow(tx, one)),
  );
  await people.linkNewReferrals(
    tx,
    opened.map(({ patient }) => patient),
  );
  await referrals.patchReferrals(
    tx,
    opened.map((one) => ({ id: one.id, patch: patchOf(reviewer, one) })),
  );
  await work.addNeeds(
    tx,
    opened.map(({ id, patient, body }) => ({
      id: newId(),
      referral: id,
      person: patient,
      need: body.need,
      said_by: body.saidBy,
      said_on: body.saidOn,
      due_on: body.dueOn ?? null,
      words: body.words ?? null,
      recorded_by: reviewer.id,
    })),
  );
  await referrals.addDecisions(
    tx,
    opened.map(({ id, patient, body }) => ({
      tenant: tx.tenant,
      referral: id,
      person: patient,
      decision: 'addNeed',
      principal: reviewer.id,
      principalKind: reviewer.kind,
      facts: JSON.stringify({ need: body.need, saidBy: body.saidBy }),
    })),
  );
  await ledger.appendHistory(
    tx,
    opened.map(({ id, patient, trace, body }) => ({
      tenant: tx.tenant,
      stage: 'refer' as const,
      subject: id,
      person: patient,
      trace,
      outcome: 'need-added',
      principal: reviewer.id,
      facts: { need: body.need },
    })),
  );
}

const needRow = (
  tx: Tx,
  { id, patient, connection, body, need, trace, episode }: Opened,
): NeedRow => ({
  id,
  tenant: tx.tenant,
  connection,
  person: patient,
  category: need.category,
  episode,
  unambiguous: false,
  sensitive: need.isSensitive,
  conditions: '[]',
  trace,
  since: body.saidOn,
});

const patchOf = (reviewer: Reviewer, { body, need }: Opened): ReferralPatch => ({
  added_by: reviewer.id,
  ...(body.mustBy === undefined ? {} : { must_by: body.mustBy }),
  ...(need.service === undefined ? {} : serviceOf(reviewer, need.service)),
});

const serviceOf = (
  reviewer: Reviewer,
  service: NonNullable<CatalogNeed['service']>,
): ReferralPatch => ({
  service_code: JSON.stringify(service),
  service_chosen_by: reviewer.id,
});
