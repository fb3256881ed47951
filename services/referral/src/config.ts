import { parseDurationMs } from '@loopwell/kit';
import { bounceFields, mailFields, textFields } from '@loopwell/service';
import { z } from 'zod';

const duration = (preset: string) =>
  z
    .string()
    .default(preset)
    .refine(
      (text) => parseDurationMs(text) !== undefined,
      'must be a duration such as 500ms, 15s, 10m, 2h or 3d',
    )
    .transform((text) => parseDurationMs(text) ?? 0);

/**
 * Environment variables of referral. The directory and its bearers are rows, configured through
 * `/api/v1/directory`.
 */
export const referralFields = {
  ...mailFields,
  ...textFields,
  ...bounceFields,
  /** Nothing is sent to partners unless this is `true`. */
  SEND: z.stringbool().default(false),
  /** A policy that may approve in place of the reviewer; none if left out. */
  APPROVE: z.enum(['unambiguous']).optional(),
  /** The site's consent form also asks for agreement to help. */
  AGREED_BY_CONSENT: z.stringbool().default(false),
  /** How often partners are asked. */
  POLL: duration('15m'),
  /**
   * How long after a first "not here" a receiver is asked again, before a Task is sent to it again.
   */
  ASK_AGAIN: duration('60s'),
};

export type ReferralEnvironment = z.output<z.ZodObject<typeof referralFields>>;
