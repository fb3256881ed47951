import {
  brokenRule,
  type Flaw,
  type fhir4,
  isRepeated,
  modifiersCarried,
  pathText,
  repeatedMembers,
  unreadWithin,
} from '@loopwell/fhir';
import { isObject, plainText } from '../fhir-json/tolerant-readers.ts';
import type { PlacedIssue } from './bundle-model.ts';

/** Types that `loopwell code` reads out of a Bundle; others are left out and reported. */
const readTypes = new Set([
  'Patient',
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'RelatedPerson',
  'Consent',
  'Goal',
  'ServiceRequest',
]);

/** Tells whether a type is one that coding reads. */
export const isReadType = (type: string): boolean => readTypes.has(type);

/** A resource that is read, as it came, with the flaws of its entry. */
export type FoundEntry = {
  bundleEntry: fhir4.BundleEntry;
  resource: fhir4.Resource;
  index: number;
  flaws: Flaw[];
};

/** Builds an issue about a place of the input. */
export const placeIssue = (
  severity: PlacedIssue['severity'],
  code: string,
  text: string,
  expression: string,
): PlacedIssue => ({ severity, code, text, expression });

const noteMended = (text: string, expression: string) =>
  placeIssue('information', 'mended', text, expression);

const unreadable = (text: string, expression: string) =>
  placeIssue('error', 'unreadable', text, expression);

/**
 * Lists the resources of a Bundle that can be read, and adds issues for the others. An unreadable
 * entry does not stop the rest.
 */
export function listEntries(bundle: fhir4.Bundle, issues: PlacedIssue[]): FoundEntry[] {
  issues.push(...findRepeated(bundle));
  return readEntryList(bundle, issues).flatMap((json: unknown, index) => {
    const path = `Bundle.entry[${index}]`;
    const problem = entryProblem(json, path);
    if (problem) {
      issues.push(problem);
      return [];
    }
    const bundleEntry = json as fhir4.BundleEntry;
    return readEntry(
      bundleEntry,
      bundleEntry.resource as unknown as Record<string, unknown>,
      index,
      issues,
    );
  });
}

/** Returns the issue of an entry without a readable resource. */
function entryProblem(json: unknown, path: string): PlacedIssue | undefined {
  if (!isObject(json)) return unreadable('The entry is no object.', path);
  if (isRepeated(json, 'resource'))
    return unreadable('It is there twice, and was not read.', `${path}.resource`);
  if (isObject(json.resource)) return undefined;
  return json.resource === undefined
    ? placeIssue('warning', 'invalid-value', 'The entry holds no resource.', path)
    : unreadable('The resource is no object.', `${path}.resource`);
}

/** Reads `Bundle.entry`. A single entry that stands without a list is read as a list of one. */
function readEntryList(bundle: fhir4.Bundle, issues: PlacedIssue[]): unknown[] {
  const entries: unknown = bundle.entry;
  if (entries === undefined || isRepeated(bundle, 'entry')) return [];
  if (Array.isArray(entries)) return entries;
  if (isObject(entries) && isObject(entries.resource)) {
    const text = 'Bundle.entry is one entry where FHIR has a list; it was read so.';
    issues.push(noteMended(text, 'Bundle.entry'));
    return [entries];
  }
  issues.push(unreadable('Bundle.entry has to be a list.', 'Bundle.entry'));
  return [];
}

function readEntry(
  bundleEntry: fhir4.BundleEntry,
  resource: Record<string, unknown>,
  index: number,
  issues: PlacedIssue[],
): FoundEntry[] {
  const path = `Bundle.entry[${index}]`;
  const problem = resourceProblem(resource, `${path}.resource`);
  if (problem) {
    issues.push(problem);
    return [];
  }
  if (bundleEntry.fullUrl !== undefined && typeof bundleEntry.fullUrl !== 'string')
    issues.push(unreadable('Its fullUrl is no text, and is not used.', `${path}.fullUrl`));
  const flaws = findModifiers(bundleEntry, path, issues);
  return [{ bundleEntry, resource: resource as unknown as fhir4.Resource, index, flaws }];
}

/** Returns the issue of a resource that is not read; undefined for one that is. */
function resourceProblem(resource: Record<string, unknown>, path: string): PlacedIssue | undefined {
  const broken = brokenRule(resource, ['no-type', 'unknown-type']);
  const type = plainText(resource.resourceType);
  if (broken || isRepeated(resource, 'resourceType')) {
    const text =
      broken?.rule === 'no-type'
        ? 'The resource says no resourceType.'
        : 'Its resourceType is none of FHIR R4.';
    const isAbsent = resource.resourceType === undefined;
    return unreadable(text, isAbsent ? path : `${path}.resourceType`);
  }
  const holds = unreadWithin(type);
  if (holds !== undefined) return unreadable(holds, path);
  if (!readTypes.has(type)) {
    const text = `${type} is no resource that screenings are read from.`;
    return placeIssue('information', 'not-coded', text, path);
  }
  return brokenRule(resource, ['too-deep'])
    ? unreadable('The resource is nested too deeply to be one; it is left out.', path)
    : undefined;
}

/** Finds modifiers on the Bundle itself, which reach all its entries, and reports an odd id. */
export function findBundleFlaws(bundle: fhir4.Bundle, issues: PlacedIssue[]): Flaw[] {
  const id: unknown = bundle.id;
  const isOddId = !isRepeated(bundle, 'id') && id !== undefined && typeof id !== 'string';
  if (isOddId && typeof id === 'number')
    issues.push(noteMended('Its id is a number where FHIR has text; it was read so.', 'Bundle.id'));
  else if (isOddId) issues.push(unreadable('Its id is no FHIR id, and is not used.', 'Bundle.id'));
  return findModifiers(bundle, 'Bundle', issues);
}

/**
 * Finds modifiers on an object, and reports each. A modifier may change the meaning of the whole
 * object and must not be ignored (FHIR R4, extensibility).
 */
function findModifiers(holder: object, path: string, issues: PlacedIssue[]): Flaw[] {
  return modifiersCarried(holder).map((key) => {
    const text =
      `It carries ${key.replace('_', '')}, which may change what it says and is not known ` +
      'here: nothing is made of it.';
    issues.push(placeIssue('warning', 'not-understood', text, `${path}.${key}`));
    return { kind: 'not-understood', path: '', text: '', voids: { unit: '', below: true } };
  });
}

/** Finds members that the JSON text names twice, at any depth. The intended value is unknown. */
function findRepeated(bundle: object): PlacedIssue[] {
  return repeatedMembers(bundle).map(({ path, key }) =>
    unreadable('It is there twice, and was not read.', pathText(['Bundle', ...path, key])),
  );
}
