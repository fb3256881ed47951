import { type fhir4, systems } from '@loopwell/fhir';
import {
  isListOfObjects,
  isObject,
  objectsOf,
  plainText,
} from '../../fhir-json/tolerant-readers.ts';
import { type Misform, misformIn } from './r4-form.ts';

/**
 * What a Consent is about. `other`: readably something else than disclosing this person's
 * information. `disclosure`: scope `patient-privacy` and category `IDSCL`. `unknown`: neither can
 * be said, which permits nothing.
 */
export type ConsentKind = 'disclosure' | 'other' | 'unknown';

const idscl = { system: systems.actCode, code: 'IDSCL' } as const;
const privacy = { system: systems.consentScope, code: 'patient-privacy' } as const;

/** Scopes of HL7's code system that are about something else. */
const otherScopes = new Set(['adr', 'research', 'treatment']);

const consentCategories = 'http://terminology.hl7.org/CodeSystem/consentcategorycodes';
const otherCategories: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    consentCategories,
    new Set(['acd', 'dnr', 'emrgonly', 'hcd', 'npp', 'polst', 'research', 'rsdid', 'rsreid']),
  ],
  [systems.actCode, new Set(['RESEARCH', 'RSDID', 'RSREID'])],
]);
/**
 * LOINC's codes for a consent of any kind, a privacy policy and a release of information: they do
 * not say what for.
 */
const anyConsent = new Set(['57016-8', '57017-6', '59284-0', '64292-6']);

const isConcept = (json: unknown): json is fhir4.CodeableConcept =>
  isObject(json) && isListOfObjects(json.coding);

/** Tells whether a concept is readable to its last element, as R4 defines it. */
const isReadable = (json: unknown): json is fhir4.CodeableConcept =>
  isObject(json) && misformIn(json, 'CodeableConcept', '') === undefined;

const hasCode = (concept: fhir4.CodeableConcept, wanted: { system: string; code: string }) =>
  objectsOf(concept.coding).some(
    (coding) => coding.system === wanted.system && coding.code === wanted.code,
  );

/** Tells what a Consent is about, by its scope and its categories. */
export function kindOf(consent: fhir4.Consent): ConsentKind {
  const { scope, category } = consent as { scope?: unknown; category?: unknown };
  const isMasked = '_scope' in consent || '_category' in consent;
  const concepts = Array.isArray(category) && category.every(isReadable) ? category : [];
  if (isMasked) return 'unknown';
  if (isReadable(scope) && isOtherScope(scope)) return 'other';
  if (concepts.length > 0 && concepts.every(isOtherCategory)) return 'other';
  const isPrivacy = isReadable(scope) && hasCode(scope, privacy);
  return isPrivacy && concepts.some((concept) => hasCode(concept, idscl))
    ? 'disclosure'
    : 'unknown';
}

function isOtherScope(scope: fhir4.CodeableConcept): boolean {
  const codings = objectsOf(scope.coding).filter((coding) => coding.system === privacy.system);
  return codings.length > 0 && codings.every((coding) => otherScopes.has(coding.code ?? ''));
}

const isOtherCategory = (concept: fhir4.CodeableConcept) => {
  const codings = objectsOf(concept.coding);
  return codings.length > 0 && codings.every(isOtherCode);
};

function isOtherCode({ system, code }: fhir4.Coding): boolean {
  if (typeof code !== 'string') return false;
  if (system === systems.loinc) return /^\d{1,7}-\d$/.test(code) && !anyConsent.has(code);
  return otherCategories.get(system ?? '')?.has(code) ?? false;
}

/**
 * Returns the element that holds a code of ours in other writing (`idscl`, or under another name of
 * its system). Such a code may mean the same as ours.
 */
export function miswrittenKind(consent: fhir4.Consent): Misform | undefined {
  if (isMiswritten([consent.scope], privacy))
    return { problem: 'value-set', path: 'Consent.scope' };
  return isMiswritten(objectsOf(consent.category), idscl)
    ? { problem: 'value-set', path: 'Consent.category' }
    : undefined;
}

function isMiswritten(
  concepts: readonly fhir4.CodeableConcept[],
  wanted: { system: string; code: string },
): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const codings = concepts.filter(isConcept).flatMap((concept) => objectsOf(concept.coding));
  if (codings.some((coding) => coding.system === wanted.system && coding.code === wanted.code))
    return false;
  return codings.some((coding) => plain(plainText(coding.code)) === plain(wanted.code));
}
