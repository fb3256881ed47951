import type { fhir4 } from '@loopwell/fhir';
import {
  coversNameCheck,
  householdIn,
  type PartnerReach,
  recordedConsentIn,
  requestStage,
  requestView,
  scopeFor,
  shownPerson,
  showsContact,
} from '@loopwell/sdoh';
import {
  consentsOfTasks,
  type Granted,
  grantedReads,
  hubTasks,
  pageAnswers,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
  tickets,
} from '@loopwell/store';
import { loadReach } from '../../../contact-for-partner.ts';
import { showResource } from '../../../hub/show-resource.ts';
import type { ReferralSettings } from '../../../settings.ts';
import type { RequestPage } from '../views/page-model.ts';
import { answerByOf } from './answer-by.ts';
import { loadAnswers } from './load-answers.ts';
import type { Look } from './look.ts';

/** A request that a partner answers on its page, with what it may read of the person now. */
type StoredRequest = {
  task: TaskRow;
  referral: ReferralRow;
  grant: Granted | undefined;
  patient: fhir4.Patient | undefined;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Loads a request; undefined for one that is not the partner's own, that was taken back, or that is
 * answered on the partner's own server.
 */
async function loadStored(
  tx: Tx,
  id: string,
  partner: string,
  settings: ReferralSettings,
): Promise<StoredRequest | undefined> {
  const hub = uuid.test(id) ? await hubTasks.readHubTask(tx, [partner], id) : undefined;
  if (hub?.elements !== 'all' || hub.door !== 'here') return undefined;
  const task = (await tasks.loadTasks(tx, [id])).get(id);
  const referral = (await referrals.loadReferrals(tx, [hub.referral])).get(hub.referral);
  if (!task || !referral) return undefined;
  const grant = await grantedReads.findGrantOfTask(tx, {
    task: id,
    partner,
    type: 'Patient',
  });
  const showing = grant && { granted: grant, referral, settings };
  const shown = showing && (await showResource(tx, showing, 'Patient'));
  return {
    task,
    referral,
    grant,
    patient: shown?.resource as fhir4.Patient | undefined,
  };
}

/** A request as its page shows it, and what that rests on. */
export type LoadedRequest = {
  page: RequestPage;
  referral: ReferralRow;
  grant: Granted | undefined;
};

/** Loads the page of a request; undefined where there is none for this partner. */
export async function loadRequest(
  tx: Tx,
  id: string,
  look: Look,
  settings: ReferralSettings,
): Promise<LoadedRequest | undefined> {
  const stored = await loadStored(tx, id, look.partner, settings);
  if (!stored) return undefined;
  const { task, referral, grant } = stored;
  const reach = await reachFor(tx, stored, look);
  const answers = await loadAnswers(tx, task, {
    ...look,
    timeZone: settings.timeZone,
    canReach: reach !== undefined,
  });
  const page = {
    id,
    view: viewOf(stored, look, {
      isEnding: answers.isEnding,
      reach,
      answerBy: answerByOf(task, referral, look, settings),
    }),
    isEnding: answers.isEnding,
    nextTry: answers.nextTry,
    buttons: answers.buttons,
    lastAnswer: answers.latest,
    mayCheckName: await mayCheckName(tx, stored, look),
    hasTickets: look.hasTickets,
    ticket: look.hasTickets ? (await tickets.ticketsOf(tx, [id])).get(id) : undefined,
    isPartTwo: isPartTwo(referral),
  };
  return {
    page,
    referral,
    grant,
  };
}

const isPartTwo = ({ restriction }: ReferralRow): boolean => restriction === 'named-consent';

/**
 * Loads the way to reach the person that the page shows, or will after a yes. Where people come with
 * a ticket it shows none.
 */
async function reachFor(
  tx: Tx,
  { patient, referral }: StoredRequest,
  { hasTickets }: Look,
): Promise<PartnerReach | undefined> {
  const isShown = patient !== undefined && showsContact(patient) && !hasTickets;
  return isShown ? loadReach(tx, referral.person) : undefined;
}

/** Tells whether the page of a request shows a way to reach the person, or will after a yes. */
export async function canReach(
  tx: Tx,
  id: string,
  look: Look,
  settings: ReferralSettings,
): Promise<boolean> {
  const stored = await loadStored(tx, id, look.partner, settings);
  return stored !== undefined && (await reachFor(tx, stored, look)) !== undefined;
}

function viewOf(
  { task, referral, patient }: StoredRequest,
  { kind, hasTickets }: Look,
  {
    isEnding,
    reach,
    answerBy,
  }: {
    isEnding: boolean;
    reach: PartnerReach | undefined;
    answerBy: Date | undefined;
  },
) {
  const person = hasTickets ? undefined : patient;
  return requestView({
    status: task.status,
    isEnding,
    category: referral.category,
    kind,
    answerBy: answerBy?.toISOString(),
    mustBy: referral.must_by ?? undefined,
    householdSize: patient && householdIn(patient),
    person: person && shownPerson(person, reach),
  });
}

async function mayCheckName(
  tx: Tx,
  { task, referral, grant }: StoredRequest,
  { hasTickets }: Look,
): Promise<boolean> {
  const isGranted = grant?.elements.split(' ').includes('name') ?? false;
  if (!isGranted || hasTickets || requestStage(task.status) !== 'asked') return false;
  // The name would tell of the treatment; and whoever has said no needs none.
  if (isPartTwo(referral) || (await pageAnswers.heldUntil(tx, [task.id])).has(task.id))
    return false;
  const sent = (await consentsOfTasks(tx, [referral.id])).get(task.id);
  const scope = scopeFor(recordedConsentIn(referral.consent_recorded), sent?.consentId);
  return coversNameCheck(scope, task.partner);
}

/** Loads the name of the person of a request; undefined where it may not be asked for. */
export async function loadNameToCheck(
  tx: Tx,
  id: string,
  look: Look,
  settings: ReferralSettings,
): Promise<string | undefined> {
  const stored = await loadStored(tx, id, look.partner, settings);
  if (!stored?.patient || !(await mayCheckName(tx, stored, look))) return undefined;
  const { firstName, lastName } = shownPerson(stored.patient, undefined);
  return [firstName, lastName].filter(Boolean).join(' ') || undefined;
}
