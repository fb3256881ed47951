import { type App, createPages } from '@loopwell/http';
import { systemClock } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/enrichment.ts';
import type { Reader } from '../code/all-records.ts';
import { keptReports } from './kept-reports.ts';
import { readQuality } from './quality.ts';
import { qualityPage } from './quality-page.ts';
import { viewOf } from './quality-view.ts';
import { english } from './texts/en.ts';

const role = 'operator';
/**
 * The most people of a page or an API answer, which has to come soon. `loopwell quality` looks at
 * all.
 */
const most = 2_000;

type Quality = components['schemas']['EhrQuality'];

/** Adds the data-quality report: a page for operators, and the same as an API. */
export function addQualityRoutes(app: App, db: Reader): void {
  const pages = createPages(app, { en: english });
  const read = keptReports((tenant) => readQuality(db, tenant, { most }), systemClock);
  app.route('get', '/quality', { kind: 'person', role }, async (_request, response, principal) => {
    const { at, report } = await read(principal.tenant);
    const view = { at, most, ehrs: report.map(viewOf) };
    pages.show(response, (texts) => ({
      title: texts.title,
      body: qualityPage(view, texts),
      principal,
      current: '/quality',
    }));
  });
  app.route(
    'get',
    '/api/v1/quality',
    { kind: 'person-or-service', role },
    async (_request, response, principal) => {
      const { at, report } = await read(principal.tenant);
      response.json({ most, at: at.toISOString(), items: report satisfies Quality[] });
    },
  );
}
