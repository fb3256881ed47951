import { type fhir4, isRepeated } from '@loopwell/fhir';
import { codePerson } from '../coding.ts';
import type { CodingDeps, Instrument } from '../model.ts';
import { isObject, textOf } from '../shapes.ts';
import { issuesOf, outcomeOf } from './outcome.ts';
import { readBundle, type Site } from './read-bundle.ts';
import { transactionOf } from './transaction.ts';

/**
 * Codes one Bundle without a server: the same rules as the pipeline, in the shape that SDC `$extract` returns (coding
 * contract). Never throws for what the input holds.
 *
 * @param site the site's own codes in LOINC, and what it wants otherwise than the guide advises
 * @param input one parsed JSON value; anything but a Bundle gets `issues` alone, of severity error
 */
export function codeBundle(input: unknown, instruments: readonly Instrument[], deps: CodingDeps, site: Site = {}): fhir4.Parameters {
  if (!isObject(input) || input.resourceType !== 'Bundle') return unreadable('It is no Bundle: resourceType has to be Bundle.', input);
  if (isRepeated(input, 'resourceType')) return unreadable('Its resourceType is there twice.', input);
  const read = readBundle(input as unknown as fhir4.Bundle, deps, site);
  const coding = codePerson(read.record, instruments, deps);
  return {
    resourceType: 'Parameters',
    ...(read.id === undefined ? {} : { id: read.id }),
    parameter: [
      { name: 'return', resource: transactionOf(read, coding, deps) },
      { name: 'issues', resource: outcomeOf(issuesOf(read, coding, instruments)) },
    ],
  };
}

/** What could not be read at all. */
export function unreadable(text: string, input?: unknown): fhir4.Parameters {
  const id = isObject(input) && !isRepeated(input, 'id') ? textOf(input.id) : undefined;
  const outcome = outcomeOf([{ severity: 'error', code: 'unreadable', text }]);
  return { resourceType: 'Parameters', ...(id === undefined ? {} : { id }), parameter: [{ name: 'issues', resource: outcome }] };
}
