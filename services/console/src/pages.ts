import { type App, hasRole, type Principal, type Views } from '@loopwell/http';
import { type Clock, todayAt } from '@loopwell/kit';
import { stageNames, stages } from '@loopwell/pipeline';
import { connections, holds, operations, reviews, status, type Tx } from '@loopwell/store';
import { goesOnRelease, readHolds } from './holds/holds.ts';
import { loopOf } from './status/loop.ts';
import { factsOf, readOverview } from './status/overview.ts';
import { afterOf, cursorOf } from './work/cursor.ts';
import { reasons } from './work/work.ts';

const person = { kind: 'person', role: 'operator' } as const;

/** Who opens each gate, in the words of the page. */
const opens: Readonly<Record<string, string>> = {
  review: 'a reviewer',
  agreement: 'a reviewer, by asking the person',
  consent: 'a reviewer, by a consent',
  noServiceCode: 'a reviewer, by choosing a service',
  withoutHelp: 'a reviewer, by closing it; or a new partner',
  noPartner: 'whoever keeps the directory',
  hold: 'an operator, by releasing',
  send: 'whoever runs this, with --send or SEND',
  partner: 'the partner',
};

const pageSize = 100;

type Read = <T>(read: (tx: Tx) => Promise<T>) => Promise<T>;

export type PageDeps = {
  clock: Clock;
  snapshot: Read;
  views: Views;
  picture: (data: object) => string;
};

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** What operators look at. */
export function addPages(app: App, deps: PageDeps): void {
  const { snapshot, views, picture } = deps;
  addQuarantine(app, deps);
  const show = (principal: Principal, current: string) => ({ principal, current });
  app.route('get', '/console', person, async (request, response, principal) => {
    const { tenant } = principal;
    const [overview, referrals, attention] = await snapshot(
      async (tx) =>
        [
          await readOverview(tx, tenant, todayAt(deps.clock)),
          await status.countReferrals(tx, tenant),
          await reviews.countAttention(tx, tenant),
        ] as const,
    );
    const every = request.query.every === '10' ? { refreshSeconds: 10 } : {};
    const helpless = overview.gates.find((one) => one.gate === 'withoutHelp');
    const failures = overview.stages.reduce((sum, one) => sum + one.failed, 0);
    const loop = picture({ loop: loopOf(overview.stages, overview.gates, referrals) });
    const refreshing = 'refreshSeconds' in every;
    const mayReview = hasRole(principal.roles, 'reviewer');
    const data = {
      ...overview,
      mayReview,
      says: stages,
      opens,
      refreshing,
      failures,
      helpless,
      attention,
      picture: loop,
    };
    views(response, {
      template: 'overview',
      title: 'Operations',
      data,
      ...show(principal, '/console'),
      ...every,
    });
  });
  app.route('get', '/console/work', person, async (request, response, principal) => {
    const code = textOf(request.query.code);
    const page = { code, after: afterOf(request.query.after, stageNames), limit: pageSize };
    const [found, counts] = await snapshot(
      async (tx) =>
        [
          await status.pageOfParked(tx, principal.tenant, page),
          await status.countParked(tx, principal.tenant),
        ] as const,
    );
    const rows = found.slice(0, pageSize);
    const last = found.length > pageSize ? rows.at(-1) : undefined;
    const codes = counts.map((one) => ({ name: one.code, count: one.count }));
    const data = {
      rows,
      codes,
      code,
      reasons,
      factsOf,
      next: last && cursorOf(last),
      limit: pageSize,
      done: toldOf(request.query.done, request.query.n),
    };
    views(response, {
      template: 'work',
      title: 'Failed work',
      data,
      ...show(principal, '/console/work'),
    });
  });
  app.route('get', '/console/holds', person, async (_request, response, principal) => {
    const { tenant } = principal;
    const [view, ehrs, partners, decisions] = await snapshot(
      async (tx) =>
        [
          await readHolds(tx, tenant),
          await connections.listConnections(tx, tenant),
          await operations.readPartners(tx, tenant),
          await holds.recentDecisions(tx, tenant),
        ] as const,
    );
    const data = {
      ...view,
      goes: (scope: string) => goesOnRelease(view, scope),
      partners,
      connections: ehrs.map((one) => one.id),
      decisions,
    };
    views(response, {
      template: 'holds',
      title: 'Holds',
      data,
      ...show(principal, '/console/holds'),
    });
  });
}

function addQuarantine(app: App, { snapshot, views }: PageDeps): void {
  app.route('get', '/console/quarantine', person, async (request, response, principal) => {
    const code = textOf(request.query.code);
    const after = afterOf(request.query.after, ['']);
    const page = {
      code,
      after: after && { since: after.since, id: after.subject },
      limit: pageSize,
    };
    const [found, counts] = await snapshot(
      async (tx) =>
        [
          await status.pageOfQuarantine(tx, principal.tenant, page),
          await operations.readQuarantine(tx, principal.tenant),
        ] as const,
    );
    const rows = found.slice(0, pageSize);
    const last = found.length > pageSize ? rows.at(-1) : undefined;
    const codes = [...Map.groupBy(counts, (one) => one.code)].map(([name, some]) => ({
      name,
      count: some.reduce((sum, one) => sum + one.count, 0),
    }));
    const data = {
      rows,
      codes,
      code,
      factsOf,
      next: last && cursorOf({ since: last.since, stage: '', subject: last.id }),
      limit: pageSize,
    };
    views(response, {
      template: 'quarantine',
      title: 'Quarantine',
      data,
      principal,
      current: '/console/quarantine',
    });
  });
}

function toldOf(done: unknown, n: unknown): string {
  const words = done === 'retry' ? 'Due again' : done === 'discard' ? 'Discarded' : undefined;
  return words ? `${words}: ${Number(n) || 0}.` : '';
}
