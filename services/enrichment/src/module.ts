import { contracts } from '@loopwell/openapi';
import { defineService, judgingFields } from '@loopwell/service';
import { z } from 'zod';
import { findSite } from './code/site.ts';
import { addQualityRoutes } from './data-quality/quality.route.ts';
import { addPreviewRoutes } from './preview/preview.route.ts';
import { addRecodeRoutes } from './recode/recode.route.ts';
import { addReviewRoutes } from './review/review.route.ts';
import type { ReviewDeps } from './review/reviewer.ts';
import { wire } from './service.ts';

export type EnrichmentModuleSettings = Pick<
  ReviewDeps,
  'longestConsentDays' | 'consentPolicy' | 'minorAge' | 'contactFromChart'
> & {
  batch: number;
  concurrency: number;
};

/** Environment variables of enrichment. */
const fields = {
  ...judgingFields,
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
    longestConsentDays: environment.LONGEST_CONSENT_DAYS,
    consentPolicy: environment.CONSENT_POLICY,
    minorAge: environment.MINOR_AGE,
    contactFromChart: environment.CONTACT_FROM_CHART,
  }),
  contract: contracts.enrichment,
  pages: ['sign-in'],
  wire({ db, nudge, clock, log, timeZone }, { batch, concurrency, ...judging }) {
    const reader = { tx: db.tx, timeZone };
    return {
      works: wire({ batch, concurrency, timeZone }, { db, nudge, log }).works,
      routes: (app) => {
        addPreviewRoutes(app, (tenant, id) => findSite(db, tenant, id, timeZone));
        addQualityRoutes(app, reader);
        addRecodeRoutes(app, { db: reader, nudge });
        addReviewRoutes(app, { ...judging, tx: db.tx, nudge, clock });
      },
    };
  },
});
