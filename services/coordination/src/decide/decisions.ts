import { isRealDate } from '@loopwell/fhir';
import { bodyCheck, RequestProblems } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';

/**
 * A decision of a reviewer about one or many referrals, as `openapi/coordination.yaml` describes it.
 */
export type ReviewDecision = components['schemas']['Decision'];

const sentence = 'The decision is not complete, or a field has not the form it must have';

const check = bodyCheck<ReviewDecision>(contracts.coordination, 'Decision', sentence);

/** The fields of a decision that hold a date. A pattern cannot check that the day exists. */
const dateFields: readonly string[] = [
  ...['until', 'agreedOn', 'mustBy', 'dateTime', 'broughtUpOn', 'saidOn'],
];
/** The fields of a decision that hold typed words. */
const wordFields: readonly string[] = [
  'reason',
  'recipient',
  'code',
  'askedBy',
  'scope',
  'serviceCode',
  'signer',
  'document',
  'partner',
  'saidTo',
];

/**
 * Reads a decision from the API or from a form.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming the field, never its value
 */
export function parseDecision(input: unknown): ReviewDecision {
  const decision = check(trimmed(input));
  requireRealDates(decision, '/body');
  const kinds = [decision.decision];
  for (const [index, step] of (alsoOf(decision) ?? []).entries()) {
    const place = `/body/also/${index}`;
    if (kinds.includes(step.decision)) throw problemAt(`${place}/decision`, 'decision', 'once');
    kinds.push(step.decision);
    requireRealDates(checkStep(step, decision, place), place);
  }
  return decision;
}

/**
 * Lists the decisions of a request in their order, each about the same referrals: the first, and
 * those that it also makes.
 */
export function stepsOf(decision: ReviewDecision): ReviewDecision[] {
  const also = alsoOf(decision) ?? [];
  const { referrals, versions } = decision;
  const first: ReviewDecision & { also?: unknown } = { ...decision };
  delete first.also;
  const others = also.map((step) => trimmed({ ...step, referrals, versions }) as ReviewDecision);
  return [first, ...others];
}

type Step = { decision: ReviewDecision['decision'] };

const alsoOf = (decision: ReviewDecision): readonly Step[] | undefined =>
  'also' in decision ? decision.also : undefined;

/** Checks a further decision of a request as if it were made alone. */
function checkStep(step: Step, { referrals }: ReviewDecision, place: string): ReviewDecision {
  try {
    return check(trimmed({ ...step, referrals }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const field = String(error.facts.field ?? '');
    throw problemAt(`${place}/${field}`, field, 'form');
  }
}

const problemAt = (path: string, field: string, rule: string): RequestProblems =>
  new RequestProblems(sentence, [{ path, rule }], { facts: { field } });

/** @throws RequestProblems for a day that no calendar has */
function requireRealDates(decision: ReviewDecision, place: string): void {
  for (const [field, text] of Object.entries(decision))
    if (dateFields.includes(field) && !isRealDate(String(text)))
      throw problemAt(`${place}/${field}`, field, 'date');
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
