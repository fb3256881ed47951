import { AppError, type Facts } from '@loopwell/kit';
import { logViews, mayView, type Tx, type Viewer, type ViewKind } from '@loopwell/store';

/** Who is shown people, and on which page as it is declared. */
export type Showing = { principal: Viewer; page: string; what?: ViewKind };

/**
 * Leaves out people whose charts are restricted, and records that the others are shown. Every page
 * and every answer of the API that shows people calls it in the transaction that reads them.
 * DECISIONS D158.
 *
 * @returns those who may be shown
 */
export async function showPeople(
  tx: Tx,
  { principal, page, what }: Showing,
  people: Iterable<string>,
): Promise<Set<string>> {
  const visible = await mayView(tx, principal, people);
  const shown = { principal, page, people: visible };
  await logViews(tx, what === undefined ? shown : { ...shown, what });
  return visible;
}

/**
 * Requires that all of some people may be shown, and records that they are.
 *
 * @throws AppError NOT_FOUND with the sentence for what is not known, so that a restricted chart
 *   looks like one that is not there
 */
export async function requireShown(
  tx: Tx,
  showing: Showing,
  people: readonly string[],
  missing = 'There is no such person',
): Promise<void> {
  await requireVisible(tx, showing.principal, people, missing);
  await showPeople(tx, { what: 'person', ...showing }, people);
}

/**
 * Requires that somebody may act for all of some people, whose charts may be restricted.
 *
 * @param factsOf gives the facts of the error, as for something that is not known
 * @throws AppError NOT_FOUND with the sentence for what is not known
 */
export async function requireVisible(
  tx: Tx,
  principal: Viewer,
  people: readonly string[],
  missing: string,
  factsOf: (person: string) => Facts = () => ({}),
): Promise<void> {
  const visible = await mayView(tx, principal, people);
  const hidden = people.find((person) => !visible.has(person));
  if (hidden === undefined) return;
  throw new AppError('NOT_FOUND', missing, { facts: factsOf(hidden) });
}
