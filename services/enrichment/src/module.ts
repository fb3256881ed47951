import { contracts } from '@loopwell/openapi';
import { defineService, type Site } from '@loopwell/service';
import { z } from 'zod';
import { findSite } from './code/site.ts';
import { addQualityRoutes } from './data-quality/quality.route.ts';
import { addPreviewRoutes } from './preview/preview.route.ts';
import { addRecodeRoutes } from './recode/recode.route.ts';
import { addReviewRoutes } from './review/review.route.ts';
import type { ReviewDeps } from './review/reviewer.ts';
import { wire } from './service.ts';

export type EnrichmentModuleSettings = { batch: number; concurrency: number };

/** Environment variables of enrichment. */
const fields = {
  ENRICHMENT_BATCH: z.coerce.number().int().min(1).max(1_000).default(200),
  ENRICHMENT_CONCURRENCY: z.coerce.number().int().min(1).max(16).default(2),
};

/** Codes screenings, and serves the review page and its API. */
export const enrichment = defineService({
  name: 'enrichment',
  port: 8082,
  fields,
  settingsOf: (environment): EnrichmentModuleSettings => ({
    batch: environment.ENRICHMENT_BATCH,
    concurrency: environment.ENRICHMENT_CONCURRENCY,
  }),
  contract: contracts.enrichment,
  pages: ['sign-in'],
  wire({ db, nudge, clock, log, site }, { batch, concurrency }) {
    const reader = { tx: db.tx, place: clock };
    return {
      works: wire({ batch, concurrency, place: clock }, { db, nudge, log }).works,
      routes: (app) => {
        addPreviewRoutes(app, (tenant, id) => findSite(db, tenant, id, clock.timeZone));
        addQualityRoutes(app, reader);
        addRecodeRoutes(app, { db: reader, nudge });
        addReviewRoutes(app, reviewDeps({ tx: db.tx, nudge, clock }, site));
      },
    };
  },
});

/** Joins what reviewing needs with the settings of the site, which are read at each use. */
const reviewDeps = (
  resources: Pick<ReviewDeps, 'tx' | 'nudge' | 'clock'>,
  site: Site,
): ReviewDeps => ({
  ...resources,
  get longestConsentDays() {
    return site.settings().longestConsentDays;
  },
  get consentPolicy() {
    return site.settings().consentPolicy;
  },
  get minorAge() {
    return site.settings().minorAge;
  },
  get contactFromChart() {
    return site.settings().contactFromChart;
  },
});
