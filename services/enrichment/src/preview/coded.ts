import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { unread } from '@loopwell/sdoh';

export type Coded = {
  parameters: fhir4.Parameters;
  /** Line of the input where it begins; undefined for resources gathered from several lines. */
  line?: number;
  /** The reason why it could not be read, in one sentence that quotes nothing of it. */
  problem?: string;
  /** A part of it could not be read; the rest was coded. */
  isPartial?: boolean;
};

/**
 * Adds the problem to Parameters that could not be coded. Parameters without `return` name it in
 * their one error.
 */
export function judged(parameters: fhir4.Parameters): Coded {
  const part = (name: string) => parameters.parameter?.find((one) => one.name === name)?.resource;
  const { issue = [] } = (part('issues') ?? {}) as Partial<fhir4.OperationOutcome>;
  const error = issue.find((one) => one.severity === 'error');
  if (part('return') === undefined) return { parameters, problem: error?.details?.text ?? '' };
  return error === undefined ? { parameters } : { parameters, isPartial: true };
}

/** Makes the result for an input that could not be read. */
export const refused = (problem: string, input?: unknown): Coded => ({
  parameters: unread(problem, input, instruments),
  problem,
});
