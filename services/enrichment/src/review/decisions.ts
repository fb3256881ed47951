import { AppError } from '@loopwell/kit';
import { z } from 'zod';

/** What a reviewer may decide about referrals, one or many. */

/** A day that there is: `Date.parse` takes 30 February for 2 March. */
const isDay = (text: string) => {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) && text >= '1900-01-01';
};
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine(isDay);
const dayOrInstant = z.union([
  day,
  z.iso.datetime({ offset: true }).refine((text) => isDay(text.slice(0, 10))),
]);
/** What a database and a page can hold: no control character, and no half of a character. */
export const words = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}|\p{Cs}/u.test(text));

const common = {
  referrals: z.array(z.uuid()).min(1).max(100),
  /** What the reviewer saw, by referral: a version that is not the present one is refused. */
  versions: z.record(z.uuid(), z.string().max(64)).optional(),
  /** Words of the reviewer; personal data. */
  reason: words(500).optional(),
};

const decisionSchema = z.discriminatedUnion('decision', [
  /** `recipient`: the one partner (Organization id) that it may go to; what is restricted is approved for one only. */
  z.strictObject({ ...common, decision: z.literal('approve'), recipient: words(64).optional() }),
  /** Why is kept: a refused need stays refuted for the same answers. */
  z.strictObject({ ...common, decision: z.literal('refuse'), reason: words(500) }),
  /** Not now: the list shows it again on that day, or as soon as something about it is new. */
  z.strictObject({ ...common, decision: z.literal('postpone'), until: day }),
  /** Another finding of the category's value set instead of the suggested one; the suggestion stays unconfirmed. */
  z.strictObject({
    ...common,
    referrals: z.array(z.uuid()).length(1),
    decision: z.literal('chooseCode'),
    condition: z.uuid(),
    code: words(40),
  }),
  /** The person said yes to this help on that day, asked by somebody. */
  z.strictObject({ ...common, decision: z.literal('agree'), agreedOn: day, askedBy: words(120) }),
  z.strictObject({ ...common, decision: z.literal('withdrawAgreement') }),
  /** A consent to disclose that was signed outside the EHR: when, until when, to whom; `scope` holds the words on the form. */
  z.strictObject({
    ...common,
    decision: z.literal('recordConsent'),
    dateTime: dayOrInstant,
    until: dayOrInstant.optional(),
    scope: words(300),
    askedBy: words(120),
    /** A partner's id (Organization id in the directory), or `any`: the gate asks it. */
    recipient: words(64).optional(),
  }),
  z.strictObject({ ...common, decision: z.literal('withdrawConsent') }),
  z.strictObject({ ...common, decision: z.literal('chooseService'), serviceCode: words(40) }),
  /** Nobody could help so far, somebody has looked, and the next partner is asked; `recipient` as for an approval. */
  z.strictObject({ ...common, decision: z.literal('askNext'), recipient: words(64).optional() }),
  /** Nobody could help, and somebody ends it knowing that. Why is kept. */
  z.strictObject({ ...common, decision: z.literal('closeWithoutHelp'), reason: words(500) }),
]);

export type ReviewDecision = z.output<typeof decisionSchema>;

/** @throws AppError REQUEST_INVALID naming the field, never its value */
export function parseDecision(input: unknown): ReviewDecision {
  const parsed = decisionSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'decision');
  throw new AppError(
    'REQUEST_INVALID',
    'The decision is not complete, or a field has not the form it must have',
    {
      facts: { field: fields[0] ?? 'decision' },
    },
  );
}
