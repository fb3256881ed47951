import type { fhir4 } from '@loopwell/fhir';
import { endOf, startOf } from '../../fhir-json/dates.ts';
import { objectsOf } from '../../fhir-json/tolerant-readers.ts';
import { consentStanding } from './consent-standing.ts';
import { type ConsentQuestion, evaluateConsent } from './evaluate-consent.ts';

/**
 * What became of the Consent under which a Task went. `ended`: taken back, gone from this person's
 * record, or naming others now. `since`: a permit that was signed later renews it.
 */
export type SentConsent = { state: 'stands' | 'lapsed' | 'unclear' | 'ended'; since: number };

/**
 * Tells what became of the Consent under which a Task went, by its own words alone. Of all else on
 * file, only a later ending counts: nothing else can take its place or excuse it.
 */
export function sentConsent(
  consents: readonly fhir4.Consent[],
  question: ConsentQuestion,
  sent: { consentId: string; decidedAt: Date },
): SentConsent {
  const consent = consents.find((one) => one.id === sent.consentId);
  const since = startOf(consent?.dateTime) ?? sent.decidedAt.getTime();
  if (question.unreadable?.includes(sent.consentId)) return { state: 'unclear', since };
  if (!consent) return { state: 'ended', since };
  const alone = { ...question, unreadable: [] };
  const { answer, lapsed } = consentStanding([consent], alone);
  if (answer.kind === 'permit') return { state: 'stands', since };
  if (answer.kind === 'needs-person' || (answer.kind === 'none' && answer.doubt))
    return { state: 'unclear', since };
  return {
    state: lapsed && !isTakenBackLater(consent, consents, alone) ? 'lapsed' : 'ended',
    since,
  };
}

/**
 * Tells whether a later ending took a lapsed Consent back: judged on the day that it began, it
 * permits alone and not beside the endings.
 */
function isTakenBackLater(
  consent: fhir4.Consent,
  consents: readonly fhir4.Consent[],
  question: ConsentQuestion,
): boolean {
  const began = Math.max(
    startOf(consent.dateTime) ?? 0,
    startOf(consent.provision?.period?.start) ?? 0,
  );
  const endings = consents.filter((one) => one !== consent && one.status !== 'active');
  return (
    evaluateConsent([consent, ...endings], { ...question, now: new Date(began) }).kind !== 'permit'
  );
}

const dayMs = 86_400_000;

/**
 * Lists the instants after `now` from which Consents may say something else although nobody changes
 * them, the earliest first: one begins, is signed, or runs out.
 *
 * @param longestDays the most days that a Consent counts from its signature; undefined for no limit
 */
export function consentChangesAfter(
  consents: readonly fhir4.Consent[],
  now: Date,
  longestDays: number | undefined,
): Date[] {
  const instants = objectsOf(consents).flatMap((consent) => {
    const { period } = consent.provision ?? {};
    const signed = startOf(consent.dateTime);
    const latest =
      signed === undefined || longestDays === undefined ? undefined : signed + longestDays * dayMs;
    return [signed, startOf(period?.start), after(endOf(period?.end)), after(latest)];
  });
  const later = instants.filter((instant) => instant !== undefined && instant > now.getTime());
  return [...new Set(later)]
    .map((instant) => new Date(instant ?? Number.NaN))
    .filter((date) => !Number.isNaN(date.getTime()))
    .sort((a, b) => a.getTime() - b.getTime());
}

/** Returns the first instant at which something has run out that counts up to an instant. */
const after = (instant: number | undefined): number | undefined =>
  instant === undefined ? undefined : instant + 1;
