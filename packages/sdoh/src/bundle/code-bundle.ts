import { type fhir4, holdRepeated, isRepeated, unreadBundle } from '@loopwell/fhir';
import { codePerson } from '../coding/code-person.ts';
import { isObject, textOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps, Instrument } from '../model.ts';
import type { BundleRead, PlacedIssue } from './bundle-model.ts';
import { listIssues, outcomeOf } from './outcome.ts';
import { readBundle, type Site } from './read-bundle.ts';
import { createTransaction } from './transaction.ts';
import { findUnreadSafetyIn } from './unread-safety.ts';

/**
 * Codes one Bundle without a server: the same rules as the pipeline, in the shape that SDC
 * `$extract` returns (coding contract). Never throws for what the input holds.
 *
 * DECISIONS D19.
 * @param site the site's own codes in LOINC, and what it wants otherwise than the guide advises
 * @param input one parsed JSON value; anything but a Bundle gets `issues` alone, of severity error
 * @returns one Parameters for each person: several only for a Bundle of many people's resources (a
 * searchset)
 */
export function* codeBundle(
  input: unknown,
  instruments: readonly Instrument[],
  deps: CodingDeps,
  site: Site = {},
): Generator<fhir4.Parameters, void, undefined> {
  const problem = problemOf(input);
  if (problem !== undefined) return yield unread(problem, input, instruments);
  for (const read of readBundle(input as fhir4.Bundle, instruments, deps, site))
    yield coded(read, read.id, instruments, deps);
}

/**
 * Codes resources that stand in no Bundle, as `codeBundle` codes those of one. They are grouped by
 * patient, and the id of each Parameters is the Patient's. Issues give places as in a Bundle with
 * these entries.
 *
 * @param resources parsed by `parseJson`, each by itself
 */
export function* codeResources(
  resources: readonly object[],
  instruments: readonly Instrument[],
  deps: CodingDeps,
  site: Site = {},
): Generator<fhir4.Parameters, void, undefined> {
  const bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: resources.map((resource) => ({ resource })),
  };
  holdRepeated(
    bundle,
    resources.map((resource, index) => ({
      path: ['entry', index, 'resource'],
      json: resource,
    })),
  );
  for (const read of readBundle(bundle as fhir4.Bundle, instruments, deps, site))
    yield coded(read, read.record.person || undefined, instruments, deps);
}

function problemOf(input: unknown): string | undefined {
  if (!isObject(input) || input.resourceType !== 'Bundle')
    return 'It is no Bundle: resourceType has to be Bundle.';
  return isRepeated(input, 'resourceType')
    ? 'Its resourceType is there twice.'
    : unreadBundle(input.type);
}

function coded(
  read: BundleRead,
  id: string | undefined,
  instruments: readonly Instrument[],
  deps: CodingDeps,
): fhir4.Parameters {
  const named: fhir4.Parameters = { resourceType: 'Parameters' };
  if (id !== undefined) named.id = id;
  try {
    const coding = codePerson(read.record, instruments, deps);
    const transaction = createTransaction(read, coding, deps);
    const outcome = outcomeOf(listIssues(read, coding, instruments));
    const parameter = [
      { name: 'return', resource: transaction },
      { name: 'issues', resource: outcome },
    ];
    return { ...named, parameter };
  } catch (error) {
    // Rules do not throw for content. If one does after all, the next people are coded still.
    return { ...unread(shapeProblem(error), read.bundle, instruments), ...named };
  }
}

/** Returns the reason why rules failed on a value, as a sentence that quotes nothing of it. */
export const shapeProblem = (error: unknown): string =>
  error instanceof RangeError
    ? 'It is nested too deeply to be read.'
    : 'It has a shape that the rules do not know.';

/**
 * Builds the Parameters for input that could not be read at all. An input that names a question
 * about safety gets a warning, so that a person looks at it.
 *
 * @param text the problem, in one sentence that quotes nothing of the input
 */
export function unread(
  text: string,
  input: unknown,
  instruments: readonly Instrument[],
): fhir4.Parameters {
  const id = isObject(input) && !isRepeated(input, 'id') ? textOf(input.id) : undefined;
  const isBundle = isObject(input) && input.resourceType === 'Bundle';
  const problem: PlacedIssue = { severity: 'error', code: 'unreadable', text };
  if (isBundle) problem.expression = 'Bundle';
  const dangers = findUnreadSafetyIn(input, isBundle ? 'Bundle' : '', instruments);
  const issues = [...dangers.map(withoutEmptyPlace), problem];
  const parameters: fhir4.Parameters = { resourceType: 'Parameters' };
  if (id !== undefined) parameters.id = id;
  return { ...parameters, parameter: [{ name: 'issues', resource: outcomeOf(issues) }] };
}

const withoutEmptyPlace = ({ expression, ...issue }: PlacedIssue): PlacedIssue =>
  expression ? { ...issue, expression } : issue;
