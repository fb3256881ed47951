import type { fhir4 } from '@loopwell/fhir';
import { tables } from '@loopwell/instruments';
import { AppError } from '@loopwell/kit';
import type { CodingIssue } from '@loopwell/sdoh';
import {
  type ConditionBody,
  type DecisionLine,
  type EvidenceLine,
  pulled,
  type ReferralRow,
  type ReviewCursor,
  type ReviewRow,
  referrals,
  reviews,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { versionOf } from './review.ts';

/** What reviewers see. A list is five queries, however long it is. */

/** Gates at which a referral waits for a reviewer. */
export const reviewGates = ['review', 'agreement', 'consent', 'noServiceCode'] as const;
export type ReviewGate = (typeof reviewGates)[number];

export type SuggestedCode = { system: string; code: string; display: string };

export type ReviewCondition = {
  id: string;
  /** Made by us and unconfirmed, or on file in the EHR. */
  origin: 'suggested' | 'ehr';
  display: string;
  codes: SuggestedCode[];
  evidence: { sentence: string; rule: string; ruleVersion: string; source: string }[];
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
  /** Somebody may come to harm soon: what, in a few words. */
  danger: string | null;
  person: { id: string };
  conditions: ReviewCondition[];
};

/** For pages only: names leave the server towards signed-in reviewers and nobody else. */
export type PersonNames = ReadonlyMap<string, { name: string; birthDate: string }>;

export type ReviewPage = { items: ReviewItem[]; next?: string };

export async function listReviews(
  tx: Tx,
  organisation: string,
  page: { gates: readonly string[]; limit: number; cursor?: string | undefined },
): Promise<ReviewPage> {
  const after = page.cursor === undefined ? undefined : readCursor(page.cursor);
  const rows = await reviews.waitingReferrals(tx, organisation, { gates: page.gates, limit: page.limit + 1, after });
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const items = await itemsOf(tx, shown);
  return { items, ...(rows.length > page.limit && last ? { next: writeCursor(last) } : {}) };
}

export type ReviewDetail = ReviewItem & {
  approvedBy: string | null;
  agreement: { on: string; source: string | null } | null;
  decisions: { decision: string; principal: string; at: string }[];
  tasks: { id: string; partner: string; status: string; live: boolean }[];
};

export type Detail = { item: ReviewDetail; row: ReferralRow; decisions: DecisionLine[]; tasks: TaskRow[] };

/** @throws AppError NOT_FOUND, also for another organisation's referral */
export async function readReview(tx: Tx, organisation: string, id: string): Promise<Detail> {
  const row = (await referrals.loadReferrals(tx, [id])).get(id);
  if (!row || row.organisation !== organisation) throw new AppError('NOT_FOUND', 'There is no such referral');
  const [item] = await itemsOf(tx, [row]);
  if (!item) throw new AppError('NOT_FOUND', 'There is no such referral');
  const decided = await reviews.decisionsOf(tx, organisation, id);
  const attempts = (await tasks.tasksOfReferrals(tx, [id])).get(id) ?? [];
  return {
    item: {
      ...item,
      approvedBy: row.approval === 'approved' ? row.approved_by : null,
      agreement: row.agreement_on ? { on: row.agreement_on, source: row.agreement_source } : null,
      decisions: decided.map(({ decision, principal, at }) => ({ decision, principal, at: at.toISOString() })),
      tasks: attempts.map(({ id: task, partner, status, live }) => ({ id: task, partner, status, live })),
    },
    row,
    decisions: decided,
    tasks: attempts,
  };
}

async function itemsOf(tx: Tx, rows: readonly ReferralRow[]): Promise<ReviewItem[]> {
  const people = [...new Set(rows.map((row) => row.person))];
  const named = [...new Set(rows.flatMap(conditionNames))];
  const evidence = Map.groupBy(await reviews.evidenceFor(tx, people, named), keyOf);
  const bodies = new Map((await reviews.conditionBodies(tx, people, named)).map((one) => [keyOf(one), one]));
  const items = rows.map((row) => ({
    id: row.id,
    version: versionOf(row),
    category: row.category,
    state: row.state,
    gate: row.gate,
    since: row.since,
    unambiguous: row.unambiguous,
    sensitive: row.sensitive,
    danger: dangerIn(conditionNames(row).flatMap((condition) => evidence.get(keyOf({ person: row.person, condition })) ?? [])),
    person: { id: row.person },
    conditions: conditionNames(row).map((condition) => {
      const key = keyOf({ person: row.person, condition });
      return conditionOf(condition, bodies.get(key), evidence.get(key) ?? []);
    }),
  }));
  return items.sort((a, b) => Number(b.danger !== null) - Number(a.danger !== null));
}

/** Answers that say that somebody is in danger, by their rule. */
const dangers = new Map<string, string>(
  tables.flatMap(({ id, questions }) =>
    questions.flatMap((row) =>
      (row.answers ?? []).flatMap((one) => (one.danger ? [[`${id}/${row.code}/${one.code}`, one.danger] as const] : [])),
    ),
  ),
);

const dangerIn = (evidence: readonly EvidenceLine[]): string | null =>
  evidence.map((one) => dangers.get(one.rule)).find((one) => one !== undefined) ?? null;

const conditionNames = (row: ReferralRow): string[] => JSON.parse(row.conditions) as string[];
const keyOf = ({ person, condition }: { person: string; condition: string }) => `${person} ${condition}`;

function conditionOf(id: string, body: ConditionBody | undefined, evidence: readonly EvidenceLine[]): ReviewCondition {
  const condition = body && (JSON.parse(body.body) as fhir4.Condition);
  const codings = (condition?.code?.coding ?? []).map(({ system = '', code = '', display = '' }) => ({
    system,
    code,
    display,
  }));
  return {
    id,
    origin: id.startsWith('Condition/') ? 'ehr' : 'suggested',
    display: condition?.code?.text ?? codings.find((one) => one.display)?.display ?? codings[0]?.code ?? 'Condition',
    codes: codings,
    evidence: evidence.map((one) => ({
      sentence: one.sentence,
      rule: one.rule,
      ruleVersion: one.rule_version,
      source: one.source,
    })),
  };
}

/** Names and birth dates from the Patients as pulled. */
export async function personNames(tx: Tx, people: readonly string[]): Promise<PersonNames> {
  const rows = await pulled.pulledOfPeople(tx, [...new Set(people)], ['Patient']);
  return new Map(
    rows.map((row) => {
      const patient = JSON.parse(row.body) as fhir4.Patient;
      const name = patient.name?.find((one) => one.use === 'official') ?? patient.name?.[0];
      const written = name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
      return [row.person, { name: written || 'No name on file', birthDate: patient.birthDate ?? '' }] as const;
    }),
  );
}

export type ScreeningForPerson = {
  id: string;
  person: string;
  instrument: string;
  authored: string;
  encounter: string | null;
  outcome: string;
  issues: CodingIssue[];
  version: string;
};

/** Screenings that a person has to look at, with one sentence for each reason. */
export async function screeningsToLookAt(tx: Tx, organisation: string, limit: number): Promise<ScreeningForPerson[]> {
  return (await reviews.screeningsForPeople(tx, organisation, limit)).map((row) => ({
    ...screeningOf(row),
    outcome: 'needsPerson',
  }));
}

export async function screeningsOfPerson(tx: Tx, organisation: string, person: string): Promise<ScreeningForPerson[]> {
  return (await reviews.screeningsOfPerson(tx, organisation, person)).map((row) => ({
    ...screeningOf(row),
    outcome: row.outcome,
  }));
}

const screeningOf = (row: Awaited<ReturnType<typeof reviews.screeningsForPeople>>[number]) => ({
  id: row.id,
  person: row.person,
  instrument: row.instrument,
  authored: row.authored,
  encounter: row.encounter,
  issues: JSON.parse(row.issues) as CodingIssue[],
  version: row.version,
});

const writeCursor = (row: ReviewRow): string => Buffer.from(`${row.cursor_at}\n${row.id}`).toString('base64url');

function readCursor(cursor: string): ReviewCursor {
  const [changedAt = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('\n');
  const good = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d\d(:\d\d)?$/.test(changedAt) && /^[0-9a-f-]{36}$/.test(id);
  if (!good) throw new AppError('REQUEST_INVALID', 'The cursor is not one that this list gave');
  return { changedAt, id };
}
