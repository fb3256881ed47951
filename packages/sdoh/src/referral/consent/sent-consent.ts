import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../../fhir-json/dates.ts';
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
