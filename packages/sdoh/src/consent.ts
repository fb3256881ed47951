import { type fhir4, systems } from '@loopwell/fhir';
import { contains, endOf, startOf } from './dates.ts';

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

/**
 * May this be disclosed to this recipient? A permit is active, `patient-privacy`, IDSCL, of the same person, signed not
 * in the future, its provision permitting (or silent), now in its period, the recipient among its actors (or none
 * named). A matching deny wins, and so does a newer inactive or rejected consent of the same discloser.
 */
export function evaluateConsent(consents: readonly fhir4.Consent[], question: ConsentQuestion): ConsentAnswer {
  const own = consents.filter((one) => isDisclosure(one) && question.isPerson(one.patient?.reference));
  const standing = own.filter((one) => one.status === 'active' && applies(one, question));
  const unclear = standing.find(hasUnevaluated);
  if (standing.some((one) => one.provision?.type === 'deny' && !hasUnevaluated(one))) return { kind: 'denied' };
  const permits = standing.filter((one) => one.provision?.type !== 'deny' && !hasUnevaluated(one) && !isOvertaken(one, own));
  const valid = permits.flatMap((one) => permitOf(one, question));
  const [best] = valid.sort((a, b) => (b.until ?? '9999').localeCompare(a.until ?? '9999') || a.consentId.localeCompare(b.consentId));
  if (unclear) return { kind: 'needs-person', consentId: unclear.id ?? '' };
  if (best) return best;
  return permits.length === 0 && own.some((one) => isOvertaken(one, own)) ? { kind: 'denied' } : { kind: 'none' };
}

const hasCode = (concept: fhir4.CodeableConcept | undefined, system: string, code: string) =>
  (concept?.coding ?? []).some((one) => one.system === system && one.code === code);

function isDisclosure(consent: fhir4.Consent): boolean {
  return (
    hasCode(consent.scope, systems.consentScope, 'patient-privacy') &&
    (consent.category ?? []).some((one) => hasCode(one, systems.actCode, 'IDSCL'))
  );
}

/** Signed, in its period, and meant for this recipient. */
function applies(consent: fhir4.Consent, { now, isRecipient }: ConsentQuestion): boolean {
  const signed = startOf(consent.dateTime);
  if (signed === undefined || signed > now.getTime()) return false;
  const { period, actor } = consent.provision ?? {};
  if (period && !contains(period, now.getTime())) return false;
  return actor === undefined || actor.length === 0 || actor.some((one) => isRecipient(one.reference));
}

/** What a consent may say beyond the table; whoever said it meant something that we must not overlook. */
function hasUnevaluated(consent: fhir4.Consent): boolean {
  const provision: Record<string, unknown> = { ...consent.provision };
  const unknown = ['provision', 'data', 'purpose', 'securityLabel', 'action', 'class', 'code', 'dataPeriod', 'modifierExtension'];
  if (unknown.some((key) => provision[key] !== undefined) || consent.modifierExtension !== undefined) return true;
  return (consent.provision?.actor ?? []).some((one) => one.modifierExtension !== undefined);
}

const discloserOf = (consent: fhir4.Consent) => consent.organization?.[0]?.reference ?? '';

function isOvertaken(consent: fhir4.Consent, own: readonly fhir4.Consent[]): boolean {
  const signed = startOf(consent.dateTime) ?? 0;
  return own.some(
    (other) =>
      (other.status === 'inactive' || other.status === 'rejected') &&
      discloserOf(other) === discloserOf(consent) &&
      (startOf(other.dateTime) ?? Number.NEGATIVE_INFINITY) > signed,
  );
}

function permitOf(consent: fhir4.Consent, { now, longestDays }: ConsentQuestion): Extract<ConsentAnswer, { kind: 'permit' }>[] {
  const signed = startOf(consent.dateTime) ?? 0;
  const limits = [endOf(consent.provision?.period?.end), longestDays === undefined ? undefined : signed + longestDays * 86_400_000];
  const until = Math.min(...limits.map((one) => one ?? Number.POSITIVE_INFINITY));
  if (until < now.getTime()) return [];
  const version = consent.meta?.versionId ?? consent.dateTime ?? '';
  return [
    {
      kind: 'permit',
      consentId: consent.id ?? '',
      version,
      ...(Number.isFinite(until) ? { until: new Date(until).toISOString() } : {}),
    },
  ];
}
