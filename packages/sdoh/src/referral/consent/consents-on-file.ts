import { type fhir4, patientIdIn } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';
import type { ConsentPolicy } from './consent-policy.ts';
import type { ConsentScope } from './consent-scope.ts';
import { unreadWords, unshownWords } from './doubt-words.ts';
import { consentOfRecord, excludedIn, recordedConsentIn } from './recorded-consent.ts';

/**
 * A Consent that could not be kept: what came, as text, whose it is where that was told, and why.
 */
export type QuarantinedConsent = {
  id: string;
  person: string | null;
  body: string | null;
  code?: string;
};

/** The papers of a person that bear on consent, from any source. */
export type ConsentPapers = {
  /** Our id of the person. */
  person: string;
  patient: fhir4.Patient | undefined;
  base: string;
  /** The EHR's Consents of the person. */
  consents: readonly fhir4.Consent[];
  /** The consent that a reviewer recorded, as JSON text. */
  recorded: string | null;
  /** Consents of the person's EHR that could not be kept. */
  quarantined: readonly QuarantinedConsent[];
  /**
   * The person's Consents in the EHR are not read up to now, for a known reason: a later no may be
   * missing.
   */
  areUnread?: boolean;
  /** The person took every consent back: what was signed before that moment counts no more. */
  everythingWithdrawn?: { id: string; at: Date } | undefined;
};

/** The Consents that are judged: the same for the gate and for the page. */
export type ConsentsOnFile = {
  consents: fhir4.Consent[];
  policies: ConsentPolicy[];
  unreadable: string[];
  /**
   * True where the EHR holds a Consent that it cannot show: the person is unknown, and it may be a
   * no.
   */
  isOneUnshown: boolean;
  /** True where a later no in the EHR may be missing. */
  areUnread: boolean;
  /** Id of the consent that a reviewer recorded here. */
  recordedId: string | undefined;
  /** What that consent permits, where it says so. */
  scope: ConsentScope | undefined;
  /** Organization ids of partners that the person excluded; also once the consent has run out. */
  excluded: readonly string[];
};

const unshown = 'ehr-cannot-show';

/**
 * Gathers the Consents of a person that are judged: the EHR's, and what a reviewer recorded. Both
 * are judged by the same table. A Consent that could not be kept is listed, since it may be a no.
 */
export function consentsOnFile(papers: ConsentPapers): ConsentsOnFile {
  const recorded = recordedConsentIn(papers.recorded);
  const about = papers.quarantined.filter((consent) => mayBeAbout(consent, papers));
  const isUnshown = ({ code, person }: QuarantinedConsent) => code === unshown && person === null;
  const consents = [...papers.consents];
  if (recorded) consents.push(consentOfRecord(recorded, papers.person));
  if (papers.everythingWithdrawn) consents.push(withdrawalOf(papers.everythingWithdrawn, papers));
  return {
    consents,
    policies: recorded?.policy ? [recorded.policy] : [],
    unreadable: about.map(({ id }) => id),
    isOneUnshown: papers.quarantined.some(isUnshown),
    areUnread: papers.areUnread ?? false,
    recordedId: recorded?.id,
    scope: recorded?.permits,
    excluded: excludedIn(recorded),
  };
}

/** Builds the ending that takes back all Consents that were signed before it, whoever has them. */
function withdrawalOf({ id, at }: { id: string; at: Date }, { person }: ConsentPapers) {
  const dateTime = at.toISOString();
  return consentOfRecord({ id, dateTime, withdrawn: true, withdrawnAt: dateTime }, person);
}

/**
 * Tells why nothing goes out on a Consent that permits; undefined where it may. It takes nothing
 * back. A consent that a reviewer recorded here does not depend on what the EHR has, so that it
 * counts while the EHR's cannot be read.
 */
export function whyNotYet(
  { isOneUnshown, areUnread, recordedId }: Omit<ConsentsOnFile, 'consents' | 'scope' | 'excluded'>,
  consentId: string | undefined,
) {
  if (isOneUnshown) return unshownWords;
  return areUnread && (consentId === undefined || consentId !== recordedId)
    ? unreadWords
    : undefined;
}

/**
 * Tells whether a quarantined Consent may be this person's: it names the person anywhere, by a
 * reference or an identifier, or is a later version of a Consent of the person's. The same id at
 * another address counts: exports name their own server in ways that we cannot tell from another
 * one, and a no may not be missed.
 */
function mayBeAbout({ id, person, body }: QuarantinedConsent, papers: ConsentPapers): boolean {
  if (person === papers.person || papers.consents.some((consent) => consent.id === id)) return true;
  const patient = papers.patient?.id;
  if (body === null || patient === undefined) return false;
  return namesAny(parsed(body), patient, objectsOf(papers.patient?.identifier));
}

/**
 * Tells whether a part has the identifier's value, under the same system or where either names
 * none.
 */
function hasIdentifier(part: Record<string, unknown>, identifier: fhir4.Identifier): boolean {
  const number = textOf(part.value)?.trim();
  if (number === undefined || number !== textOf(identifier.value)?.trim()) return false;
  const isAnySystem = textOf(part.system) === undefined || textOf(identifier.system) === undefined;
  return isAnySystem || part.system === identifier.system;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * Tells whether JSON names a patient anywhere, by reference or identifier. It is a loop, since what
 * could not be kept may be nested to any depth.
 */
function namesAny(
  root: unknown,
  patient: string,
  identifiers: readonly fhir4.Identifier[],
): boolean {
  const open = [root];
  while (open.length > 0) {
    const part = open.pop();
    if (Array.isArray(part)) for (const member of part) open.push(member);
    if (!isObject(part)) continue;
    if (typeof part.reference === 'string' && patientIdIn(part.reference) === patient) return true;
    if (identifiers.some((identifier) => hasIdentifier(part, identifier))) return true;
    for (const member of Object.values(part)) open.push(member);
  }
  return false;
}
