import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { AppError } from '@loopwell/kit';
import { type AgreementDoubt, type AnswerSoFar, answersSoFar, readable } from '@loopwell/sdoh';
import {
  type ConditionBody,
  type DecisionLine,
  type EvidenceLine,
  ehrResources,
  peopleInDanger,
  type ReferralRow,
  referrals,
  reviews,
  type TaskRow,
  type Tx,
  tasks,
  type WorklistSort,
} from '@loopwell/store';
import { loadRecords } from '../code/records.ts';
import { readAgreementDoubts } from './agreement.ts';
import { nextPartnersOf } from './ask-next.ts';
import { type ConsentView, type Judging, readConsent } from './consent.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { CodesChosen } from './edit.ts';
import {
  type PartnerAnswerView,
  partnerAnswersOf,
  type Verdict,
  verdictOf,
} from './partner-answers.ts';
import { type ScreeningForPerson, screeningsOfPerson } from './read-screenings.ts';
import type { Recipient } from './recipient.ts';
import { type RecordView, readRecord } from './record.ts';
import {
  type AlteredWriteView,
  alteredWritesOf,
  type RefusedWriteView,
  refusedWritesOf,
} from './refused-writes.ts';
import { type Moment, momentOf } from './reviewer.ts';
import { sentenceAt } from './sentence.ts';
import { versionOf } from './versions.ts';
import { type WithoutHelpView, withoutHelpOf } from './without-help.ts';

/** What reviewers see. A list is six queries, however long it is. */

/** Gates at which a referral waits for a reviewer. */
export const reviewGates = [
  'review',
  'withoutHelp',
  'agreement',
  'consent',
  'noServiceCode',
] as const;
export type ReviewGate = (typeof reviewGates)[number];

export type SuggestedCode = { system: string; code: string; display: string };

/** Why a code was suggested: the answer's resource, the rule and its version, the codes and the versions of their systems. */
export type ReviewEvidence = {
  sentence: string;
  rule: string;
  ruleVersion: string;
  source: string;
  codes: { system: string; code: string; version: string }[];
};

export type ReviewCondition = {
  id: string;
  /** Made by us and unconfirmed, or on file in the EHR. */
  origin: 'suggested' | 'ehr';
  display: string;
  codes: SuggestedCode[];
  /** Who chose the code, where a person did. */
  chosenBy: string | null;
  /** What was suggested then. */
  suggested: string | null;
  evidence: ReviewEvidence[];
};

export type ReviewItem = {
  id: string;
  version: string;
  category: string;
  state: ReferralRow['state'];
  gate: string | null;
  since: string;
  unambiguous: boolean;
  sensitive: boolean;
  /** It rests on something with a restricting security label: who may let it go. */
  restriction: ReferralRow['restriction'];
  /** The only partner that it may go to, where whoever approved it named one. */
  recipient: string | null;
  /** Somebody may come to harm soon: what, in a few words. */
  danger: string | null;
  /** The person has an answer about safety that warns, or a referral with a danger. */
  seeFirst: boolean;
  /** Day on which it is shown again. */
  postponedUntil: string | null;
  withoutHelp: WithoutHelpView | null;
  /** Why it was withdrawn. */
  endedReason: ReferralRow['ended_reason'];
  person: { id: string };
  conditions: ReviewCondition[];
};

/** For pages only: names leave the server toward signed-in reviewers and nobody else. */
export type PersonNames = ReadonlyMap<string, { name: string; birthDate: string }>;

export type ReviewPage = { items: ReviewItem[]; next?: string };

/** What a reviewer asks the worklist for. */
export type WorklistAsk = Moment & {
  gates: readonly string[];
  sort: WorklistSort;
  limit: number;
  cursor?: string | undefined;
  category?: string | undefined;
  person?: string | undefined;
  postponed?: boolean;
};

/** @throws AppError REQUEST_INVALID for a cursor that this list did not give */
export async function listReviews(
  tx: Tx,
  tenant: string,
  ask: WorklistAsk,
): Promise<ReviewPage & { rows: ReferralRow[] }> {
  const { cursor, limit, now: _now, timeZone: _zone, ...rest } = ask;
  const after = cursor === undefined ? undefined : readCursor(cursor, ask.sort);
  const rows = await reviews.waitingReferrals(tx, tenant, {
    ...rest,
    limit: limit + 1,
    after,
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = await itemsOf(tx, shown, ask);
  return {
    rows: shown,
    items,
    ...withoutUndefined({
      next: rows.length > limit && last ? writeCursor(last, ask.sort) : undefined,
    }),
  };
}

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

export type Detail = {
  review: ReviewDetail;
  row: ReferralRow;
  decisions: DecisionLine[];
  tasks: TaskRow[];
};

/** @throws AppError NOT_FOUND, also for another tenant's referral */
export async function readReview(
  tx: Tx,
  tenant: string,
  id: string,
  deps: Judging,
): Promise<Detail> {
  const row = (await referrals.loadReferrals(tx, [id])).get(id);
  if (!row || row.tenant !== tenant) throw new AppError('NOT_FOUND', 'There is no such referral');
  const [review] = await itemsOf(tx, [row], momentOf(deps));
  if (!review) throw new AppError('NOT_FOUND', 'There is no such referral');
  const decided = await reviews.decisionsOf(tx, tenant, id);
  const attempts = (await tasks.tasksOfReferrals(tx, [id])).get(id) ?? [];
  return {
    review: {
      ...review,
      approvedBy: row.approval === 'approved' ? row.approved_by : null,
      agreement: row.agreement_on ? { on: row.agreement_on, source: row.agreement_source } : null,
      agreementDoubts: await readAgreementDoubts(tx, deps, row),
      consent: await readConsent(tx, deps, row, attempts),
      record: await readRecord(tx, deps, row),
      decisions: decided.map(({ decision, principal, at }) => ({
        decision,
        principal,
        at: at.toISOString(),
      })),
      tasks: attempts.map((one) => ({
        id: one.id,
        partner: one.partner,
        status: one.status,
        live: one.live,
        outcome: verdictOf(one),
      })),
      nextPartners: await nextPartnersOf(tx, row, attempts),
      partnerAnswers: await partnerAnswersOf(tx, tenant, id),
      otherReferrals: await otherReferralsOf(tx, row),
      refusedWrites: await refusedWritesOf(tx, row),
      alteredWrites: await alteredWritesOf(tx, row),
      answers: await answersOf(tx, row, deps.clock.timeZone),
      screenings: (await screeningsOfPerson(tx, tenant, row.person)).filter(asksSomebody),
    },
    row,
    decisions: decided,
    tasks: attempts,
  };
}

const asksSomebody = ({ issues }: ScreeningForPerson): boolean =>
  issues.some((issue) => issue.severity === 'warning');

async function otherReferralsOf(
  tx: Tx,
  { id, person }: ReferralRow,
): Promise<ReviewDetail['otherReferrals']> {
  const all = await referrals.referralsOfPeople(tx, [person]);
  return all
    .filter((one) => one.id !== id)
    .map(({ id: other, category, state, gate, since, sent }) => ({
      id: other,
      category,
      state,
      gate,
      since,
      sent,
    }))
    .sort((a, b) => (a.since > b.since ? -1 : 1));
}

async function answersOf(
  tx: Tx,
  { tenant, person, trace }: ReferralRow,
  timeZone?: string,
): Promise<AnswerSoFar[]> {
  const loaded = (await loadRecords(tx, [{ subject: person, tenant, trace }], timeZone)).get(
    person,
  );
  return loaded ? answersSoFar(loaded.record, instruments) : [];
}

export async function itemsOf(
  tx: Tx,
  rows: readonly ReferralRow[],
  moment: Moment,
): Promise<ReviewItem[]> {
  const people = [...new Set(rows.map((row) => row.person))];
  const named = [...new Set(rows.flatMap(conditionNames))];
  const evidence = Map.groupBy(await reviews.evidenceFor(tx, people, named), keyOf);
  const endangered = await peopleInDanger(tx, rows[0]?.tenant ?? '', people);
  const bodies = new Map(
    (await reviews.conditionBodies(tx, people, named)).map((one) => [keyOf(one), one]),
  );
  return rows.map((row) => ({
    id: row.id,
    version: versionOf(row),
    category: row.category,
    state: row.state,
    gate: row.gate,
    since: row.since,
    unambiguous: row.unambiguous,
    sensitive: row.sensitive,
    restriction: row.restriction,
    recipient: row.recipient,
    danger: row.danger,
    seeFirst: endangered.has(row.person),
    postponedUntil: row.postponed_until,
    withoutHelp: withoutHelpOf(row, moment),
    endedReason: row.ended_reason,
    person: { id: row.person },
    conditions: conditionNames(row).map((condition) => {
      const key = keyOf({ person: row.person, condition });
      return conditionOf(condition, bodies.get(key), evidence.get(key) ?? [], {
        chosen: chosen(row)[condition],
        ...moment,
      });
    }),
  }));
}

const chosen = (row: ReferralRow) => JSON.parse(row.codes_chosen ?? '{}') as CodesChosen;
const conditionNames = (row: ReferralRow): string[] => JSON.parse(row.conditions) as string[];
const keyOf = ({ person, condition }: { person: string; condition: string }) =>
  `${person} ${condition}`;

const wordsOf = (code: fhir4.CodeableConcept | undefined): string =>
  code?.text ??
  code?.coding?.find((one) => one.display)?.display ??
  code?.coding?.[0]?.code ??
  'Condition';

function conditionOf(
  id: string,
  body: ConditionBody | undefined,
  evidence: readonly EvidenceLine[],
  { chosen, timeZone }: Pick<Moment, 'timeZone'> & { chosen: CodesChosen[string] | undefined },
): ReviewCondition {
  const condition = body && readable(JSON.parse(body.body) as fhir4.Condition);
  const codings = (condition?.code?.coding ?? []).map(
    ({ system = '', code = '', display = '' }) => ({
      system,
      code,
      display,
    }),
  );
  return {
    id,
    origin: id.startsWith('Condition/') ? 'ehr' : 'suggested',
    display: wordsOf(condition?.code),
    codes: codings,
    chosenBy: chosen?.by ?? null,
    suggested: chosen ? wordsOf(chosen.suggested) : null,
    evidence: evidence.map((one) => ({
      sentence: sentenceAt(timeZone, one),
      rule: one.rule,
      ruleVersion: one.rule_version,
      source: one.source,
      codes: JSON.parse(one.code_systems) as ReviewEvidence['codes'],
    })),
  };
}

/** Names and birth dates from the Patients as pulled. */
export async function personNames(tx: Tx, people: readonly string[]): Promise<PersonNames> {
  const rows = await ehrResources.ehrResourcesOfPeople(tx, [...new Set(people)], ['Patient']);
  return new Map(
    rows.map((row) => {
      const patient = JSON.parse(row.body) as fhir4.Patient;
      const name = patient.name?.find((one) => one.use === 'official') ?? patient.name?.[0];
      const written = name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
      return [
        row.person,
        { name: written || 'No name on file', birthDate: patient.birthDate ?? '' },
      ] as const;
    }),
  );
}
