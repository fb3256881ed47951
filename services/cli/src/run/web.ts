import { addConsoleRoutes, consoleContract, descriptions } from '@loopwell/console';
import {
  addPreviewRoutes,
  addQualityRoutes,
  addRecodeRoutes,
  addReviewRoutes,
  findSite,
  reviewContract,
} from '@loopwell/enrichment';
import { type Outbound, receiverMeasures } from '@loopwell/fhir/client';
import { type App, addContract, addDocs, addSignIn } from '@loopwell/http';
import { addConnectionRoutes, intakeContract } from '@loopwell/intake';
import type { Clock } from '@loopwell/kit';
import { type NudgeFunction, nudgeMeasures, type Queues } from '@loopwell/pipeline';
import { addDirectoryRoutes, referralContract } from '@loopwell/referral';
import type { ConsentPolicy } from '@loopwell/sdoh';
import { access, type Database, type Secrets } from '@loopwell/store';

export type WebOptions = {
  db: Database;
  nudge: NudgeFunction;
  /** Whose refusals are counted. */
  queues?: Queues;
  outbound: Outbound;
  /** Without it there is nothing to seal secrets with, so connections and bearers are not configured here. */
  secrets: Secrets | undefined;
  longestConsentDays: number | undefined;
  consentPolicy: ConsentPolicy | undefined;
  minorAge: number;
  contactFromChart: boolean | undefined;
  publicUrl: string | undefined;
  clock: Clock;
};

/** Sign-in, the pages of all services, their APIs with their contracts, and the page that describes them. */
export function addWeb(
  app: App,
  { db, nudge, queues, outbound, secrets, publicUrl, clock, ...judging }: WebOptions,
): void {
  addContract(app, consoleContract);
  addContract(app, reviewContract);
  addContract(app, intakeContract);
  addContract(app, referralContract);
  addSignIn(app, access.signInDoors(db), { secure: publicUrl?.startsWith('https:') ?? false });
  addConsoleRoutes(app, {
    db,
    clock,
    nudge,
    measures: () => [...receiverMeasures(outbound), ...(queues ? nudgeMeasures(queues) : [])],
  });
  addPreviewRoutes(app, (tenant, id) => findSite(db, tenant, id, clock.timeZone));
  addQualityRoutes(app, db);
  addRecodeRoutes(app, { db, nudge });
  const { longestConsentDays, consentPolicy, minorAge, contactFromChart } = judging;
  addReviewRoutes(app, {
    tx: db.tx,
    nudge,
    clock,
    longestConsentDays,
    consentPolicy,
    minorAge,
    contactFromChart,
  });
  if (secrets) {
    addConnectionRoutes(app, { db, outbound, secrets });
    addDirectoryRoutes(app, { db, nudge, outbound, secrets });
  }
  addDocs(app, descriptions);
}
