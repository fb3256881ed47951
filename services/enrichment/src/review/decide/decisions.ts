import { bodyCheck } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/enrichment.ts';

/**
 * A decision of a reviewer about one or many referrals, as `openapi/enrichment.yaml` describes it.
 */
export type ReviewDecision = components['schemas']['Decision'];

const sentence = 'The decision is not complete, or a field has not the form it must have';

const check = bodyCheck<ReviewDecision>(contracts.enrichment, 'Decision', sentence);

/** The fields of a decision that have a day. A pattern cannot check that the day exists. */
const dayFields = ['until', 'agreedOn', 'dateTime'] as const;

/**
 * Reads a decision from the API or from a form.
 *
 * @throws AppError REQUEST_INVALID naming the field, never its value
 */
export function parseDecision(input: unknown): ReviewDecision {
  const decision: ReviewDecision = trimmed(check(input));
  for (const field of dayFields) {
    const text: unknown = Object.entries(decision).find(([name]) => name === field)?.[1];
    if (typeof text === 'string' && !isDay(text.slice(0, 10)))
      throw new AppError('REQUEST_INVALID', sentence, { facts: { field } });
  }
  return decision;
}

/** Removes the blanks around typed texts. */
const trimmed = (decision: ReviewDecision): ReviewDecision =>
  Object.fromEntries(
    Object.entries(decision).map(([name, field]) => [
      name,
      typeof field === 'string' ? field.trim() : field,
    ]),
  ) as ReviewDecision;

/** Tells whether a day exists: `Date` reads 30 February as 2 March. */
function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/**
 * Gives one line of a typed text that a database and a page can hold: no control character, no half
 * of a character. Gives undefined for other texts.
 */
export function lineOf(text: unknown, maxLength: number): string | undefined {
  if (typeof text !== 'string') return undefined;
  const line = text.trim();
  return line === '' || line.length > maxLength || /\p{Cc}|\p{Cs}/u.test(line) ? undefined : line;
}
