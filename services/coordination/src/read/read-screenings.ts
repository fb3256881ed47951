import { tables } from '@loopwell/instruments';
import { type CodingIssue, readAloneLabels } from '@loopwell/sdoh';
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
  /** Some of its answers are read alone: their words open on a click. */
  opens: boolean;
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
    ...issuesOf(row),
    id: row.id,
    person: row.person,
    seeFirst: endangered.has(row.person),
    instrument: row.instrument,
    authored: row.authored,
    encounter: row.encounter,
    outcome: outcomeOf(row),
    looks: (looked.get(row.id) ?? []).map(lookOf),
    version: row.version,
  }));
}

/** Labels of the questions whose answers are read alone. */
const labelsReadAlone = readAloneLabels(tables);

/**
 * Gives the issues of a screening. In place of those about an answer that is read alone there is
 * one that says so, without its question.
 */
function issuesOf({ issues }: Row): Pick<ScreeningForPerson, 'issues' | 'opens'> {
  const all = JSON.parse(issues) as CodingIssue[];
  const alone = all.filter(isReadAlone);
  const [first] = alone;
  if (first === undefined) return { issues: all, opens: false };
  const { severity, source } = first;
  const said: CodingIssue = { severity, code: 'sensitive', text: openedAlone, source };
  return { issues: [said, ...all.filter((issue) => !alone.includes(issue))], opens: true };
}

const openedAlone = 'An answer is read by one person alone.';

const isReadAlone = ({ code, text }: CodingIssue): boolean =>
  code === 'sensitive' || labelsReadAlone.some((label) => text.includes(`“${label}”`));

const lookOf = ({ principal, at, note }: ScreeningReview) => ({
  by: principal,
  at: at.toISOString(),
  note,
});
