import type { CodingIssue } from '@loopwell/sdoh';
import {
  peopleInDanger,
  reviews,
  type ScreeningReview,
  screeningReviews,
  type Tx,
} from '@loopwell/store';

export type ScreeningForPerson = {
  id: string;
  person: string;
  seeFirst: boolean;
  instrument: string;
  authored: string;
  encounter: string | null;
  outcome: string;
  issues: CodingIssue[];
  /** Reviewers who have looked at it before, and their notes. */
  looks: { by: string; at: string; note: string | null }[];
  version: string;
};

type Row = Awaited<ReturnType<typeof reviews.screeningsForPeople>>[number];

/** Lists the screenings that a person has to look at, with one sentence for each reason. */
export async function screeningsToLookAt(
  tx: Tx,
  tenant: string,
  limit: number,
): Promise<ScreeningForPerson[]> {
  const rows = await reviews.screeningsForPeople(tx, tenant, limit);
  return withPeople(tx, tenant, rows, () => 'needsPerson');
}

/** Lists the screenings of one person. */
export async function screeningsOfPerson(
  tx: Tx,
  tenant: string,
  person: string,
): Promise<ScreeningForPerson[]> {
  const rows = await reviews.screeningsOfPerson(tx, tenant, person);
  return withPeople(tx, tenant, rows, (row) => row.outcome);
}

/**
 * Adds to screenings whether the person is in danger and who has looked, with two queries, however
 * many they are.
 */
async function withPeople<R extends Row>(
  tx: Tx,
  tenant: string,
  rows: readonly R[],
  outcomeOf: (row: R) => string,
): Promise<ScreeningForPerson[]> {
  const people = [...new Set(rows.map((row) => row.person))];
  const endangered = await peopleInDanger(tx, tenant, people);
  const looked = Map.groupBy(
    await screeningReviews.screeningReviewsOf(tx, tenant, people),
    (one) => one.screening,
  );
  return rows.map((row) => ({
    id: row.id,
    person: row.person,
    seeFirst: endangered.has(row.person),
    instrument: row.instrument,
    authored: row.authored,
    encounter: row.encounter,
    outcome: outcomeOf(row),
    issues: JSON.parse(row.issues) as CodingIssue[],
    looks: (looked.get(row.id) ?? []).map(lookOf),
    version: row.version,
  }));
}

const lookOf = ({ principal, at, note }: ScreeningReview) => ({
  by: principal,
  at: at.toISOString(),
  note,
});
