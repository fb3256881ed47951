import { tenantField } from '@loopwell/service';
import { z } from 'zod';

/**
 * Checks the environment variables that the command line reads itself. Options read others
 * (`variable` of an option).
 */
export const environmentSchema = z.object({
  DATABASE_URL: z.string().optional(),
  QUEUE_URL: z.string().optional(),
  LOOPWELL_LOG: z.string().optional(),
  LOOPWELL_TENANT: tenantField.optional(),
  CONTACT_FROM_CHART: z.string().optional(),
  ORGANISATION_NAME: z.string().optional(),
  LOOPWELL_ORGANISATION: z.string().optional(),
});

/** The environment of a command. */
export type Environment = z.infer<typeof environmentSchema>;

/** Returns the tenant that a command looks into: the one that the environment names. */
export const tenantOf = ({ LOOPWELL_TENANT = 'default' }: Environment): string => LOOPWELL_TENANT;
