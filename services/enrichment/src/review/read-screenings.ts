import type { CodingIssue } from '@loopwell/sdoh';
import { reviews, type Tx } from '@loopwell/store';

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
