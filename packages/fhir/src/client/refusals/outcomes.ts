import type { AppError } from '@loopwell/kit';
import type * as fhir4 from '../../types.ts';

/** Issue codes that say "not now" or "not all", whatever their severity (R4 IssueType). */
const notAnswered = new Set([
  'transient',
  'lock-error',
  'no-store',
  'exception',
  'timeout',
  'incomplete',
  'throttled',
  'too-costly',
  'login',
  'expired',
  'forbidden',
]);

/**
 * Tells whether an OperationOutcome inside a search says that the search failed. Hints and warnings
 * do not: some EHRs say "no results" and "parameter ignored" so. Everything that says error, says
 * nothing readable, or says that it did not answer, does. Beside entries a warning that they are
 * incomplete is told, and the entries are kept.
 */
export function isFailure(outcome: fhir4.OperationOutcome, besideEntries = false): boolean {
  const issues: unknown = outcome.issue;
  if (!Array.isArray(issues) || issues.length === 0) return true;
  return (issues as (fhir4.OperationOutcomeIssue | null)[]).some(
    (issue) =>
      !issue ||
      !['warning', 'information'].includes(issue.severity) ||
      (notAnswered.has(issue.code) && !(besideEntries && issue.code === 'incomplete')),
  );
}

/** Returns the code of an OperationOutcome's first issue: a code, never its text. */
export function issueCodeOf(body: unknown): string | undefined {
  if (
    typeof body !== 'object' ||
    body === null ||
    (body as { resourceType?: unknown }).resourceType !== 'OperationOutcome'
  )
    return undefined;
  const issues: unknown = (body as { issue?: unknown }).issue;
  const issue = (Array.isArray(issues) ? issues[0] : undefined) as
    | fhir4.OperationOutcomeIssue
    | null
    | undefined;
  const codings: unknown = issue?.details?.coding;
  const code =
    (Array.isArray(codings) ? (codings[0] as fhir4.Coding | null)?.code : undefined) ?? issue?.code;
  return typeof code === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(code) ? code : undefined;
}

/** Lists the codes of all issues that stand beside entries, each once: codes, never their text. */
export function noticeCodes(outcomes: readonly fhir4.OperationOutcome[]): string[] {
  const codes = outcomes.flatMap((operationOutcome) =>
    (Array.isArray(operationOutcome.issue) ? operationOutcome.issue : []).flatMap(
      (issue) =>
        issueCodeOf({ resourceType: 'OperationOutcome', issue: [{ code: issue?.code }] }) ?? [],
    ),
  );
  return [...new Set(codes)];
}

const longestWords = 1_000;

/**
 * Returns the words of an OperationOutcome, which are the server's own. They may be about a person.
 */
export function issueWordsOf(body: unknown): string | undefined {
  if (
    typeof body !== 'object' ||
    body === null ||
    (body as { resourceType?: unknown }).resourceType !== 'OperationOutcome'
  )
    return undefined;
  const issues: unknown = (body as { issue?: unknown }).issue;
  const words = (Array.isArray(issues) ? issues : []).flatMap(
    (issue: fhir4.OperationOutcomeIssue | null) => {
      const texts = [issue?.details?.text, issue?.diagnostics].filter(
        (one) => typeof one === 'string' && one.trim() !== '',
      );
      return [...new Set(texts)].join(' ');
    },
  );
  const text = words
    .filter((one) => one !== '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? undefined : text.slice(0, longestWords);
}

const wordsByError = new WeakMap<object, string>();

/**
 * Keeps words beside an error and out of it: an error is logged, and its facts go into ledger and
 * history.
 */
export function keepWords(error: AppError, words: string | undefined): AppError {
  if (words !== undefined) wordsByError.set(error, words);
  return error;
}

/**
 * Returns what the other server said when it refused, to be shown to reviewers and kept nowhere
 * else.
 */
export const refusalWords = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null ? wordsByError.get(error) : undefined;
