import { withoutUndefined } from '@loopwell/fhir';
import {
  peopleInDanger,
  type ReferralRow,
  reviews,
  type Tx,
  type WorklistSort,
} from '@loopwell/store';
import { versionOf } from '../decide/versions.ts';
import type { Moment } from '../reviewer.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { conditionsIn, type ReviewCondition, readConditions } from './read-conditions.ts';
import { type WithoutHelpView, withoutHelpOf } from './without-help.ts';

/** Gates at which a referral waits for a reviewer. */
export const reviewGates = [
  'saidNo',
  'review',
  'withoutHelp',
  'agreement',
  'consent',
  'noServiceCode',
] as const;
/** One of the gates at which a referral waits for a reviewer. */
export type ReviewGate = (typeof reviewGates)[number];

/** A referral as reviewers see it in a list. */
export type ReviewItem = {
  id: string;
  version: string;
  category: string;
  state: ReferralRow['state'];
  gate: string | null;
  since: string;
  unambiguous: boolean;
  sensitive: boolean;
  /** The restriction of the need's security labels, which decides who may approve it. */
  restriction: ReferralRow['restriction'];
  /** The only partner that it may go to, if the approver named one. */
  recipient: string | null;
  /** What cannot wait, in a few words; never an answer about safety. */
  danger: string | null;
  /** The mark *See first*: an answer about safety, or a need that cannot wait. */
  seeFirst: boolean;
  /** The day on which it is shown again. */
  postponedUntil: string | null;
  withoutHelp: WithoutHelpView | null;
  /** The reason why it was withdrawn. */
  endedReason: ReferralRow['ended_reason'];
  person: { id: string };
  conditions: ReviewCondition[];
};

/** A page of a list. */
export type ReviewPage = { items: ReviewItem[]; next?: string };

/** The query of a reviewer for the worklist. */
export type WorklistAsk = Moment & {
  gates: readonly string[];
  sort: WorklistSort;
  limit: number;
  cursor?: string | undefined;
  category?: string | undefined;
  person?: string | undefined;
  postponed?: boolean;
};

/**
 * Lists the referrals that wait for a reviewer, with six queries, however long the list is.
 *
 * @throws AppError REQUEST_INVALID for a cursor that this list did not give
 */
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

/** Makes list items of referrals, in the same order. */
export async function itemsOf(
  tx: Tx,
  rows: readonly ReferralRow[],
  moment: Moment,
): Promise<ReviewItem[]> {
  const people = rows.map(({ person }) => person);
  const endangered = await peopleInDanger(tx, rows[0]?.tenant ?? '', [...new Set(people)]);
  const conditions = await readConditions(tx, rows);
  return rows.map((row) => ({
    ...fieldsOf(row),
    version: versionOf(row),
    seeFirst: endangered.has(row.person),
    withoutHelp: withoutHelpOf(row, moment),
    person: { id: row.person },
    conditions: conditionsIn(row, conditions, moment),
  }));
}

/** Gives the fields of a list item that come from the row itself. */
function fieldsOf(row: ReferralRow) {
  const { id, category, state, gate, since, unambiguous, sensitive } = row;
  const { restriction, recipient, danger } = row;
  return {
    id,
    category,
    state,
    gate,
    since,
    unambiguous,
    sensitive,
    restriction,
    recipient,
    danger: row.danger_kind === 'call-today' ? danger : null,
    postponedUntil: row.postponed_until,
    endedReason: row.ended_reason,
  };
}
