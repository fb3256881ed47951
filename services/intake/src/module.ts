import { contracts } from '@loopwell/openapi';
import { defineService, type Resources } from '@loopwell/service';
import { z } from 'zod';
import { addConnectionRoutes } from './connections/connections.route.ts';
import { type EhrSettings, type IntakeSettings, wire } from './service.ts';

export type IntakeModuleSettings = Omit<IntakeSettings, 'leaseMs'> & {
  /** Returns the EHRs that the command line names, in addition to those that are rows. */
  ehrs?: (resources: Resources) => readonly EhrSettings[];
};

/**
 * The environment of intake. Connections are rows that are configured through
 * `/api/v1/connections`.
 */
const fields = {
  PULL_INTERVAL_MS: z.coerce.number().int().min(100).default(60_000),
  PULL_OVERLAP_MS: z.coerce.number().int().min(0).default(300_000),
  PULL_MARGIN_MS: z.coerce.number().int().min(0).default(60_000),
  COALESCE_MS: z.coerce.number().int().min(0).max(60_000).default(1_000),
  /** EHRs are written to only when this is `true`. */
  WRITE_BACK: z.stringbool().default(false),
};

/**
 * Defines the service that reads and writes the EHRs. It is the only service that talks to them.
 */
export const intake = defineService({
  name: 'intake',
  port: 8081,
  needs: ['LOOPWELL_SECRET_KEY'],
  fields,
  settingsOf: (environment): IntakeModuleSettings => ({
    writeBack: environment.WRITE_BACK,
    once: false,
    overlapMs: environment.PULL_OVERLAP_MS,
    marginMs: environment.PULL_MARGIN_MS,
    coalesceMs: environment.COALESCE_MS,
    intervalMs: environment.PULL_INTERVAL_MS,
  }),
  contract: contracts.intake,
  wire(hostResources, { ehrs, ...settings }) {
    // What is asked of an EHR is compared with its clock, which nobody moves.
    const resources = { ...hostResources, clock: hostResources.realClock };
    const { db, outbound, secrets, leaseMs } = resources;
    const stages = wire({ ...settings, leaseMs }, ehrs?.(resources) ?? [], resources);
    return {
      ...stages,
      // Without a key the secrets cannot be sealed, so connections are not configured here.
      routes: (app) => {
        if (secrets) addConnectionRoutes(app, { db, outbound, secrets });
      },
    };
  },
});
