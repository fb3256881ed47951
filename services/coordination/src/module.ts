import { contracts } from '@loopwell/openapi';
import { defineService, mailFields, mailOf, type Site } from '@loopwell/service';
import type { KeepTimes } from '@loopwell/store';
import { createRetentionJob } from './disclosures/retention/apply-retention.ts';
import { addMustByRoutes } from './must-by/must-by.route.ts';
import { addContactPages } from './nos/contact-pages.route.ts';
import { addNoRoutes } from './nos/nos.route.ts';
import { addOnDutyRoutes } from './on-duty/on-duty.route.ts';
import { type OnDutySettings, openOnDuty } from './on-duty/open-on-duty.ts';
import { addPartnerPeople } from './partners-people/partner-people.route.ts';
import { addTakenRoutes } from './people/taken.route.ts';
import { addReviewRoutes } from './review.route.ts';
import type { ReviewDeps } from './reviewer.ts';
import { addWorkRoutes } from './work/work.route.ts';

/** Settings that the environment or the command line chooses. */
type CoordinationSettings = OnDutySettings & {
  /** The run ends by itself, so that no decision waits for an undo. */
  isOnce?: boolean;
};

/** Serves the care team: their lists, the page of a person, and their decisions. DECISIONS D150. */
export const coordination = defineService({
  name: 'coordination',
  port: 8085,
  fields: mailFields,
  settingsOf: (environment): CoordinationSettings => ({ mail: mailOf(environment) }),
  contract: contracts.coordination,
  pages: ['sign-in'],
  wire(resources, settings: CoordinationSettings) {
    const { db, nudge, clock, site } = resources;
    const deps = reviewDeps({ tx: db.tx, nudge, clock }, site, settings);
    const { loop, deps: onDuty } = openOnDuty(resources, settings);
    const retention = createRetentionJob({ db, log: resources.log, keep: () => keepTimesOf(site) });
    return {
      routes: (app) => {
        addReviewRoutes(app, deps);
        addOnDutyRoutes(app, onDuty);
        addTakenRoutes(app, deps);
        addNoRoutes(app, deps);
        addContactPages(app, deps);
        addMustByRoutes(app, deps);
        addWorkRoutes(app, deps);
        addPartnerPeople(app, resources);
      },
      start: async () => {
        loop.start();
        retention.start();
      },
      close: async () => {
        await Promise.all([loop.close(), retention.close()]);
      },
    };
  },
});

/** Gives how long the site keeps people, and who saw whom. */
const keepTimesOf = (site: Site): KeepTimes => {
  const { keepPeopleMs: peopleMs, keepViewsMs: viewsMs } = site.settings();
  return { peopleMs, viewsMs };
};

/** Joins what reviewing needs with the settings of the site, which are read at each use. */
const reviewDeps = (
  resources: Pick<ReviewDeps, 'tx' | 'nudge' | 'clock'>,
  site: Site,
  { isOnce = false }: CoordinationSettings,
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
  get acceptBy() {
    return site.settings().acceptBy;
  },
  get state() {
    return site.settings().state;
  },
  get undoForMs() {
    return isOnce ? 0 : site.settings().undoForMs;
  },
  get tellWithoutHelpMs() {
    return site.settings().tellWithoutHelpMs;
  },
  get protectedAddress() {
    return site.settings().protectedAddress;
  },
  get contactFromChart() {
    return site.settings().contactFromChart;
  },
  get spokenConsent() {
    return site.settings().spokenConsent;
  },
});
