import { contracts } from '@loopwell/openapi';
import { defineService, findSite } from '@loopwell/service';
import { z } from 'zod';
import { addQualityRoutes } from './data-quality/quality.route.ts';
import { addPreviewRoutes } from './preview/preview.route.ts';
import { addRecodeRoutes } from './recode/recode.route.ts';
import { wire } from './service.ts';

export type EnrichmentModuleSettings = { batch: number; concurrency: number };

/** Environment variables of enrichment. */
const fields = {
  ENRICHMENT_BATCH: z.coerce.number().int().min(1).max(1_000).default(200),
  ENRICHMENT_CONCURRENCY: z.coerce.number().int().min(1).max(16).default(2),
};

/** Codes screenings, and serves the preview of coding, recoding and the quality of data. */
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
  wire({ db, nudge, clock, log }, { batch, concurrency }) {
    const reader = { tx: db.tx, place: clock };
    return {
      works: wire({ batch, concurrency, place: clock }, { db, nudge, log }).works,
      routes: (app) => {
        addPreviewRoutes(app, (tenant, id) => findSite(db, tenant, id, clock.timeZone));
        addQualityRoutes(app, reader);
        addRecodeRoutes(app, { db: reader, nudge });
      },
    };
  },
});
