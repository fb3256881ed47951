import { RequestProblems } from '@loopwell/http';
import { newId } from '@loopwell/kit';
import {
  type DueItem,
  type DueProblem,
  foldIdentifier,
  readDueCsv,
  readDueGroup,
} from '@loopwell/sdoh';
import { mayView, type Tx, work } from '@loopwell/store';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import type { DueListBody } from './add-need-body.ts';
import { openNeeds, type PlannedNeed } from './record-need.ts';

/** What became of a due list: how many needs were opened, and how many were open already. */
export type DueResult = { opened: number; already: number };

/**
 * Opens a need for each row of a due list, all or none. A row that names nobody, or whose chart is
 * restricted to others, is an unknown person.
 *
 * @throws RequestProblems naming each row with its field and rule, and nothing of what it says
 */
export async function recordDueList(
  deps: ReviewDeps,
  reviewer: Reviewer,
  { connection, csv, group }: DueListBody,
): Promise<DueResult> {
  const today = todayOf(deps);
  const { items, problems } =
    csv === undefined ? readDueGroup(group, today) : readDueCsv(csv, today);
  const batch = newId();
  const result = await deps.tx(async (tx) => {
    const meant = await meantBy(tx, reviewer, connection, items);
    const all = [...problems, ...meant.problems].toSorted((a, b) => a.row - b.row);
    if (all.length > 0) throw refused(all);
    const planned = meant.patients.map(({ dueItem, patient }): PlannedNeed => {
      const due = dueItem.by === undefined ? {} : { dueOn: dueItem.by };
      const body = { need: dueItem.what, saidBy: 'due-list' as const, saidOn: today, ...due };
      return { patient, connection, body };
    });
    const opened = await openNeeds(tx, reviewer, planned, batch);
    return { opened: opened.length, already: planned.length - opened.length };
  });
  await deps.nudge([{ stage: 'refer', batch }]);
  return result;
}

const refused = (problems: readonly DueProblem[]) =>
  new RequestProblems(
    'Rows of this list cannot be used; nothing was recorded',
    problems.map(({ row, field, rule }) => ({ path: `/rows/${row}/${field}`, rule })),
    { facts: { field: 'csv' } },
  );

type Meant = { patients: { dueItem: DueItem; patient: string }[]; problems: DueProblem[] };

/** Finds the Patient that each row means: one human being, and no other. */
async function meantBy(
  tx: Tx,
  reviewer: Reviewer,
  connection: string,
  items: readonly DueItem[],
): Promise<Meant> {
  const names = [...new Set(items.map(({ who }) => who))].filter((name) => name !== '');
  const patients = await work.meantPatients(
    tx,
    connection,
    names.map((name) => ({ name, folded: foldIdentifier(name) })),
  );
  const visible = await mayView(tx, reviewer, [...new Set(patients.map(({ patient }) => patient))]);
  const byName = Map.groupBy(
    patients.filter(({ patient }) => visible.has(patient)),
    ({ name }) => name,
  );
  const meant: Meant = { patients: [], problems: [] };
  for (const dueItem of items) {
    const theirs = byName.get(dueItem.who) ?? [];
    const [first] = theirs;
    const isOne = new Set(theirs.map(({ human }) => human)).size === 1;
    if (first && isOne) meant.patients.push({ dueItem, patient: first.patient });
    else if (dueItem.who !== '') {
      const rule = first ? 'several-people' : 'unknown-person';
      meant.problems.push({ row: dueItem.row, field: 'who', rule });
    }
  }
  return meant;
}
