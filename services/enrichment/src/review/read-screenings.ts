import type { CodingIssue } from '@loopwell/sdoh';
import { peopleInDanger, reviews, type Tx } from '@loopwell/store';

export type ScreeningForPerson = {
  id: string;
  person: string;
  seeFirst: boolean;
  instrument: string;
  authored: string;
  encounter: string | null;
  outcome: string;
  issues: CodingIssue[];
  version: string;
};

/** Screenings that a person has to look at, with one sentence for each reason. */
export async function screeningsToLookAt(tx: Tx, organisation: string, limit: number): Promise<ScreeningForPerson[]> {
  const rows = await reviews.screeningsForPeople(tx, organisation, limit);
  const endangered = await peopleInDanger(tx, organisation, [...new Set(rows.map((row) => row.person))]);
  return rows.map((row) => ({ ...screeningOf(row, endangered), outcome: 'needsPerson' }));
}

export async function screeningsOfPerson(tx: Tx, organisation: string, person: string): Promise<ScreeningForPerson[]> {
  const endangered = await peopleInDanger(tx, organisation, [person]);
  const rows = await reviews.screeningsOfPerson(tx, organisation, person);
  return rows.map((row) => ({ ...screeningOf(row, endangered), outcome: row.outcome }));
}

const screeningOf = (row: Awaited<ReturnType<typeof reviews.screeningsForPeople>>[number], endangered: ReadonlySet<string>) => ({
  id: row.id,
  person: row.person,
  seeFirst: endangered.has(row.person),
  instrument: row.instrument,
  authored: row.authored,
  encounter: row.encounter,
  issues: JSON.parse(row.issues) as CodingIssue[],
  version: row.version,
});
