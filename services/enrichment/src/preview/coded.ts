import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { unread } from '@loopwell/sdoh';

export type Coded = {
  parameters: fhir4.Parameters;
  /** Line of the input where it begins; undefined for what was gathered from several. */
  line?: number;
  /** Why it could not be read, in one sentence that quotes nothing of it. */
  problem?: string;
  /** Something in it could not be read; the rest was coded. */
  isPartial?: boolean;
};

/** Parameters without `return` say in their one error why there is none. */
export function judged(parameters: fhir4.Parameters): Coded {
  const part = (name: string) => parameters.parameter?.find((one) => one.name === name)?.resource;
  const { issue = [] } = (part('issues') ?? {}) as Partial<fhir4.OperationOutcome>;
  const error = issue.find((one) => one.severity === 'error');
  if (part('return') === undefined) return { parameters, problem: error?.details?.text ?? '' };
  return error === undefined ? { parameters } : { parameters, isPartial: true };
}

export const refused = (problem: string, input?: unknown): Coded => ({
  parameters: unread(problem, input, instruments),
  problem,
});
