import { todayAt } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { defineService } from '@loopwell/service';
import { addConsoleRoutes } from './console.route.ts';
import { readMeasures } from './status/measures.ts';

/**
 * Defines the service for operations. It works no stage; it sends nudges after a retry or a
 * release.
 */
export const consoleService = defineService({
  name: 'console',
  port: 8084,
  pool: 5,
  fields: {},
  settingsOf: () => ({}),
  contract: contracts.console,
  pages: ['sign-in', 'docs'],
  wire: ({ db, clock, site, nudge }) => ({
    routes: (app) => addConsoleRoutes(app, { db, clock, site, nudge }),
    metrics: ({ tenant }) => readMeasures(db, tenant, todayAt(clock)),
  }),
});
