import { instruments } from '@loopwell/instruments';
import { AppError } from '@loopwell/kit';
import { type AgreementDoubt, type AnswerSoFar, answersSoFar } from '@loopwell/sdoh';
import { loadRecords } from '@loopwell/service';
import {
  type DecisionLine,
  people,
  type ReferralRow,
  referrals,
  reviews,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { readAgreementDoubts } from '../decide/agreement.ts';
import { nextPartnersOf } from '../decide/ask-next.ts';
import { type Judging, readConsent } from '../decide/consent/consent.ts';
import type { ConsentView } from '../decide/consent/consent-view.ts';
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

/** An answer that pages show beside others. */
export type ShownAnswer = Omit<AnswerSoFar, 'safety'>;

/** A Patient of one EHR; `linkProblem` says why its links in the chart cannot be followed. */
export type PatientOfPerson = {
  id: string;
  connection: string;
  patientId: string;
  linkProblem: string | null;
};

/** All that a reviewer sees of one referral. */
export type ReviewDetail = ReviewItem & {
  approvedBy: string | null;
  agreement: { on: string; source: string | null } | null;
  /** Goals and orders in the chart that could count as agreement, and why they do not. */
  agreementDoubts: AgreementDoubt[];
  /** The state of consent, by the same function as the gate's. */
  consent: ConsentView;
  /** The record's statements about death, activity and age, as the gates read them. */
  record: RecordView;
  decisions: { decision: string; principal: string; at: string }[];
  tasks: { id: string; partner: string; status: string; live: boolean; outcome: Verdict | null }[];
  /** The partners that a reviewer may ask next, if no partner could help so far. */
  nextPartners: Recipient[];
  /** The answers of partners about it, in order. */
  partnerAnswers: PartnerAnswerView[];
  /** The person's other referrals, latest first. */
  otherReferrals: {
    id: string;
    category: string;
    state: ReferralRow['state'];
    gate: string | null;
    since: string;
    sent: boolean;
    /** The Patient that it is about, which may be another record of the same person. */
    patient: string;
  }[];
  /** The Patients of EHRs that are the same person, this referral's among them. */
  patients: PatientOfPerson[];
  /** Writes of this referral that the EHR refused, in its own words. */
  refusedWrites: RefusedWriteView[];
  /** Writes that the EHR changed when it stored them, with both versions. */
  alteredWrites: AlteredWriteView[];
  /**
   * The person's answers so far, latest first, as today's tables read them. Answers about safety,
   * also harmless ones, are shown only to whoever opens them (DECISIONS D165).
   */
  answers: ShownAnswer[];
  /** Screenings of the person that need a look, and who has looked. */
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
 * Reads everything about one referral that the review page and the API show.
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

/** Reads the history of the referral, and the person's other referrals, answers and screenings. */
async function historyOf(tx: Tx, row: ReferralRow, timeZone: string | undefined) {
  const screenings = await screeningsOfPerson(tx, row.tenant, row.person);
  const patients = await patientsOf(tx, row);
  return {
    partnerAnswers: await partnerAnswersOf(tx, row.id),
    patients,
    otherReferrals: await otherReferralsOf(tx, row, patients),
    refusedWrites: await refusedWritesOf(tx, row),
    alteredWrites: await alteredWritesOf(tx, row),
    answers: await answersOf(tx, row, timeZone),
    screenings: screenings.filter(asksForReview),
  };
}

const asksForReview = ({ issues }: ScreeningForPerson): boolean =>
  issues.some((issue) => issue.severity === 'warning');

/** Reads which Patients are the same person as the one of a referral. */
async function patientsOf(tx: Tx, { person }: ReferralRow): Promise<PatientOfPerson[]> {
  const rows = await people.patientsOfSamePerson(tx, person);
  return rows.map(({ patient: id, connection, patient_id: patientId, problem }) => ({
    ...{ id, connection, patientId },
    linkProblem: problem,
  }));
}

async function otherReferralsOf(
  tx: Tx,
  { id, person }: ReferralRow,
  patients: readonly PatientOfPerson[],
): Promise<ReviewDetail['otherReferrals']> {
  const same = new Set([person, ...patients.map((patient) => patient.id)]);
  const all = await referrals.referralsOfPeople(tx, [...same]);
  const others = all.filter((referral) => referral.id !== id);
  return others.map(otherReferral).sort((a, b) => (a.since > b.since ? -1 : 1));
}

function otherReferral(referral: ReferralRow): ReviewDetail['otherReferrals'][number] {
  const { id, category, state, gate, since, sent, person: patient } = referral;
  return { id, category, state, gate, since, sent, patient };
}

async function answersOf(
  tx: Tx,
  { tenant, person, trace }: ReferralRow,
  timeZone?: string,
): Promise<ShownAnswer[]> {
  const records = await loadRecords(tx, [{ subject: person, tenant, trace }], {
    instruments,
    timeZone,
  });
  const loaded = records.get(person);
  const answers = loaded ? answersSoFar(loaded.record, instruments) : [];
  return answers.filter(({ safety }) => !safety).map(({ safety: _safety, ...shown }) => shown);
}
