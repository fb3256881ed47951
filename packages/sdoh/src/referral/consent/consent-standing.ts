import type { fhir4 } from '@loopwell/fhir';
import { endOf, startOf } from '../../fhir-json/dates.ts';
import { omitUndefined } from '../../fhir-json/omit-undefined.ts';
import { kindOf } from './consent-kind.ts';
import type { ConsentPolicy } from './consent-policy.ts';
import type { ConsentsOnFile } from './consents-on-file.ts';
import {
  type ConsentAnswer,
  type ConsentDoubt,
  type ConsentQuestion,
  evaluateConsent,
} from './evaluate-consent.ts';
import { kindReference, partnerReference } from './recorded-consent.ts';

/**
 * How consent stands toward one recipient. The gate and the pages both use it, so that they cannot
 * differ.
 * DECISIONS D52.
 */
export type ConsentState = 'permits' | 'signed-no' | 'ran-out' | 'withdrawn' | 'none' | 'unclear';

export type ConsentStanding = {
  answer: ConsentAnswer;
  state: ConsentState;
  /** The Consent that says so; absent where there is none. */
  consent?: fhir4.Consent;
  doubt?: ConsentDoubt;
  /** True where a Consent permitted and has run out, without being taken back. */
  lapsed: boolean;
};

/** Whom consent is asked for: a partner, the names of its Organization, and the help it gives. */
type ConsentRecipient = {
  id: string;
  references?: readonly string[] | undefined;
  categories?: readonly string[] | undefined;
};

/** The person, the recipient, the EHR and the time that consent is asked for. */
export type ConsentAsk = {
  /** Our id of the person. */
  person: string;
  /** Id of the Patient in the EHR, and that EHR's base. */
  patient: string;
  base: string;
  /** Undefined: any recipient. */
  recipient: ConsentRecipient | undefined;
  now: Date;
  longestDays: number | undefined;
  sitePolicy: ConsentPolicy | undefined;
};

/**
 * Builds the question that Consents are evaluated by: whose consent, to whom, now, and under which
 * policies.
 */
export function consentQuestion(
  onFile: Pick<ConsentsOnFile, 'policies' | 'unreadable'> &
    Partial<Pick<ConsentsOnFile, 'recordedId' | 'scope' | 'excluded'>>,
  ask: ConsentAsk,
): ConsentQuestion {
  const { person, patient, base, recipient } = ask;
  const { policies, unreadable, recordedId, scope, excluded = [] } = onFile;
  const names = [`Patient/${person}`, `Patient/${patient}`, `${base}/Patient/${patient}`];
  const recipients = recipient ? namesOf(recipient) : [];
  const excludes = recipient !== undefined && excluded.includes(recipient.id);
  return omitUndefined<ConsentQuestion>({
    isPerson: (reference) => names.includes(reference ?? ''),
    isRecipient: (reference) => {
      const actor = reference?.reference ?? '';
      const isNamed =
        recipients.includes(actor) || recipients.includes(actor.replace(`${base}/`, ''));
      return recipient === undefined || isNamed;
    },
    now: ask.now,
    longestDays: ask.longestDays,
    sitePolicy: ask.sitePolicy,
    recordedPolicies: policies,
    unreadable,
    excludedBy: excludes ? recordedId : undefined,
    preferred: scope === undefined ? undefined : recordedId,
  });
}

/** Lists the references by which a Consent may name a partner. */
function namesOf({ id, references, categories = [] }: ConsentRecipient): string[] {
  return [
    ...(references ?? [`Organization/${id}`]),
    partnerReference(id),
    ...categories.map(kindReference),
  ];
}

/** Tells how consent stands toward one recipient, with the Consent that decides it. */
export function consentStanding(
  consents: readonly fhir4.Consent[],
  question: ConsentQuestion,
): ConsentStanding {
  const answer = evaluateConsent(consents, question);
  if (answer.kind === 'none')
    return { answer, ...standingWithout(consents, question, answer.doubt) };
  const consent = consents.find(({ id }) => id === answer.consentId);
  const standing = consent ? { answer, lapsed: false, consent } : { answer, lapsed: false };
  if (answer.kind === 'permit') return { ...standing, state: 'permits' };
  if (answer.kind === 'needs-person') return { ...standing, state: 'unclear', doubt: answer.doubt };
  return { ...standing, state: answer.by === 'no' ? 'signed-no' : 'withdrawn' };
}

/** Tells how consent stands where nothing permits: withdrawn, run out, unclear, or none. */
function standingWithout(
  consents: readonly fhir4.Consent[],
  question: ConsentQuestion,
  doubt: ConsentDoubt | undefined,
): Omit<ConsentStanding, 'answer'> {
  const [ranOut] = latestFirst(consents.filter((one) => hasLapsed(one, question)));
  const [ended] = latestFirst(consents.filter((one) => isEnded(one, question)));
  const lapsed = ranOut !== undefined;
  if (ended && signedOn(ended) >= (ranOut ? signedOn(ranOut) : 0))
    return { state: 'withdrawn', consent: ended, lapsed };
  if (ranOut && doubt?.problem !== 'policy-missing')
    return { state: 'ran-out', consent: ranOut, lapsed };
  if (!doubt) return { state: 'none', lapsed };
  const doubted = consents.find(({ id }) => id === doubt.consentId);
  return omitUndefined<Omit<ConsentStanding, 'answer'>>({
    state: 'unclear',
    lapsed,
    doubt,
    consent: doubted,
  });
}

const signedOn = (consent: fhir4.Consent) => endOf(consent.dateTime) ?? Number.POSITIVE_INFINITY;

const latestFirst = (consents: readonly fhir4.Consent[]) =>
  [...consents].sort((a, b) => signedOn(b) - signedOn(a));

const isEnded = (consent: fhir4.Consent, question: ConsentQuestion) =>
  consent.status === 'inactive' &&
  kindOf(consent) === 'disclosure' &&
  question.isPerson(consent.patient?.reference);

/**
 * Tells whether a Consent permitted on the day that it began, and is still active: only time has
 * passed.
 */
function hasLapsed(consent: fhir4.Consent, question: ConsentQuestion): boolean {
  const began = Math.max(
    startOf(consent.dateTime) ?? Number.NaN,
    startOf(consent.provision?.period?.start) ?? Number.NEGATIVE_INFINITY,
  );
  if (Number.isNaN(began) || began > question.now.getTime()) return false;
  const then = { ...question, now: new Date(began), unreadable: [] };
  return evaluateConsent([consent], then).kind === 'permit';
}
