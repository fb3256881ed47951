import type { Principal } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import {
  type PartnerRow,
  partnerProfiles,
  peopleLists,
  personViews,
  restrictedCharts,
  type Tx,
} from '@loopwell/store';
import { serviceChoices } from '../decide/apply-decision.ts';
import { signedNoes } from '../decide/consent/signed-no.ts';
import { type Typed, uuid } from '../decide/form-data.ts';
import { type Recipient, recipientsFor } from '../decide/recipient.ts';
import { type ListRow, makeRows } from '../read/list-rows.ts';
import { type ListAction, type ListPlace, listPlaces, placeAt } from '../read/people-lists.ts';
import { readPersonFacts } from '../read/person-facts.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import type { ChooseView } from './choose-view.ts';
import { readConcerns } from './record-concerns.ts';

/** The most people that are decided about at once; each has a few needs. */
const mostPeople = 50;

/** What somebody chose on a list: the list, the people and what to do for them. */
export type Chosen = {
  place: ListPlace;
  action: ListAction;
  humans: readonly string[];
  back: string;
};

type Fields = Readonly<Record<string, unknown>>;

/** Reads the form of a list; undefined where it names no list or no action of it. */
export function chosenIn(body: unknown): Chosen | undefined {
  const { list, action, person, back } = (body ?? {}) as Fields;
  const place = listPlaces.find((one) => one.list === list);
  const wanted = place?.actions.find((one) => one === action);
  if (place === undefined || wanted === undefined) return undefined;
  const humans = [person ?? []]
    .flat()
    .map(String)
    .filter((id) => uuid.test(id));
  return {
    place,
    action: wanted,
    humans: [...new Set(humans)].slice(0, mostPeople),
    back: listAddress(back) ?? place.path,
  };
}

/** Gives an address of a list, if it is one; it holds no words that somebody typed. */
function listAddress(address: unknown): string | undefined {
  if (typeof address !== 'string' || address.length > 700) return undefined;
  const [path = '', query = ''] = address.split('?');
  return placeAt(path) && /^[A-Za-z0-9=&_-]*$/.test(query) ? address : undefined;
}

/**
 * Reads the people that were chosen as they stand now. Those that are decided alone are left out.
 *
 * @throws AppError REQUEST_INVALID where nobody was chosen, CONFLICT where none of them is on the
 *   list any more
 */
export async function readChosen(
  tx: Tx,
  principal: Principal,
  { place, action, humans, back }: Chosen,
  { deps, typed }: { deps: ReviewDeps; typed: Typed },
): Promise<ChooseView> {
  if (humans.length === 0) throw new AppError('REQUEST_INVALID', 'Choose at least one person');
  const today = todayOf(deps);
  const marked = await peopleLists.markedPeople(tx);
  const hidden = new Set(await restrictedCharts.hiddenPatients(tx, principal));
  const shown = humans.filter((human) => !hidden.has(human));
  const needs = await peopleLists.needsOnList(tx, { list: place.list, today, marked }, shown);
  const facts = await readPersonFacts(tx, shown, today);
  const rows = await makeRows(tx, {
    rows: shown.map((human) => ({ human, rank: 0 })),
    needs,
    facts,
    marked: new Set(marked),
    looksAtAnswers: place.looksAtAnswers,
    noes: await signedNoes(tx, deps, needs),
    isAboutConsent: action === 'recordConsent',
    concerns: await readConcerns(tx, deps, place.list, needs),
    today,
  });
  const there = rows.filter((row) => row.needs.length > 0);
  if (there.length === 0) throw new AppError('CONFLICT', 'Nobody of them is on the list any more');
  const people = there.flatMap(({ person }) => person.patients);
  await personViews.logViews(tx, { principal, page: '/decide/choose', people });
  return {
    place,
    action,
    rows: there.filter(({ alone }) => alone === undefined),
    leftOut: there.filter(({ alone }) => alone !== undefined),
    services: serviceChoices(oneCategory(there)),
    recipients: recipientsOf(await partnerProfiles.namedPartners(tx), there),
    spokenAuthor: deps.spokenConsent?.author,
    typed,
    back,
    contactFromChart: deps.contactFromChart ?? false,
    today,
    tomorrow: new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10),
  };
}

const categoriesOf = (rows: readonly ListRow[]): string[] => [
  ...new Set(rows.flatMap(({ needs }) => needs.map(({ category }) => category))),
];

/** Gives the category of all needs; empty where there are several. */
function oneCategory(rows: readonly ListRow[]): string {
  const [category = '', ...others] = categoriesOf(rows);
  return others.length > 0 ? '' : category;
}

/** Lists the partners that serve one of the needs, each once. */
function recipientsOf(listed: readonly PartnerRow[], rows: readonly ListRow[]): Recipient[] {
  const serving = categoriesOf(rows).flatMap((category) => recipientsFor(listed, category, []));
  return [...new Map(serving.map((partner) => [partner.id, partner])).values()];
}
