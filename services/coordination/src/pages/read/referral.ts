import { addressOf, type Principal } from '@loopwell/http';
import { AppError, timeZoneOf } from '@loopwell/kit';
import { conditionCodesOf, findNoToHelp, recordedConsentIn } from '@loopwell/sdoh';
import {
  contact,
  gateWork,
  listedReferrals,
  partnerProfiles,
  type ReferralRow,
  referrals,
  referralsOfSamePeople,
  type Tx,
  taskDeliveries,
  undos,
  work,
} from '@loopwell/store';
import { broughtTickets } from '../../calls/read-calls.ts';
import { serviceChoices } from '../../decide/apply-decision.ts';
import { freshForm, uuid } from '../../decide/form-data.ts';
import { loadKeepOuts, type Recipient, recipientsFor } from '../../decide/recipient.ts';
import { type StaysThere, staysOf } from '../../decide/take-back.ts';
import { readObstacles } from '../../decide/undo/obstacles.ts';
import { personNames } from '../../person-names.ts';
import { partnerNames } from '../../read/lists.ts';
import { type Detail, readReview } from '../../read/read-detail.ts';
import { dayAfter, type ReviewDeps, todayOf } from '../../reviewer.ts';
import { requireShown } from '../../shown-people.ts';
import type { ReferralPageView } from '../referral-view.ts';
import { listPathOf, newAddressOf } from './old-lists.ts';

/**
 * Reads the view of the page of one referral.
 *
 * @throws AppError NOT_FOUND, also for another tenant's referral
 */
export async function readReferral(
  deps: ReviewDeps,
  principal: Principal,
  id: string,
): Promise<ReferralPageView> {
  if (!uuid.test(id)) throw new AppError('NOT_FOUND', 'There is no such referral');
  const { tenant } = principal;
  const today = todayOf(deps);
  return deps.tx(async (tx) => {
    const detail = await readReview(tx, tenant, id, deps);
    const { row } = detail;
    const showing = { principal, page: '/review/:referralId' };
    await requireShown(tx, showing, [row.person], 'There is no such referral');
    const names = await personNames(tx, [row.person], today);
    const nos = await contact.nosOfPeople(tx, [row.person]);
    const obstacles = await readObstacles(tx, deps, [row]);
    return {
      ...detail,
      name: names.get(row.person),
      saidNo: findNoToHelp(nos.get(row.person) ?? [], row.category, today),
      backTo: listAddress(row),
      partners: await partnerNames(tx, tenant),
      troubles: await listedReferrals.troubleOf(tx, row.id),
      ...(await readPartners(tx, row)),
      services: serviceChoices(row.category),
      codes: conditionCodesOf(row.category),
      contactFromChart: deps.contactFromChart ?? false,
      spokenAuthor: deps.spokenConsent?.author,
      ...(await besideOf(tx, row.id)),
      stays: isTakenBack(row) ? await staysBeside(tx, row) : [],
      timeZone: timeZoneOf(deps.clock),
      today,
      tomorrow: dayAfter(today),
      typed: freshForm(principal),
      undoable: (await undos.latestUndos(tx, principal.id, [row.id])).get(row.id),
      undoUntil: obstacles.has(row.id) ? null : undoUntilOf(row, deps.clock.now()),
      ...(await onItsWay(tx, detail)),
    };
  });
}

/** Reads when a referral is worked on, and by which ways its Tasks went out. */
async function onItsWay(tx: Tx, { row, tasks }: Detail) {
  const ids = tasks.map(({ id }) => id);
  const live = tasks.filter((task) => task.live);
  return {
    ways: await taskDeliveries.deliveriesOfTasks(tx, ids),
    tickets: await broughtTickets(tx, live),
    isLegal: await isLegalAmong(tx, live, row.category),
    work: (await gateWork(tx, [row.id])).get(row.id),
  };
}

async function isLegalAmong(tx: Tx, live: Detail['tasks'], category: string): Promise<boolean> {
  const [task] = live;
  return task !== undefined && partnerProfiles.isLegalHelp(tx, task.partner, category);
}

/** Reads what was said of a need, and what is under way beside it. */
async function besideOf(tx: Tx, id: string) {
  return {
    helpAnswer: (await contact.helpAnswers(tx, [id])).get(id),
    underWay: (await work.needsUnderWay(tx, [id])).get(id),
    added: (await work.addedNeeds(tx, [id])).get(id),
  };
}

type PartnersToAsk = Pick<ReferralPageView, 'recipients' | 'repicks' | 'confidentialNumbers'>;

/** Reads the partners to choose from, and the numbers of those that nobody names. */
async function readPartners(tx: Tx, row: ReferralRow): Promise<PartnersToAsk> {
  const keepOuts = await loadKeepOuts(tx, row.person);
  const listed = await partnerProfiles.namedPartners(tx);
  const recipients = recipientsFor(listed, row.category, keepOuts);
  const confidentialNumbers = await partnerProfiles.confidentialNumbers(tx, row.category);
  return { recipients, repicks: repicksOf(row, recipients), confidentialNumbers };
}

/** Gives the moment until which nothing is sent because the decision can be undone. */
function undoUntilOf({ state, gate, undo_until: until }: ReferralRow, now: Date): Date | null {
  const waits = state === 'waiting' && gate === 'send' && until !== null && until > now;
  return waits ? until : null;
}

/** Tells whether the consent of a referral was taken back here. */
const isTakenBack = (row: ReferralRow): boolean =>
  recordedConsentIn(row.consent_recorded)?.withdrawn === true;

/**
 * Lists what partners have of a referral whose consent was taken back, and of the person's others
 * that were taken back with it.
 */
async function staysBeside(tx: Tx, { id }: ReferralRow): Promise<StaysThere[]> {
  const ids = await referralsOfSamePeople(tx, [id]);
  const rows = [...(await referrals.loadReferrals(tx, ids)).values()];
  return staysOf(
    tx,
    rows.filter(isTakenBack).map((row) => row.id),
  );
}

/** Gives the address of the list that the referral is on. */
const listAddress = ({ state, gate }: ReferralRow): string =>
  newAddressOf({ state: state === 'waiting' ? undefined : state }) === undefined
    ? addressOf('/review', { state })
    : listPathOf({ state, gate });

/**
 * Lists the partners that may be named in place of the approved one, as long as the referral was
 * not sent.
 */
function repicksOf(row: ReferralRow, recipients: readonly Recipient[]): Recipient[] {
  const mayRepick =
    row.state === 'waiting' &&
    row.gate !== 'withoutHelp' &&
    row.approval === 'approved' &&
    row.restriction !== 'named-consent';
  if (!mayRepick || row.recipient === null) return [];
  return recipients.filter(({ id }) => id !== row.recipient);
}
