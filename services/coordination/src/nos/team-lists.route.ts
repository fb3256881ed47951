import {
  type App,
  column,
  type Html,
  headerColumn,
  html,
  type Pages,
  type Principal,
  table,
} from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { contact, people, type TryRow, type Tx, type UnresolvedKeepOut } from '@loopwell/store';
import { type PersonNames, personNames } from '../person-names.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { showPeople } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';

type Answers = components['schemas'];

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const person = { kind: 'person', role: 'reviewer' } as const;
const incidentsPath = '/contact-incidents';
const keepOutsPath = '/keep-outs';
const api = '/api/v1';

/** The most rows that a list shows. */
const most = 200;

/**
 * Adds two lists of the care team: incidents, in which somebody else was told why we called, and
 * keep-outs that nobody has resolved, for which nothing goes out. Neither has the person's words.
 */
export function addTeamLists(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', `${api}${incidentsPath}`, either, async (_request, response, principal) => {
    const page = `${api}${incidentsPath}`;
    const rows = await deps.tx((tx) => visibleRows(tx, principal, page, incidentsOf));
    response.json({ incidents: rows.map(shownIncident) } satisfies Answers['ContactIncidents']);
  });
  app.route('get', `${api}${keepOutsPath}`, either, async (_request, response, principal) => {
    const page = `${api}${keepOutsPath}`;
    const rows = await deps.tx((tx) => visibleRows(tx, principal, page, keepOutsOf));
    response.json({ keepOuts: rows.map(shownKeepOut) } satisfies Answers['UnresolvedKeepOuts']);
  });
  app.route('get', incidentsPath, person, async (_request, response, principal) => {
    const view = await deps.tx((tx) => read(tx, deps, principal, incidentsPath, incidentsOf));
    pages.show(response, (texts) => ({
      title: texts.contact.incidents.title,
      body: incidentsPage(view, texts),
      ...{ principal, current: '/review' },
    }));
  });
  app.route('get', keepOutsPath, person, async (_request, response, principal) => {
    const view = await deps.tx((tx) => read(tx, deps, principal, keepOutsPath, keepOutsOf));
    pages.show(response, (texts) => ({
      title: texts.contact.keepOuts.title,
      body: keepOutsPage(view, texts),
      ...{ principal, current: '/review' },
    }));
  });
}

const incidentsOf = (tx: Tx) => contact.listIncidents(tx, most);
const keepOutsOf = (tx: Tx) => people.unresolvedKeepOuts(tx, most);

/** Reads the rows of people who may be shown, and records that they are. */
async function visibleRows<Row extends { person: string }>(
  tx: Tx,
  principal: Principal,
  page: string,
  list: (tx: Tx) => Promise<Row[]>,
): Promise<Row[]> {
  const rows = await list(tx);
  const patients = rows.map((row) => row.person);
  const visible = await showPeople(tx, { principal, page }, patients);
  return rows.filter((row) => visible.has(row.person));
}

type View<Row> = { rows: readonly Row[]; names: PersonNames };

async function read<Row extends { person: string }>(
  tx: Tx,
  deps: ReviewDeps,
  principal: Principal,
  page: string,
  list: (tx: Tx) => Promise<Row[]>,
): Promise<View<Row>> {
  const rows = await visibleRows(tx, principal, page, list);
  const patients = rows.map((row) => row.person);
  return { rows, names: await personNames(tx, [...new Set(patients)], todayOf(deps)) };
}

/** Renders the name of a person as a link to their page. */
function nameLink(row: { person: string }, { names }: View<unknown>, texts: ReviewTexts): Html {
  const name = names.get(row.person)?.name ?? texts.person.noName;
  return html`<a href="/people/${row.person}">${name}</a>`;
}

function incidentsPage(view: View<TryRow>, texts: ReviewTexts): Html {
  const { incidents: words, dayWords, channels, outcomes } = texts.contact;
  if (view.rows.length === 0) return html`<p>${words.intro}</p><p>${words.none}</p>`;
  const columns = [
    headerColumn(words.person, (row: TryRow) => nameLink(row, view, texts)),
    column(words.day, (row: TryRow) => dayWords(row.day)),
    column(words.how, (row: TryRow) => channels[row.channel]),
    column(words.what, ({ outcome, said_why: why }: TryRow) => {
      const end = outcomes[outcome ?? 'not-made'];
      return why === true ? `${end}. ${words.saidWhy}` : `${end}. ${words.notAllowed}`;
    }),
    column(words.by, (row: TryRow) => nameOfStaff(row.recorded_by)),
  ];
  return html`<p>${words.intro}</p>
${table(view.rows, columns, { text: words.caption, isHint: true })}`;
}

function keepOutsPage(view: View<UnresolvedKeepOut>, texts: ReviewTexts): Html {
  const { keepOuts: words } = texts.contact;
  if (view.rows.length === 0) return html`<p>${words.intro}</p><p>${words.none}</p>`;
  const columns = [
    headerColumn(words.person, (row: UnresolvedKeepOut) => nameLink(row, view, texts)),
    column(words.since, (row: UnresolvedKeepOut) => texts.formats.instant(row.recorded_at)),
    column(words.by, (row: UnresolvedKeepOut) => nameOfStaff(row.asked_by)),
    column(
      words.next,
      (row: UnresolvedKeepOut) => html`<a href="/people/${row.person}#reach">${words.resolve}</a>`,
    ),
  ];
  return html`<p>${words.intro}</p>
${table(view.rows, columns, { text: words.caption, isHint: true })}`;
}

const nameOfStaff = (principal: string | null): string => (principal ?? '').replace(/^person:/, '');

const shownIncident = (made: TryRow): Answers['ContactIncident'] => ({
  id: made.id,
  person: made.person,
  day: made.day,
  channel: made.channel,
  outcome: made.outcome ?? 'not-made',
  saidWhy: made.said_why,
  recordedBy: made.recorded_by,
});

const shownKeepOut = (row: UnresolvedKeepOut): Answers['UnresolvedKeepOut'] => ({
  id: row.id,
  person: row.person,
  askedBy: row.asked_by,
  askedAt: row.recorded_at.toISOString(),
});
