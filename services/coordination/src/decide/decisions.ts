import { isRealDate } from '@loopwell/fhir';
import { bodyCheck, RequestProblems } from '@loopwell/http';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';

/**
 * A decision of a reviewer about one or many referrals, as `openapi/enrichment.yaml` describes it.
 */
export type ReviewDecision = components['schemas']['Decision'];

const sentence = 'The decision is not complete, or a field has not the form it must have';

const check = bodyCheck<ReviewDecision>(contracts.coordination, 'Decision', sentence);

/** The fields of a decision that hold a date. A pattern cannot check that the day exists. */
const dateFields: readonly string[] = ['until', 'agreedOn', 'dateTime'];
/** The fields of a decision that hold typed words. */
const wordFields: readonly string[] = [
  'reason',
  'recipient',
  'code',
  'askedBy',
  'scope',
  'serviceCode',
];

/**
 * Reads a decision from the API or from a form.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming the field, never its value
 */
export function parseDecision(input: unknown): ReviewDecision {
  const decision = check(trimmed(input));
  for (const [field, text] of Object.entries(decision)) {
    if (dateFields.includes(field) && !isRealDate(String(text)))
      throw new RequestProblems(sentence, [{ path: `/body/${field}`, rule: 'date' }], {
        facts: { field },
      });
  }
  return decision;
}

/** Removes the blanks around typed words. They do not count for the length of the words. */
function trimmed(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const fields = Object.entries(input).map(([name, field]) => [
    name,
    wordFields.includes(name) && typeof field === 'string' ? field.trim() : field,
  ]);
  return Object.fromEntries(fields);
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
