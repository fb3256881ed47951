import {
  type App,
  type Pages,
  type Principal,
  RequestProblems,
  type Response,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/console.ts';
import { type SiteFields, siteFieldNames } from '@loopwell/sdoh';
import type { Site } from '@loopwell/service';
import { type Database, readSnapshot } from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';
import {
  changeSite,
  readSiteVersions,
  readSiteView,
  type SiteChange,
  type SiteView,
} from './site.ts';
import { changeOfTexts, type SiteTexts, textsOfFields, textsOfForm } from './site-form.ts';
import { type SitePageView, sitePage } from './site-page.ts';

type SiteDeps = { db: Database; site: Site };

const person = { kind: 'person', role: 'admin' } as const;
const either = { kind: 'person-or-service', role: 'admin' } as const;

/** Adds the page of the site and its API, for administrators. DECISIONS D147. */
export function addSiteRoutes(app: App, deps: SiteDeps, pages: Pages<ConsoleTexts>): void {
  app.route('get', '/api/v1/site', either, async (_request, response) => {
    response.json(siteJson(await readSiteView(deps.db)));
  });
  app.route('put', '/api/v1/site', either, async (request, response, principal) => {
    response.json(siteJson(await changeSite(deps, principal, request.body as SiteChange)));
  });
  app.route('get', '/console/site', person, async (request, response, principal) => {
    const outcome = request.query.saved === '1' ? 'saved' : undefined;
    await showSite({ deps, pages, response, principal }, { outcome });
  });
  app.route('post', '/console/site', person, async (request, response, principal) => {
    const typed = textsOfForm(request.body as Record<string, unknown>);
    try {
      await changeSite(deps, principal, changeOfTexts(typed));
    } catch (error) {
      await showSite({ deps, pages, response, principal }, { typed, ...refusalOf(error) });
      return;
    }
    response.redirect(303, '/console/site?saved=1');
  });
}

function siteJson(view: SiteView): components['schemas']['Site'] {
  const { version, fields, identifierSystem, counts, changedAt, changedBy } = view;
  const stored = siteFieldNames.map((name) => [name, fields[name] ?? null]);
  return {
    ...(Object.fromEntries(stored) as Required<SiteFields>),
    ...{ version, identifierSystem, counts, changedBy },
    changedAt: changedAt?.toISOString() ?? null,
  };
}

/** What is shown again after a form that was refused. */
type Refusal = { outcome: 'stale' | 'wrong'; errors?: Map<string, string>; isFixed?: boolean };

/** Returns what a refusal shows beside the fields; an error that is none is thrown on. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof RequestProblems) {
    const byField = error.problems.map(
      ({ path, rule }) => [path.replace('/body/', ''), rule] as const,
    );
    return { outcome: 'wrong', errors: new Map(byField) };
  }
  if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
  const isFixed = error.facts.field === 'identifierSystem';
  return isFixed ? { outcome: 'wrong', isFixed } : { outcome: 'stale' };
}

type Shown = {
  deps: SiteDeps;
  pages: Pages<ConsoleTexts>;
  response: Response;
  principal: Principal;
};

const statusOf = { saved: 200, stale: 409, wrong: 400 } as const;

async function showSite(
  { deps, pages, response, principal }: Shown,
  {
    outcome,
    typed,
    errors = new Map(),
    isFixed = false,
  }: {
    outcome: SitePageView['outcome'];
    typed?: SiteTexts;
    errors?: Map<string, string>;
    isFixed?: boolean;
  },
): Promise<void> {
  const read = await readSnapshot(deps.db, async (tx) => ({
    site: await readSiteView(tx),
    versions: await readSiteVersions(tx),
  }));
  const stored = textsOfFields(read.site.fields, read.site);
  pages.show(response, (texts) => {
    if (isFixed) errors.set('identifierSystem', texts.site.fixed);
    return {
      title: texts.site.title,
      body: sitePage({ ...read, typed: typed ?? stored, errors, outcome }, texts),
      principal,
      current: '/console/site',
      status: outcome === undefined ? 200 : statusOf[outcome],
    };
  });
}
