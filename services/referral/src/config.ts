import { parseDurationMs } from '@loopwell/kit';
import { judgingFields } from '@loopwell/service';
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

/** Makes the field of a deadline: a duration, or business days such as `2bd`. */
const deadline = (preset: string) =>
  z
    .string()
    .default(preset)
    .refine(
      (text) => /^\d{1,3}bd$/.test(text) || parseDurationMs(text) !== undefined,
      'must be a duration such as 15s, 2h or 3d, or business days such as 2bd',
    )
    .transform((text) =>
      text.endsWith('bd')
        ? { businessDays: Number.parseInt(text, 10) }
        : { ms: parseDurationMs(text) ?? 0 },
    );

/**
 * Environment variables of referral. The directory and its bearers are rows, configured through
 * `/api/v1/directory`.
 */
export const referralFields = {
  ...judgingFields,
  /** The name under which partners know who refers. */
  SITE_NAME: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}]{1,200}$/u, 'must be a name of 1 to 200 characters')
    .default('Loopwell'),
  SITE_PHONE: z
    .string()
    .trim()
    .regex(
      /^\+?[\d\s().-]{7,20}(?: ?(?:x|ext\.?) ?\d{1,6})?$/,
      'must be one phone number, such as +1 612 555 0100',
    )
    .or(z.literal('').transform(() => undefined))
    .optional(),
  /** How long a partner may read its order after its Task has ended. */
  READ_AFTER_END: duration('30d'),
  /** Nothing is sent to partners unless this is `true`. */
  SEND: z.stringbool().default(false),
  /** A policy that may approve in place of the reviewer; none if left out. */
  APPROVE: z.enum(['unambiguous']).optional(),
  /** The site's consent form also asks for agreement to help. */
  AGREED_BY_CONSENT: z.stringbool().default(false),
  /** The deadline after which a partner that has not answered is silent. */
  ACCEPT_BY: deadline('2bd'),
  /**
   * How long a referral that no partner could help with may wait for a person before the operators
   * are told.
   */
  DECIDE_BY: deadline('2bd'),
  /** How often partners are asked. */
  POLL: duration('15m'),
  /**
   * How long after a first "not here" a receiver is asked again, before a Task is sent to it again.
   */
  ASK_AGAIN: duration('60s'),
};

export type ReferralEnvironment = z.output<z.ZodObject<typeof referralFields>>;
