import { RequestProblems } from '@loopwell/http';
import { timeZoneOf } from '@loopwell/kit';
import {
  type AccountAsk,
  type AccountProblem,
  type AccountTexts,
  partnerProblem,
  readAccountAsk,
} from '@loopwell/sdoh';
import {
  type DisclosurePage,
  type DisclosurePlace,
  disclosures,
  type PersonView,
  personViews,
  type SignIn,
  signIns,
  type Tx,
} from '@loopwell/store';
import type { ReviewDeps } from '../reviewer.ts';

/** The query of an account, as it came. */
export type AccountQuery = Readonly<Record<string, unknown>>;

const fieldNames = ['person', 'partner', 'by', 'from', 'to'] as const;

/** Returns the fields that narrow an account, as they were typed. */
export function textsIn(query: AccountQuery): AccountTexts {
  const texts: AccountTexts = {};
  for (const name of fieldNames) {
    const text = query[name];
    if (typeof text === 'string') texts[name] = text;
  }
  return texts;
}

/**
 * Reads what an account is asked for.
 *
 * @throws RequestProblems naming each wrong field and its rule
 */
export async function readAsk(
  tx: Tx,
  query: AccountQuery,
  deps: Pick<ReviewDeps, 'clock'>,
): Promise<AccountAsk> {
  const read = readAccountAsk(textsIn(query), timeZoneOf(deps.clock));
  if ('problems' in read) throw refused(read.problems);
  const { ask } = read;
  if (ask.partner === undefined) return ask;
  const partners = await disclosures.partnersNamed(tx, ask.partner);
  const problem = partnerProblem(partners);
  if (problem) throw refused([problem]);
  return { ...ask, partner: partners[0]?.id ?? ask.partner };
}

function refused(problems: readonly AccountProblem[]): RequestProblems {
  const places = problems.map(({ field, rule }) => ({ path: `/query/${field}`, rule }));
  return new RequestProblems('This cannot be listed as it was asked', places);
}

const limitIn = (query: AccountQuery): number => Number(query.limit ?? 50);

/** Reads one page of the account of disclosures. */
export async function readDisclosures(
  tx: Tx,
  query: AccountQuery,
  deps: Pick<ReviewDeps, 'clock'>,
): Promise<DisclosurePage> {
  const ask = await readAsk(tx, query, deps);
  const after = placeIn(query.cursor);
  return disclosures.listDisclosures(tx, { ...ask, after, limit: limitIn(query) });
}

/** A page of views, and the last one of it where there are more. */
export type ViewsPage = { views: PersonView[]; next: number | undefined };

/** Reads one page of the views of people. */
export async function readViews(
  tx: Tx,
  query: AccountQuery,
  deps: Pick<ReviewDeps, 'clock'>,
): Promise<ViewsPage> {
  const { person, by: principal, from, to } = await readAsk(tx, query, deps);
  const limit = limitIn(query);
  const search = { person, principal, from, to, after: numberIn(query.cursor), limit: limit + 1 };
  const listed = await personViews.listViews(tx, search);
  const views = listed.slice(0, limit);
  return { views, next: listed.length > limit ? views.at(-1)?.id : undefined };
}

/** A page of sign-ins, and the last one of it where there are more. */
export type SignInsPage = { signIns: SignIn[]; next: number | undefined };

/** Reads one page of the sign-ins. */
export async function readSignIns(
  tx: Tx,
  query: AccountQuery,
  deps: Pick<ReviewDeps, 'clock'>,
): Promise<SignInsPage> {
  const { by: principal } = await readAsk(tx, { by: query.by }, deps);
  const limit = limitIn(query);
  const search = { principal, after: numberIn(query.cursor), limit: limit + 1 };
  const listed = await signIns.listSignIns(tx, search);
  const page = listed.slice(0, limit);
  return { signIns: page, next: listed.length > limit ? page.at(-1)?.number : undefined };
}

/** Writes the cursor after the last entry of a page of disclosures. */
export const cursorOf = ({ micros, task }: DisclosurePlace): string => `${micros}.${task}`;

const wrongCursor = () =>
  new RequestProblems('The cursor is not one that this list gave', [
    { path: '/query/cursor', rule: 'from-next' },
  ]);

const placePattern = /^(\d{1,16})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function placeIn(cursor: unknown): DisclosurePlace | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  const [, micros, task] = placePattern.exec(String(cursor)) ?? [];
  if (micros === undefined || task === undefined) throw wrongCursor();
  return { micros: Number(micros), task };
}

function numberIn(cursor: unknown): number | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  if (!/^\d{1,15}$/.test(String(cursor))) throw wrongCursor();
  return Number(cursor);
}

/** Completes the name of a person here: `mai` becomes `person:mai`. */
export const principalOf = (name: string): string =>
  name.startsWith('person:') ? name : `person:${name}`;
