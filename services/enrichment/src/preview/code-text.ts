import { type fhir4, parseJson } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { codeBundle, type Site, unreadable } from '@loopwell/sdoh';

export const notJson = 'It is no JSON.';

export type CodedText = {
  parameters: fhir4.Parameters;
  /** Why it could not be read, in one sentence that quotes nothing of it. */
  problem?: string;
  /** Something in it could not be read; the rest was coded. */
  isPartial?: boolean;
};

/**
 * Codes what one line or one file holds: JSON text of one Bundle in, one Parameters out (coding contract). The one way
 * that `loopwell code` and the preview go; both rest on what the pipeline codes with. It stores and fetches nothing, and
 * throws for no input.
 */
export function codeText(text: string, site?: Site): CodedText {
  const input = parse(text);
  if (input === undefined) return refused(notJson);
  return codeInput(input.value, site);
}

/** The same for a value that was parsed already. */
export function codeInput(input: unknown, site?: Site): CodedText {
  try {
    const parameters = codeBundle(input, instruments, { deriveId }, site);
    if (!isRead(parameters)) return { parameters, problem: 'It is no Bundle.' };
    return hasError(parameters) ? { parameters, isPartial: true } : { parameters };
  } catch (error) {
    // Rules do not throw for content. Should one do so after all, the lines after it must not suffer.
    const isDeep = error instanceof RangeError;
    return refused(isDeep ? 'It is nested too deeply to be read.' : 'It has a shape that the rules do not know.', input);
  }
}

const isRead = (parameters: fhir4.Parameters) => parameters.parameter?.some((one) => one.name === 'return') === true;

function hasError(parameters: fhir4.Parameters): boolean {
  const outcome = parameters.parameter?.find((one) => one.name === 'issues')?.resource as fhir4.OperationOutcome | undefined;
  return outcome?.issue.some((one) => one.severity === 'error') === true;
}

export function refused(problem: string, input?: unknown): CodedText {
  return { parameters: unreadable(problem, input), problem };
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: parseJson(text) };
  } catch {
    return undefined;
  }
}
