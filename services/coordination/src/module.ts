import { contracts } from '@loopwell/openapi';
import { defineService, type Site } from '@loopwell/service';
import { addReviewRoutes } from './review.route.ts';
import type { ReviewDeps } from './reviewer.ts';

/** Serves the care team: their lists, the page of a person, and their decisions. DECISIONS D150. */
export const coordination = defineService({
  name: 'coordination',
  port: 8085,
  fields: {},
  settingsOf: () => ({}),
  contract: contracts.coordination,
  pages: ['sign-in'],
  wire({ db, nudge, clock, site }) {
    const deps = reviewDeps({ tx: db.tx, nudge, clock }, site);
    return { routes: (app) => addReviewRoutes(app, deps) };
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
