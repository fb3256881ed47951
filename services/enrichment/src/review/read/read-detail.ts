import { instruments } from '@loopwell/instruments';
import { AppError } from '@loopwell/kit';
import { type AgreementDoubt, type AnswerSoFar, answersSoFar } from '@loopwell/sdoh';
import {
  type DecisionLine,
  type ReferralRow,
  referrals,
  reviews,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { loadRecords } from '../../code/records.ts';
import { readAgreementDoubts } from '../decide/agreement.ts';
import { nextPartnersOf } from '../decide/ask-next.ts';
import { type ConsentView, type Judging, readConsent } from '../decide/consent.ts';
import type { Recipient } from '../decide/recipient.ts';
import { momentOf } from '../reviewer.ts';
import {
  type PartnerAnswerView,
  partnerAnswersOf,
  type Verdict,
  verdictOf,
} from './partner-answers.ts';
import { type ScreeningForPerson, screeningsOfPerson } from './read-screenings.ts';
import { type RecordView, readRecord } from './record.ts';
import {
  type AlteredWriteView,
  alteredWritesOf,
  type RefusedWriteView,
  refusedWritesOf,
} from './refused-writes.ts';
import { itemsOf, type ReviewItem } from './review-view.ts';

/** All that a reviewer sees of one referral. */
export type ReviewDetail = ReviewItem & {
  approvedBy: string | null;
  agreement: { on: string; source: string | null } | null;
  /** What the chart holds that would count as agreement, and why it does not. */
  agreementDoubts: AgreementDoubt[];
  /** How consent stands, by the function that the gate asks. */
  consent: ConsentView;
  /** What the record says of the person being alive and of age, as the gates read it. */
  record: RecordView;
  decisions: { decision: string; principal: string; at: string }[];
  tasks: { id: string; partner: string; status: string; live: boolean; outcome: Verdict | null }[];
  /** Whom a reviewer may have asked next, where nobody could help so far. */
  nextPartners: Recipient[];
  /** What partners said of it, in order. */
  partnerAnswers: PartnerAnswerView[];
  /** What else the person was or is referred for, latest first. */
  otherReferrals: {
    id: string;
    category: string;
    state: ReferralRow['state'];
    gate: string | null;
    since: string;
    sent: boolean;
  }[];
  /** What the EHR refused to take of this referral, in its own words. */
  refusedWrites: RefusedWriteView[];
  /** What the EHR took and stores otherwise, with both versions. */
  alteredWrites: AlteredWriteView[];
  /** What the person has answered so far, latest first, as today's tables read it. */
  answers: AnswerSoFar[];
  /** Screenings of the person that ask somebody to look at them, with who has. */
  screenings: ScreeningForPerson[];
};

/** One referral with the rows that it was read from. */
export type Detail = {
  review: ReviewDetail;
  row: ReferralRow;
  decisions: DecisionLine[];
  tasks: TaskRow[];
};

/**
 * All about one referral.
 *
 * @throws AppError NOT_FOUND, also for another tenant's referral
 */
export async function readReview(
  tx: Tx,
  tenant: string,
  id: string,
  deps: Judging,
): Promise<Detail> {
  const row = (await referrals.loadReferrals(tx, [id])).get(id);
  if (!row || row.tenant !== tenant) throw notThere();
  const [listed] = await itemsOf(tx, [row], momentOf(deps));
  if (!listed) throw notThere();
  const decisions = await reviews.decisionsOf(tx, tenant, id);
  const attempts = (await tasks.tasksOfReferrals(tx, [id])).get(id) ?? [];
  const review = {
    ...listed,
    ...permissionsIn(row),
    agreementDoubts: await readAgreementDoubts(tx, deps, row),
    consent: await readConsent(tx, deps, row, attempts),
    record: await readRecord(tx, deps, row),
    decisions: decisions.map(decisionOf),
    tasks: attempts.map(attemptOf),
    nextPartners: await nextPartnersOf(tx, row, attempts),
    ...(await historyOf(tx, row, deps.clock.timeZone)),
  };
  return { review, row, decisions, tasks: attempts };
}

const notThere = () => new AppError('NOT_FOUND', 'There is no such referral');

function permissionsIn(row: ReferralRow): Pick<ReviewDetail, 'approvedBy' | 'agreement'> {
  const { agreement_on: on, agreement_source: source } = row;
  return {
    approvedBy: row.approval === 'approved' ? row.approved_by : null,
    agreement: on ? { on, source } : null,
  };
}

const decisionOf = ({ decision, principal, at }: DecisionLine) => ({
  decision,
  principal,
  at: at.toISOString(),
});

function attemptOf(task: TaskRow): ReviewDetail['tasks'][number] {
  const { id, partner, status, live } = task;
  return { id, partner, status, live, outcome: verdictOf(task) };
}

/** What happened to the referral, and what else is known of the person. */
async function historyOf(tx: Tx, row: ReferralRow, timeZone: string | undefined) {
  const screenings = await screeningsOfPerson(tx, row.tenant, row.person);
  return {
    partnerAnswers: await partnerAnswersOf(tx, row.tenant, row.id),
    otherReferrals: await otherReferralsOf(tx, row),
    refusedWrites: await refusedWritesOf(tx, row),
    alteredWrites: await alteredWritesOf(tx, row),
    answers: await answersOf(tx, row, timeZone),
    screenings: screenings.filter(asksForReview),
  };
}

const asksForReview = ({ issues }: ScreeningForPerson): boolean =>
  issues.some((issue) => issue.severity === 'warning');

async function otherReferralsOf(
  tx: Tx,
  { id, person }: ReferralRow,
): Promise<ReviewDetail['otherReferrals']> {
  const all = await referrals.referralsOfPeople(tx, [person]);
  const others = all.filter((referral) => referral.id !== id);
  return others.map(otherReferral).sort((a, b) => (a.since > b.since ? -1 : 1));
}

function otherReferral(referral: ReferralRow): ReviewDetail['otherReferrals'][number] {
  const { id, category, state, gate, since, sent } = referral;
  return { id, category, state, gate, since, sent };
}

async function answersOf(
  tx: Tx,
  { tenant, person, trace }: ReferralRow,
  timeZone?: string,
): Promise<AnswerSoFar[]> {
  const records = await loadRecords(tx, [{ subject: person, tenant, trace }], timeZone);
  const loaded = records.get(person);
  return loaded ? answersSoFar(loaded.record, instruments) : [];
}
