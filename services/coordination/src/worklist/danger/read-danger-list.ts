import { addressOf, type Principal } from '@loopwell/http';
import type { Appointment } from '@loopwell/sdoh';
import { peopleLists, restrictedCharts, safety, type Tx, work } from '@loopwell/store';
import { uuid } from '../../decide/form-data.ts';
import { readOnDutyList } from '../../on-duty/on-duty-list.ts';
import { isPlaceInTime } from '../../read/cursor.ts';
import { type ListRow, makeRows } from '../../read/list-rows.ts';
import { readPersonFacts } from '../../read/person-facts.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { readNextAppointments } from '../../safety/read-safety.ts';
import { showPeople } from '../../shown-people.ts';

/** The lists of people whom somebody sees or calls. */
export const dangerLists = ['see-first', 'call-today', 'appointments'] as const;
export type DangerList = (typeof dangerLists)[number];

type Query = Readonly<Record<string, unknown>>;
type Reading = { deps: ReviewDeps; principal: Principal };

/** How many people a page of a list has, and of how many appointments are read at once. */
const pageSize = 50;
const readAtOnce = 1_000;

/** A page of one of these lists. Rows to see first have nothing that anybody answered. */
export type DangerListView = {
  list: DangerList;
  rows: readonly ListRow[];
  appointments: ReadonlyMap<string, Appointment | undefined>;
  /** The address of this page of the list, and of the next one. */
  here: string;
  next: string | undefined;
  /** The person who is shown beside the list. */
  chosen: string | undefined;
  today: string;
  /** People of the whole list whom the reader may not open, and whom to call about them. */
  notShown: { count: number; leads: readonly string[]; phone: string | undefined };
};

/** The place of a person on a list. */
type Place = { at: string; human: string };

/** Somebody on a list, and since which day. */
type Listed = Place & { since: string };

/** Reads a page of a list, and records that its people are shown. */
export async function readDangerList(
  tx: Tx,
  list: DangerList,
  { deps, principal }: Reading,
  asked: Query,
): Promise<DangerListView> {
  const today = todayOf(deps);
  const path = `/${list}`;
  await peopleLists.readForPage(tx);
  const after = readPlace(asked.after, list);
  const listed = await listedPeople(tx, list, deps, after);
  const page = listed.slice(0, pageSize);
  const humans = page.map(({ human }) => human);
  const visible = await showPeople(tx, { principal, page: path }, humans);
  const shown = page.filter(({ human }) => visible.has(human));
  const last = listed.length > pageSize ? page.at(-1) : undefined;
  const chosen = typeof asked.person === 'string' && uuid.test(asked.person);
  return {
    list,
    rows: await rowsOf(tx, list, shown, today),
    appointments: await readNextAppointments(tx, humans, deps),
    here: addressOf(path, { after: after && writePlace(after) }),
    next: last && addressOf(path, { after: writePlace(last) }),
    chosen: chosen ? String(asked.person) : undefined,
    today,
    notShown: await readNotShown(tx, list, principal, today),
  };
}

const countsOf = {
  'see-first': 'seeFirst',
  'call-today': 'callToday',
  appointments: 'toMeet',
} as const satisfies Record<DangerList, keyof safety.DangerCounts>;

/** Counts who is on the list with a chart that the reader may not open. */
async function readNotShown(
  tx: Tx,
  list: DangerList,
  principal: Principal,
  today: string,
): Promise<DangerListView['notShown']> {
  const hidden = await restrictedCharts.hiddenPatients(tx, principal);
  if (hidden.length === 0) return { count: 0, leads: [], phone: undefined };
  const kind = countsOf[list];
  const all = await safety.countDanger(tx, today);
  const shown = await safety.countDanger(tx, today, hidden);
  const { phone } = await readOnDutyList(tx);
  return { count: all[kind] - shown[kind], leads: await work.careTeam(tx, ['lead']), phone };
}

function listedPeople(
  tx: Tx,
  list: DangerList,
  deps: ReviewDeps,
  after: Place | undefined,
): Promise<Listed[]> {
  const today = todayOf(deps);
  if (list === 'appointments') return byAppointment(tx, deps, after);
  const ask = { limit: pageSize + 1, after };
  return list === 'see-first' ? seeFirst(tx, today, ask) : callToday(tx, today, ask);
}

type Ask = { limit: number; after: Place | undefined };

async function seeFirst(tx: Tx, today: string, ask: Ask): Promise<Listed[]> {
  const people = await safety.seeFirstPeople(tx, today, ask);
  return people.map(({ human, since, at }) => ({ human, at, since: since.toISOString() }));
}

async function callToday(tx: Tx, today: string, ask: Ask): Promise<Listed[]> {
  const people = await safety.callTodayPeople(tx, today, ask);
  return people.map(({ human, day }) => ({ human, at: day, since: today }));
}

/** Whoever has no appointment comes after the others. */
const noAppointment = '9999';

/**
 * Lists the people to see first and to call by their next appointment, soonest first. All of them are
 * looked at, some at a time, and only those of this page are kept. DECISIONS D188.
 */
async function byAppointment(
  tx: Tx,
  deps: ReviewDeps,
  after: Place | undefined,
): Promise<Listed[]> {
  const keyOf = ({ at, human }: Place) => `${at} ${human}`;
  let kept: Listed[] = [];
  let read: string | undefined;
  while (true) {
    const people = await safety.peopleToMeet(tx, todayOf(deps), { limit: readAtOnce, after: read });
    const humans = people.map(({ human }) => human);
    const appointments = await readNextAppointments(tx, humans, deps);
    const timeOf = (human: string) => appointments.get(human)?.at.toISOString() ?? noAppointment;
    const placed = people.map(({ human, since }) => ({ human, since, at: timeOf(human) }));
    const rest = after ? placed.filter((place) => keyOf(place) > keyOf(after)) : placed;
    const sorted = [...kept, ...rest].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    kept = sorted.slice(0, pageSize + 1);
    read = people.at(-1)?.human;
    if (people.length < readAtOnce) return kept;
  }
}

/** Makes the rows. Only people to call have their needs, since those have a date and no danger. */
async function rowsOf(
  tx: Tx,
  list: DangerList,
  listed: readonly Listed[],
  today: string,
): Promise<ListRow[]> {
  const humans = listed.map(({ human }) => human);
  const needs = list === 'call-today' ? await peopleLists.datedNeeds(tx, today, humans) : [];
  const rows = await makeRows(tx, {
    rows: listed.map(({ human }) => ({ human, rank: 0 })),
    needs,
    facts: await readPersonFacts(tx, humans, today),
    marked: new Set(humans),
    looksAtAnswers: false,
    today,
  });
  const sinceOf = new Map(listed.map(({ human, since }) => [human, since.slice(0, 10)]));
  if (list === 'call-today') return rows;
  return rows.map((row) => ({ ...row, since: sinceOf.get(row.person.human) ?? today }));
}

const writePlace = ({ at, human }: Place): string =>
  Buffer.from([at, human].join('\n')).toString('base64url');

/** Reads the place after which a page begins. Whatever is no such place is the list's beginning. */
function readPlace(text: unknown, list: DangerList): Place | undefined {
  if (typeof text !== 'string') return undefined;
  const [at = '', human = ''] = Buffer.from(text, 'base64url').toString().split('\n');
  if (!uuid.test(human)) return undefined;
  const isPlace = {
    'see-first': isPlaceInTime(at, human),
    'call-today': /^\d{4}-\d\d-\d\d$/.test(at),
    appointments: /^\d{4}[\dT:.-]*Z?$/.test(at),
  }[list];
  return isPlace ? { at, human } : undefined;
}
