import { addConsoleRoutes, consoleContract } from '@loopwell/console';
import { addReviewRoutes, reviewContract } from '@loopwell/enrichment';
import { type App, addContract, addDocs, addSignIn } from '@loopwell/http';
import { systemClock } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import { access, type Database } from '@loopwell/store';

export type WebOptions = {
  db: Database;
  nudge: NudgeFunction;
  longestConsentDays: number | undefined;
  publicUrl: string | undefined;
};

/** Sign-in, the pages of all services, their APIs with their contracts, and the page that describes them. */
export function addWeb(app: App, { db, nudge, longestConsentDays, publicUrl }: WebOptions): void {
  addContract(app, consoleContract);
  addContract(app, reviewContract);
  addSignIn(app, access.signInDoors(db), { secure: publicUrl?.startsWith('https:') ?? false });
  addConsoleRoutes(app, { db, nudge });
  addReviewRoutes(app, { tx: db.tx, nudge, clock: systemClock, longestConsentDays });
  addDocs(app, { console: consoleContract, enrichment: reviewContract });
}
