import { type App, hasRole, type Pages, type Principal } from '@loopwell/http';
import { type Clock, todayAt } from '@loopwell/kit';
import { stageNames } from '@loopwell/pipeline';
import {
  connections,
  holds,
  operations,
  readHelpByPartner,
  readHelpTotals,
  reviews,
  status,
  type Tx,
} from '@loopwell/store';
import { readHolds } from './holds/holds.ts';
import { type HoldsPageView, holdsPage } from './holds/holds-page.ts';
import { pictureOf } from './status/loop.ts';
import type { OutcomesView } from './status/outcomes.ts';
import { type Overview, type OverviewView, readOverview } from './status/overview.ts';
import { overviewPage } from './status/overview-page.ts';
import type { ConsoleTexts } from './texts/en.ts';
import { afterOf, cursorOf } from './work/cursor.ts';
import { type QuarantineView, quarantinePage } from './work/quarantine-page.ts';
import { type WorkView, workPage } from './work/work-page.ts';

const person = { kind: 'person', role: 'operator' } as const;

/** The number of rows on one page of a list. */
const pageSize = 100;

type Query = Readonly<Record<string, unknown>>;

/** The sources of the pages, and the functions that show them. */
export type PageDeps = {
  clock: Clock;
  snapshot: <T>(read: (tx: Tx) => Promise<T>) => Promise<T>;
  pages: Pages<ConsoleTexts>;
};

/** Adds the pages that operators read. */
export function addPages(app: App, deps: PageDeps): void {
  const { snapshot, pages } = deps;
  app.route('get', '/console', person, async (request, response, principal) => {
    const isRefreshing = request.query.every === '10';
    const today = todayAt(deps.clock);
    const read = await snapshot((tx) => readOverviewPage(tx, principal, today));
    const view = { ...read, isRefreshing };
    pages.show(response, (texts) => ({
      title: texts.overview.title,
      body: overviewPage(view, texts),
      principal,
      current: '/console',
      refreshSeconds: isRefreshing ? 10 : undefined,
    }));
  });
  app.route('get', '/console/work', person, async (request, response, principal) => {
    const view = await snapshot((tx) => readWork(tx, principal, request.query));
    pages.show(response, (texts) => ({
      title: texts.work.title,
      body: workPage(view, texts),
      principal,
      current: '/console/work',
    }));
  });
  app.route('get', '/console/quarantine', person, async (request, response, principal) => {
    const view = await snapshot((tx) => readQuarantine(tx, principal, request.query));
    pages.show(response, (texts) => ({
      title: texts.quarantine.title,
      body: quarantinePage(view, texts),
      principal,
      current: '/console/quarantine',
    }));
  });
  app.route('get', '/console/holds', person, async (_request, response, principal) => {
    const view = await snapshot((tx) => readHoldsPage(tx, principal));
    pages.show(response, (texts) => ({
      title: texts.holds.title,
      body: holdsPage(view, texts),
      principal,
      current: '/console/holds',
    }));
  });
}

async function readOverviewPage(
  tx: Tx,
  { tenant, roles }: Principal,
  today: string,
): Promise<Omit<OverviewView, 'isRefreshing'>> {
  const overview = await readOverview(tx, tenant, today);
  const referrals = await status.countReferrals(tx, tenant);
  return {
    ...overview,
    outcomes: await readOutcomes(tx, overview),
    picture: pictureOf(overview.stages, overview.gates, referrals),
    failures: overview.stages.reduce((sum, { failed }) => sum + failed, 0),
    withoutHelp: overview.gates.find(({ gate }) => gate === 'withoutHelp'),
    attention: await reviews.countAttention(tx, tenant),
    mayReview: hasRole(roles, 'reviewer'),
  };
}

/** Gates at which nobody could help. */
const withoutHelpGates: readonly string[] = ['withoutHelp', 'noPartner'];

async function readOutcomes(tx: Tx, { partners, gates }: Overview): Promise<OutcomesView> {
  const stuck = gates.filter(({ gate }) => withoutHelpGates.includes(gate));
  return {
    help: await readHelpTotals(tx),
    byPartner: await readHelpByPartner(tx),
    partners,
    atPartners: partners.reduce((sum, { live }) => sum + live, 0),
    withoutHelp: stuck.reduce((sum, { count }) => sum + count, 0),
  };
}

/** Returns a parameter of the address; undefined when it is empty or comes twice. */
const textOf = (parameter: unknown): string | undefined =>
  typeof parameter === 'string' && parameter !== '' ? parameter : undefined;

async function readWork(tx: Tx, { tenant }: Principal, query: Query): Promise<WorkView> {
  const code = textOf(query.code);
  const after = afterOf(query.after, stageNames);
  const parked = await status.pageOfParked(tx, tenant, { code, after, limit: pageSize });
  const counts = await status.countParked(tx, tenant);
  const rows = parked.slice(0, pageSize);
  const last = parked.length > pageSize ? rows.at(-1) : undefined;
  return {
    rows,
    reasons: counts.map(({ code: name, count }) => ({ name, count })),
    code,
    next: last && cursorOf(last),
    pageSize,
    done: doneOf(query),
  };
}

/** Returns the action that the address says was just done. Only known actions are shown. */
function doneOf({ done, n }: Query): WorkView['done'] {
  if (done !== 'retry' && done !== 'discard') return undefined;
  return { action: done, rows: Number(n) || 0 };
}

async function readQuarantine(
  tx: Tx,
  { tenant }: Principal,
  query: Query,
): Promise<QuarantineView> {
  const code = textOf(query.code);
  const cursor = afterOf(query.after, ['']);
  const after = cursor && { since: cursor.since, id: cursor.subject };
  const quarantined = await status.pageOfQuarantine(tx, tenant, { code, after, limit: pageSize });
  const counts = await operations.readQuarantine(tx, tenant);
  const byReason = Map.groupBy(counts, (type) => type.code);
  const rows = quarantined.slice(0, pageSize);
  const last = quarantined.length > pageSize ? rows.at(-1) : undefined;
  return {
    rows,
    reasons: [...byReason].map(([name, types]) => ({
      name,
      count: types.reduce((sum, type) => sum + type.count, 0),
    })),
    code,
    next: last && cursorOf({ since: last.since, stage: '', subject: last.id }),
    pageSize,
  };
}

async function readHoldsPage(tx: Tx, { tenant }: Principal): Promise<HoldsPageView> {
  const ehrs = await connections.listConnections(tx, tenant);
  return {
    ...(await readHolds(tx, tenant)),
    partners: await operations.readPartners(tx, tenant),
    connections: ehrs.map(({ id }) => id),
    decisions: await holds.recentDecisions(tx, tenant),
  };
}
