import {
  type App,
  addressOf,
  hasRole,
  type Page,
  type Pages,
  type Principal,
  RequestProblems,
  type Response,
} from '@loopwell/http';
import { disclosureColumns, disclosureCsv } from '@loopwell/sdoh';
import { disclosures, logViews, signIns, type Tx } from '@loopwell/store';
import { type PersonNames, personNames } from '../person-names.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { showPeople } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { type AccountView, disclosuresPage, signInsPage, viewsPage } from './account-page.ts';
import {
  type AccountQuery,
  cursorOf,
  principalOf,
  readAsk,
  readDisclosures,
  readSignIns,
  readViews,
  textsIn,
} from './read-account.ts';

const auditor = { kind: 'person', role: 'auditor' } as const;
const admin = { kind: 'person', role: 'admin' } as const;

/** Adds the pages of the accounts, for auditors. DECISIONS D168. */
export function addAccountPages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', '/disclosures', auditor, async (request, response, principal) => {
    const { query } = request;
    const view = await orProblems(query, () =>
      deps.tx(async (tx) => {
        const { items, next } = await readDisclosures(tx, query, deps);
        const people = items.map(({ patient }) => patient);
        const shown = await namesFor(tx, { principal, page: '/disclosures' }, people, deps);
        return {
          rows: items,
          ...shown,
          next: nextOf('/disclosures', query, next && cursorOf(next)),
        };
      }),
    );
    show({ pages, response, principal }, view, (texts) => ({
      title: texts.accounts.disclosures.title,
      body: disclosuresPage(view, texts),
    }));
  });
  app.route('get', '/disclosures/views', auditor, async (request, response, principal) => {
    const { query } = request;
    const view = await orProblems(query, () =>
      deps.tx(async (tx) => {
        const { views, next } = await readViews(tx, query, deps);
        const people = views.map(({ patient }) => patient);
        const shown = await namesFor(tx, { principal, page: '/disclosures/views' }, people, deps);
        const more = nextOf('/disclosures/views', query, next?.toString());
        return { rows: views, ...shown, next: more };
      }),
    );
    show({ pages, response, principal }, view, (texts) => ({
      title: texts.accounts.views.title,
      body: viewsPage(view, texts),
    }));
  });
  addSignInsPage(app, deps, pages);
  addCsv(app, deps);
}

function addSignInsPage(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', '/disclosures/sign-ins', auditor, async (request, response, principal) => {
    const { query } = request;
    const view = await orProblems(query, () =>
      deps.tx(async (tx) => {
        const page = await readSignIns(tx, query, deps);
        const more = nextOf('/disclosures/sign-ins', query, page.next?.toString());
        return { rows: page.signIns, ...nobody, next: more };
      }),
    );
    const ended = /^\d{1,6}$/.test(String(query.ended)) ? Number(query.ended) : undefined;
    const mayEnd = hasRole(principal.roles, 'admin');
    show({ pages, response, principal }, view, (texts) => ({
      title: texts.accounts.signIns.title,
      body: signInsPage({ ...view, ended, mayEnd }, texts),
    }));
  });
  app.route('post', '/disclosures/sign-ins', admin, async (request, response, principal) => {
    const { name } = (request.body ?? {}) as { name?: unknown };
    if (typeof name !== 'string' || !/^(person:)?[A-Za-z0-9.@_-]{1,64}$/.test(name))
      throw new RequestProblems('Nobody has this name', [{ path: '/body/name', rule: 'pattern' }]);
    const ends = { principal: principalOf(name), by: principal.id };
    const ended = await deps.tx((tx) => signIns.endSignIns(tx, ends));
    response.redirect(303, `/disclosures/sign-ins?ended=${ended}`);
  });
}

/** How many entries are read at once for a file. */
const filePage = 500;

/** Adds the account as a file, which has ids and no names. */
function addCsv(app: App, deps: ReviewDeps): void {
  app.route('get', '/disclosures/csv', auditor, async (request, response, principal) => {
    const { cursor: _cursor, limit: _limit, ...query } = request.query;
    const ask = await deps.tx((tx) => readAsk(tx, query, deps));
    response.type('text/csv; charset=utf-8');
    response.set('content-disposition', 'attachment; filename="disclosures.csv"');
    response.write(`${disclosureColumns.join(',')}\r\n`);
    let after: Parameters<typeof disclosures.listDisclosures>[1]['after'];
    do {
      const search = { ...ask, after, limit: filePage };
      const { items, next } = await deps.tx(async (tx) => {
        const page = await disclosures.listDisclosures(tx, search);
        const people = page.items.map(({ patient }) => patient);
        await logViews(tx, { principal, page: '/disclosures/csv', people, what: 'export' });
        return page;
      });
      response.write(items.map(disclosureCsv).join(''));
      after = next;
    } while (after);
    response.end();
  });
}

const nobody = { names: new Map() as PersonNames, visible: new Set<string>() };

/** Reads the names of people on a page, and records that they are shown. */
async function namesFor(
  tx: Tx,
  showing: { principal: Principal; page: string },
  people: readonly string[],
  deps: ReviewDeps,
): Promise<{ names: PersonNames; visible: ReadonlySet<string> }> {
  const visible = await showPeople(tx, showing, people);
  return { visible, names: await personNames(tx, [...visible], todayOf(deps)) };
}

type Read<Row> = Pick<AccountView<Row>, 'rows' | 'names' | 'visible' | 'next'>;

/** Reads an account; a field that cannot be read is marked, and nothing is listed. */
async function orProblems<Row>(
  query: AccountQuery,
  read: () => Promise<Read<Row>>,
): Promise<AccountView<Row>> {
  const typed = textsIn(query);
  try {
    return { ...(await read()), typed, errors: new Map() };
  } catch (error) {
    if (!(error instanceof RequestProblems)) throw error;
    const rules = error.problems.map(
      ({ path, rule }) => [path.replace('/query/', ''), rule] as const,
    );
    return { rows: [], ...nobody, next: undefined, typed, errors: new Map(rules) };
  }
}

/** Gives the address of the next page, asked alike. */
function nextOf(path: string, query: AccountQuery, cursor: string | undefined): string | undefined {
  return cursor && addressOf(path, { ...textsIn(query), cursor });
}

type Shown = { pages: Pages<ReviewTexts>; response: Response; principal: Principal };

function show(
  { pages, response, principal }: Shown,
  { errors }: Pick<AccountView<unknown>, 'errors'>,
  page: (texts: ReviewTexts) => Pick<Page, 'title' | 'body'>,
): void {
  pages.show(response, (texts) => ({
    ...page(texts),
    principal,
    current: '/disclosures',
    status: errors.size > 0 ? 400 : 200,
  }));
}
