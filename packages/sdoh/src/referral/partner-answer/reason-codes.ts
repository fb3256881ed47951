import { systems } from '@loopwell/fhir';
import { type Coding, snomedVersion } from '../../fhir-json/codings.ts';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { backported, codingsOf, type Loose, writtenIn } from './answer-words.ts';

/**
 * Reasons of ours that speak of the person and not of the partner: no other partner is asked on
 * them.
 */
export const personReasons = [
  'person-declined',
  'wrong-contact',
  'unable-to-reach',
  'did-not-come',
] as const;
export type PersonReason = (typeof personReasons)[number];

/** Reasons for which a partner gives a Task out of its hands after it had taken it. */
const handedReasons = ['handed-back', 'handed-over'] as const;
export type HandedReason = (typeof handedReasons)[number];

/** Reasons of ours that speak of the partner. The next one may be asked, or a person looks. */
const partnerReasons = [
  'outside-area',
  'outside-rules',
  'not-offered',
  'other',
  ...handedReasons,
] as const;

/**
 * Tells whether a system is that of our reasons. A missing system counts, too: then a person looks
 * where a machine would have asked the next partner.
 */
const isOurs = (system: unknown) =>
  system === undefined ||
  writtenIn(system)?.replace(/\/+$/, '').split('|')[0] === systems.declineReason;

/**
 * Returns the reason about the person that a partner gave as a code; undefined where it gave none.
 */
export function personReasonOf(body: unknown): PersonReason | undefined {
  const codings = isObject(body)
    ? codingsOf(body.statusReason ?? backported(body, 'statusReason'))
    : [];
  const ours = codings.filter(({ system }) => isOurs(system)).map(({ code }) => writtenIn(code));
  return personReasons.find((reason) => ours.includes(reason));
}

/** Returns the reason about the person among the codes of an answer that was read before. */
export function personReasonAmong(
  codes: readonly (Coding & { of?: string })[],
): PersonReason | undefined {
  const ours = codes.filter(({ of }) => of === undefined).map(({ code }) => code);
  return personReasons.find((reason) => ours.includes(reason));
}

/** Returns the reason among the codes of an answer for which a partner gave its Task away. */
export function handedAmong(codes: readonly Coding[]): HandedReason | undefined {
  const ours = codes.filter(({ system }) => system === systems.declineReason);
  return handedReasons.find((reason) => ours.some(({ code }) => code === reason));
}

/**
 * Returns the first of some reasons about the person that an answer gives as a code, as its status
 * reason or its business status.
 */
export const personReasonAnywhere = (
  codes: readonly Coding[],
  wanted: readonly PersonReason[],
): PersonReason | undefined =>
  wanted.find((reason) => codes.some(({ system, code }) => code === reason && isOurs(system)));

/** The form of a code by its system, for systems whose codes have one form that holds no words. */
const codeForms: Readonly<Record<string, RegExp>> = {
  [systems.snomed]: /^\d{6,18}$/,
  [systems.loinc]: /^(LA)?\d{1,7}-\d$/,
  [systems.icd10cm]: /^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$/,
  'http://www.ama-assn.org/go/cpt': /^\d{4}[0-9A-Z]$/,
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-Z]\d{4}$/,
  'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-Z]\d{4}$/,
  'http://www.cms.gov/Medicare/Coding/ICD10': /^[0-9A-HJ-NP-Z]{7}$/,
  'http://www.ada.org/cdt': /^D\d{4}$/,
};

/**
 * Codes of the guide's own code system by which a partner says how it stands. The list is closed,
 * since a code of that system may be any words.
 */
const guideReasons: readonly string[] = [
  ...[
    'no-capacity',
    'capacity',
    'waitlist',
    'additional-assessment-required',
    'contacting-subject-prohibited',
  ],
  ...['enrolled', 'not-enrolled', 'not-enrolled-on-waitlist'],
];

/**
 * Returns a coding of why a Task stands as it does, without words: a reason of ours, one of the
 * guide's, or a code of a public system; else nothing.
 */
export function reasonCoding(coding: Loose): Coding[] {
  const [system, code] = [writtenIn(coding.system), writtenIn(coding.code)];
  if (code === undefined) return [];
  if ((personReasons as readonly string[]).includes(code) && isOurs(system))
    return [{ system: systems.declineReason, code }];
  if (system === systems.declineReason && partnerReasons.some((reason) => reason === code))
    return [{ system, code }];
  if (system === systems.sdohcc) return guideReasons.includes(code) ? [{ system, code }] : [];
  return publicCoding(coding);
}

/**
 * Returns a coding without words: a code of a public system whose codes have one form; else
 * nothing, since a code of a private system may be any words. SNOMED CT's US extension is named by
 * its edition.
 */
export function publicCoding(coding: Loose): Coding[] {
  const [system, code] = [writtenIn(coding.system), writtenIn(coding.code)];
  if (code === undefined || system === undefined || !codeForms[system]?.test(code)) return [];
  const version = system === systems.snomed ? snomedVersion(code) : {};
  return [{ system, ...version, code }];
}
