import { type fhir4, parseReference, systems } from '@loopwell/fhir';
import { contains, endOf, startOf } from './dates.ts';
import { isListOfObjects, isObject, objectsOf } from './shapes.ts';

export type ConsentQuestion = {
  /** True when a reference names our person. */
  isPerson: (reference: string | undefined) => boolean;
  /** True when a reference names the recipient's Organization. Any recipient: a function that says true. */
  isRecipient: (reference: fhir4.Reference | undefined) => boolean;
  now: Date;
  /** A consent counts for at most this many days from its signature; undefined: no limit of the site's. */
  longestDays: number | undefined;
};

export type ConsentAnswer =
  | { kind: 'permit'; consentId: string; version: string; until?: string }
  | { kind: 'denied' }
  | { kind: 'none' }
  /** Something in it is not evaluated: a person has to look. */
  | { kind: 'needs-person'; consentId: string };

/** How one Consent bears on the question. */
type Reading = 'permit' | 'deny' | 'unclear' | 'nothing';

/**
 * May this be disclosed to this recipient? A permit is active, `patient-privacy`, IDSCL, of the same person, signed not
 * in the future, its provision permitting (or silent), now in its period, the recipient among its actors (or none
 * named). A matching deny wins, and so does a newer inactive or rejected consent of the same discloser.
 *
 * Where the answer hangs on something unclear, the careful side is taken: a deny counts whenever it was signed, an
 * ending counts when it may be the newer one, and what is not evaluated waits for a person even beside a clear permit.
 * Never throws, whatever the shape of what was pulled.
 */
export function evaluateConsent(consents: readonly fhir4.Consent[], question: ConsentQuestion): ConsentAnswer {
  const own = objectsOf(consents).filter((one) => question.isPerson(unversioned(one.patient?.reference)) && !isOtherKind(one));
  const read = own.map((consent) => ({ consent, reading: readConsent(consent, question) }));
  if (read.some((one) => one.reading === 'deny')) return { kind: 'denied' };
  const unclear = read.find((one) => one.reading === 'unclear');
  if (unclear) return { kind: 'needs-person', consentId: unclear.consent.id ?? '' };
  const valid = read.filter((one) => one.reading === 'permit').flatMap(({ consent }) => permitOf(consent, question));
  const standing = valid.filter(({ consent }) => !own.some((other) => overtakes(other, consent)));
  const [best] = standing.map((one) => one.permit).sort(byLongest);
  if (best) return best;
  return valid.length > 0 ? { kind: 'denied' } : { kind: 'none' };
}

type Permit = Extract<ConsentAnswer, { kind: 'permit' }>;

const byLongest = (a: Permit, b: Permit) => (b.until ?? '9999').localeCompare(a.until ?? '9999') || (a.consentId < b.consentId ? -1 : 1);

const unversioned = (reference: unknown): string | undefined =>
  typeof reference === 'string' ? reference.replace(/\/_history\/[^/]+$/, '') : undefined;

const isConcept = (value: unknown): boolean => isObject(value) && isListOfObjects(value.coding);

const hasCode = (concept: fhir4.CodeableConcept | undefined, system: string, code: string) =>
  objectsOf(concept?.coding).some((one) => one.system === system && one.code === code);

/** Readably about something else than disclosing this person's information: it neither permits nor denies. */
function isOtherKind(consent: fhir4.Consent): boolean {
  const { scope, category } = consent as { scope?: unknown; category?: unknown };
  if (isConcept(scope) && !hasCode(consent.scope, systems.consentScope, 'patient-privacy')) return true;
  if (scope === undefined || category === undefined) return true;
  if (!Array.isArray(category) || !category.every(isConcept)) return false;
  return !objectsOf(consent.category).some((one) => hasCode(one, systems.actCode, 'IDSCL'));
}

function readConsent(consent: fhir4.Consent, question: ConsentQuestion): Reading {
  if (consent.status !== 'active') return 'nothing';
  if (changesMeaning(consent) || !isWellFormed(consent)) return 'unclear';
  const actors = matchActors(consent, question);
  const { type, period } = consent.provision ?? {};
  if (actors === 'others' || (period && !contains(period, question.now.getTime()))) return 'nothing';
  if (actors === 'unclear' || hasUnevaluated(consent)) return 'unclear';
  if (type === 'deny') return 'deny';
  if (type !== undefined && type !== 'permit') return 'unclear';
  const signed = startOf(consent.dateTime);
  if (signed === undefined) return 'unclear';
  return signed > question.now.getTime() ? 'nothing' : 'permit';
}

/**
 * A modifier, wherever it stands, may turn the meaning of what is around it; `implicitRules` of the whole. Then no other
 * element can be believed. The walk is a loop, for the nesting is as deep as whoever wrote it liked.
 */
function changesMeaning(consent: fhir4.Consent): boolean {
  if (consent.implicitRules !== undefined) return true;
  const open: unknown[] = [consent];
  while (open.length > 0) {
    const one = open.pop();
    if (Array.isArray(one)) {
      for (const member of one) open.push(member);
    } else if (isObject(one)) {
      const { modifierExtension, ...rest } = one;
      if (Array.isArray(modifierExtension) ? modifierExtension.length > 0 : modifierExtension !== undefined) return true;
      for (const member of Object.values(rest)) open.push(member);
    }
  }
  return false;
}

/** Everything that the table looks at has the shape that R4 gives it, and dates are dates. */
function isWellFormed(consent: fhir4.Consent): boolean {
  const { scope, category, dateTime, provision } = consent as unknown as Record<string, unknown>;
  if (!isConcept(scope) || !Array.isArray(category) || !category.every(isConcept)) return false;
  if (dateTime !== undefined && startOf(dateTime) === undefined) return false;
  if (provision === undefined) return true;
  if (!isObject(provision) || !isListOfObjects(provision.actor)) return false;
  const { period, actor } = provision;
  if (Array.isArray(actor) && actor.length === 0) return false;
  if (period === undefined) return true;
  if (!isObject(period)) return false;
  return [period.start, period.end].every((one) => one === undefined || startOf(one) !== undefined);
}

/** Actors that only an identifier or a display names cannot be told apart from the recipient. */
function matchActors(consent: fhir4.Consent, { isRecipient }: ConsentQuestion): 'matching' | 'others' | 'unclear' {
  const actors = consent.provision?.actor;
  if (actors === undefined) return 'matching';
  const references = actors.map((one) => (isObject(one.reference) ? (one.reference as fhir4.Reference) : undefined));
  const named = references.map((one) => unversioned(one?.reference));
  if (named.some((reference, index) => reference !== undefined && isRecipient({ ...references[index], reference }))) return 'matching';
  return named.every((one) => one !== undefined && parseReference(one) !== undefined) ? 'others' : 'unclear';
}

const evaluated = new Set(['id', 'extension', 'type', 'period', 'actor']);

/** What a provision may say beyond the table; whoever said it meant something that we must not overlook. */
function hasUnevaluated(consent: fhir4.Consent): boolean {
  const provision: Record<string, unknown> = { ...consent.provision };
  return Object.entries(provision).some(([key, value]) => !evaluated.has(key) && !(Array.isArray(value) && value.length === 0));
}

/** A newer ending of the same discloser; one whose date or discloser is unknown may be just that. */
function overtakes(other: fhir4.Consent, consent: fhir4.Consent): boolean {
  if (other.status !== 'inactive' && other.status !== 'rejected') return false;
  const ended = endOf(other.dateTime) ?? Number.POSITIVE_INFINITY;
  return ended > (startOf(consent.dateTime) ?? 0) && maybeSame(disclosersOf(other), disclosersOf(consent));
}

type Named = { reference: string | undefined; identifier: string | undefined };

function disclosersOf(consent: fhir4.Consent): Named[] {
  return objectsOf(consent.organization).map((one) => ({
    reference: unversioned(one.reference),
    identifier: isObject(one.identifier) ? JSON.stringify([one.identifier.system, one.identifier.value]) : undefined,
  }));
}

function maybeSame(some: readonly Named[], others: readonly Named[]): boolean {
  if (some.length === 0 || others.length === 0) return true;
  return some.some((a) => others.some((b) => isSameOrganization(a, b)));
}

function isSameOrganization(a: Named, b: Named): boolean {
  if (a.reference === undefined || b.reference === undefined)
    return a.identifier === undefined || b.identifier === undefined || a.identifier === b.identifier;
  if (a.reference === b.reference) return true;
  const [left, right] = [parseReference(a.reference), parseReference(b.reference)];
  // A relative reference and an absolute one with the same id are the same on the server that both come from.
  return (
    left !== undefined &&
    right !== undefined &&
    left.type === right.type &&
    left.id === right.id &&
    (left.base === undefined || right.base === undefined)
  );
}

/** The last instant that a JavaScript date can hold; beyond it there is no limit worth writing. */
const lastDay = 8.64e15;

function permitOf(consent: fhir4.Consent, { now, longestDays }: ConsentQuestion): { consent: fhir4.Consent; permit: Permit }[] {
  const signed = startOf(consent.dateTime) ?? 0;
  const limits = [endOf(consent.provision?.period?.end), longestDays === undefined ? undefined : signed + longestDays * 86_400_000];
  const until = Math.min(...limits.map((one) => one ?? Number.POSITIVE_INFINITY));
  if (until < now.getTime()) return [];
  const version = consent.meta?.versionId ?? consent.dateTime ?? '';
  const limit = until <= lastDay ? { until: new Date(until).toISOString() } : {};
  return [{ consent, permit: { kind: 'permit', consentId: consent.id ?? '', version, ...limit } }];
}
