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
import { isObject } from '../fhir-json/tolerant-readers.ts';
import type { PlacedIssue } from './bundle-model.ts';

/** What `loopwell code` reads out of a Bundle; anything else is left alone and said so. */
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

/** True for a type that screenings are read from. */
export const isReadType = (type: string): boolean => readTypes.has(type);

/** A resource that is read, as it came, with what its entry adds to what is not understood. */
export type FoundEntry = {
  entry: fhir4.BundleEntry;
  resource: fhir4.Resource;
  index: number;
  flaws: Flaw[];
};

export const placeIssue = (
  severity: PlacedIssue['severity'],
  code: string,
  text: string,
  expression: string,
): PlacedIssue => ({
  severity,
  code,
  text,
  expression,
});

const unreadable = (text: string, expression: string) =>
  placeIssue('error', 'unreadable', text, expression);

/** Resources of a Bundle that are read, each by itself: one that cannot be read holds up none of the others. */
export function listEntries(bundle: fhir4.Bundle, issues: PlacedIssue[]): FoundEntry[] {
  issues.push(...repeatedIn(bundle));
  return listIn(bundle, issues).flatMap((entry: unknown, index) => {
    const path = `Bundle.entry[${index}]`;
    if (!isObject(entry)) issues.push(unreadable('The entry is no object.', path));
    else if (isRepeated(entry, 'resource'))
      issues.push(unreadable('It is there twice, and was not read.', `${path}.resource`));
    else if (isObject(entry.resource))
      return readEntry(entry as fhir4.BundleEntry, entry.resource, index, issues);
    else if (entry.resource === undefined)
      issues.push(placeIssue('warning', 'invalid-value', 'The entry holds no resource.', path));
    else issues.push(unreadable('The resource is no object.', `${path}.resource`));
    return [];
  });
}

/** One entry that stands without its list can mean only that one. */
function listIn(bundle: fhir4.Bundle, issues: PlacedIssue[]): unknown[] {
  const entries: unknown = bundle.entry;
  if (entries === undefined || isRepeated(bundle, 'entry')) return [];
  if (Array.isArray(entries)) return entries;
  if (isObject(entries) && isObject(entries.resource)) {
    issues.push(
      placeIssue(
        'information',
        'mended',
        'Bundle.entry is one entry where FHIR has a list; it was read so.',
        'Bundle.entry',
      ),
    );
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
  const path = `Bundle.entry[${index}].resource`;
  const broken = brokenRule(resource, ['no-type', 'unknown-type']);
  const type = String(resource.resourceType);
  if (broken || isRepeated(resource, 'resourceType')) {
    const text =
      broken?.rule === 'no-type'
        ? 'The resource says no resourceType.'
        : 'Its resourceType is none of FHIR R4.';
    issues.push(
      unreadable(text, resource.resourceType === undefined ? path : `${path}.resourceType`),
    );
    return [];
  }
  const holds = unreadWithin(type);
  if (holds !== undefined) {
    issues.push(unreadable(holds, path));
    return [];
  }
  if (!readTypes.has(type)) {
    issues.push(
      placeIssue(
        'information',
        'not-coded',
        `${type} is no resource that screenings are read from.`,
        path,
      ),
    );
    return [];
  }
  if (brokenRule(resource, ['too-deep'])) {
    issues.push(unreadable('The resource is nested too deeply to be one; it is left out.', path));
    return [];
  }
  if (bundleEntry.fullUrl !== undefined && typeof bundleEntry.fullUrl !== 'string')
    issues.push(
      unreadable('Its fullUrl is no text, and is not used.', `Bundle.entry[${index}].fullUrl`),
    );
  return [
    {
      entry: bundleEntry,
      resource: resource as unknown as fhir4.Resource,
      index,
      flaws: modifiersOf(bundleEntry, `Bundle.entry[${index}]`, issues),
    },
  ];
}

/** What the Bundle itself carries reaches all that it holds. */
export function findBundleFlaws(bundle: fhir4.Bundle, issues: PlacedIssue[]): Flaw[] {
  const id: unknown = bundle.id;
  if (isRepeated(bundle, 'id')) return modifiersOf(bundle, 'Bundle', issues);
  if (typeof id === 'number')
    issues.push(
      placeIssue(
        'information',
        'mended',
        'Its id is a number where FHIR has text; it was read so.',
        'Bundle.id',
      ),
    );
  else if (id !== undefined && typeof id !== 'string')
    issues.push(unreadable('Its id is no FHIR id, and is not used.', 'Bundle.id'));
  return modifiersOf(bundle, 'Bundle', issues);
}

/** FHIR R4, extensibility: what may change the meaning of all that contains it must not be ignored. */
function modifiersOf(holder: object, path: string, issues: PlacedIssue[]): Flaw[] {
  return modifiersCarried(holder).map((key) => {
    const text = `It carries ${key.replace('_', '')}, which may change what it says and is not known here: nothing is made of it.`;
    issues.push(placeIssue('warning', 'not-understood', text, `${path}.${key}`));
    return { kind: 'not-understood', path: '', text: '', voids: { unit: '', below: true } };
  });
}

/** Members that the text names twice, wherever they stand: which one is meant nobody knows. */
function repeatedIn(bundle: object): PlacedIssue[] {
  return repeatedMembers(bundle).map(({ path, key }) =>
    unreadable('It is there twice, and was not read.', pathText(['Bundle', ...path, key])),
  );
}
