import { addressOf, type Principal } from '@loopwell/http';
import { isSafetyCategory, sdohccCategories } from '@loopwell/sdoh';
import {
  type PeopleCursor,
  type PeopleRow,
  peopleLists,
  peopleOfQuietPartners,
  personViews,
  restrictedCharts,
  type Tx,
  work,
} from '@loopwell/store';
import { signedNoes } from '../decide/consent/signed-no.ts';
import { uuid } from '../decide/form-data.ts';
import { readOnDutyList } from '../on-duty/on-duty-list.ts';
import { isPlaceInTime } from '../read/cursor.ts';
import { type ListRow, makeRows } from '../read/list-rows.ts';
import type { ListPlace } from '../read/people-lists.ts';
import { readPersonFacts } from '../read/person-facts.ts';
import { momentOf, type ReviewDeps, todayOf } from '../reviewer.ts';
import { type ListNotes, readNotes } from './list-notes.ts';
import { readConcerns } from './record-concerns.ts';

type Query = Readonly<Record<string, unknown>>;

/** How many people a page of a list has. */
const pageSize = 50;

/** Needs that a list may be narrowed to. No list tells who has a need about safety. */
const shownCategories = sdohccCategories.filter((category) => !isSafetyCategory(category));

/** A page of a list of people. */
export type PeopleListView = {
  place: ListPlace;
  rows: readonly ListRow[];
  notes: ListNotes;
  category: string | undefined;
  /** Only people whom the reader looks after, or covers for. */
  isMine: boolean;
  /** Which of the people wait for quiet partners, where the list is about partners. */
  quiet: QuietView | undefined;
  needs: readonly { category: string; count: number }[];
  /** The address of this page of the list, and of the next one. */
  here: string;
  next: string | undefined;
  /** The person who is shown beside the list. */
  chosen: string | undefined;
  today: string;
};

/** How many people wait for partners that are quiet, and whether the list shows them alone. */
export type QuietView = {
  people: number;
  isShown: boolean;
  /** Who calls where nobody looks after the person: the first on duty. */
  owner: string | undefined;
};

/** Reads a page of a list. The view of each person is recorded. */
export async function readPeopleList(
  tx: Tx,
  principal: Principal,
  { place, asked, deps }: { place: ListPlace; asked: Query; deps: ReviewDeps },
): Promise<PeopleListView> {
  const today = todayOf(deps);
  const { list, path, looksAtAnswers } = place;
  const isSent = list === 'waiting' || list === 'helped';
  const ask = askOf(asked, isSent);
  await peopleLists.readForPage(tx);
  const marked = await peopleLists.markedPeople(tx);
  const of = { list, today, marked };
  const quiet = list === 'waiting' ? await peopleOfQuietPartners(tx) : [];
  const mine = ask.isMine ? await work.peopleOwnedBy(tx, principal.id, today) : undefined;
  const among = ask.isQuiet ? quiet.filter((human) => mine?.includes(human) ?? true) : mine;
  const page = { ...of, after: ask.after, category: ask.category, among, limit: pageSize };
  const listed = await peopleLists.listPeople(tx, page);
  const shown = await visible(tx, principal, listed.slice(0, pageSize));
  const humans = shown.map(({ human }) => human);
  const needs = await peopleLists.needsOnList(tx, of, humans);
  const facts = await readPersonFacts(tx, humans, today);
  const isAboutConsent = list === 'signature';
  const rows = await makeRows(tx, {
    ...{ rows: shown, needs, facts, marked: new Set(marked), looksAtAnswers, today },
    noes: isAboutConsent ? await signedNoes(tx, deps, needs) : new Map(),
    isAboutConsent,
    concerns: await readConcerns(tx, deps, list, needs),
  });
  const counted = await peopleLists.countNeeds(tx, of, shownCategories);
  const views = rows.flatMap(({ person }) => person.patients);
  await personViews.logViews(tx, { principal, page: path, people: views });
  return {
    place,
    rows,
    notes: await readNotes(tx, list, needs, momentOf(deps)),
    category: ask.category,
    isMine: ask.isMine,
    quiet: list === 'waiting' ? await quietView(tx, quiet, ask.isQuiet) : undefined,
    needs: counted,
    ...addressesOf(path, ask, listed),
    chosen: chosenIn(asked),
    today,
  };
}

async function quietView(tx: Tx, humans: readonly string[], isShown: boolean): Promise<QuietView> {
  const { people } = await readOnDutyList(tx);
  return { people: humans.length, isShown, owner: people[0]?.name };
}

/** Gives the address of this page of a list, and of the next one where there are more people. */
function addressesOf(path: string, ask: ReturnType<typeof askOf>, listed: readonly PeopleRow[]) {
  const last = listed.length > pageSize ? listed[pageSize - 1] : undefined;
  const owner = ask.isMine ? 'me' : undefined;
  const quiet = ask.isQuiet ? 'yes' : undefined;
  const addressAt = (after: string | undefined) =>
    addressOf(path, { owner, quiet, need: ask.category, after });
  return {
    here: addressAt(ask.after && writePlace(ask.after)),
    next: last && addressAt(writePlace(last)),
  };
}

/** Leaves out people whose chart is restricted to others. */
async function visible(
  tx: Tx,
  principal: Principal,
  rows: readonly PeopleRow[],
): Promise<PeopleRow[]> {
  const hidden = new Set(await restrictedCharts.hiddenPatients(tx, principal));
  return rows.filter(({ human }) => !hidden.has(human));
}

function askOf({ need, after, owner, quiet }: Query, isByTime: boolean) {
  const category = shownCategories.find((name) => name === need);
  const place = typeof after === 'string' ? readPlace(after, isByTime) : undefined;
  return { category, after: place, isMine: owner === 'me', isQuiet: quiet === 'yes' };
}

const chosenIn = ({ person }: Query): string | undefined =>
  typeof person === 'string' && uuid.test(person) ? person : undefined;

const writePlace = ({ rank, at, human }: PeopleCursor): string =>
  Buffer.from([rank, at, human].join('\n')).toString('base64url');

/** Reads the place after which a page begins. Whatever is no such place is the list's beginning. */
function readPlace(text: string, isByTime: boolean): PeopleCursor | undefined {
  const [rank, at = '', human = ''] = Buffer.from(text, 'base64url').toString().split('\n');
  const isInTime = isByTime
    ? isPlaceInTime(at, human)
    : /^\d{4}(-\d\d){0,2}( [\d-]{4,10})?$/.test(at);
  const isPlace = (rank === '0' || rank === '1') && isInTime && uuid.test(human);
  return isPlace ? { rank: Number(rank), at, human } : undefined;
}
