import { type fhir4, parseReference } from '@loopwell/fhir';
import { contains, endOf, startOf } from '../../fhir-json/dates.ts';
import { isObject, objectsOf } from '../../fhir-json/tolerant-readers.ts';
import { matchActors } from './actors.ts';
import { kindOf, miswrittenKind } from './consent-kind.ts';
import { type ConsentPolicy, policyProblemOf, refusalIn } from './consent-policy.ts';
import { type MisformProblem, misformIn, misformOf } from './r4-form.ts';
import { overtakes, unversioned } from './same-discloser.ts';

/**
 * What consents are evaluated by: the person, the recipient, the time, and the policies that count.
 */
export type ConsentQuestion = {
  /** True when a reference names our person. */
  isPerson: (reference: string | undefined) => boolean;
  /** True when a reference names the recipient's Organization; for any recipient always true. */
  isRecipient: (reference: fhir4.Reference | undefined) => boolean;
  now: Date;
  /**
   * A consent counts for at most this many days from its signature; undefined: no limit of the
   * site's.
   */
  longestDays: number | undefined;
  /**
   * The policy that the site has named for its forms: it permits, and stands in where a Consent
   * names none.
   */
  sitePolicy?: ConsentPolicy | undefined;
  /** Policies under which consents were recorded here: they permit, too. */
  recordedPolicies?: readonly ConsentPolicy[];
  /** Ids of Consents that may be this person's and could not be kept at all. */
  unreadable?: readonly string[];
  /** Id of a recorded consent in which the person excluded the recipient by name. */
  excludedBy?: string | undefined;
  /** Id of the recorded consent that says what may be read. It counts before any other permit. */
  preferred?: string | undefined;
};

/** Why a Consent does not permit as it stands, with the element that says so. */
export type ConsentDoubt = {
  consentId: string;
  problem:
    | MisformProblem
    | 'unreadable'
    | 'not-evaluated'
    | 'actor'
    | 'period'
    | 'policy'
    | 'policy-missing'
    | 'not-verified'
    | 'kind'
    | 'no-of-unknown-kind';
  path: string;
};

/** What the Consents of a person say, with the Consent that decides it. */
export type ConsentAnswer =
  | { kind: 'permit'; consentId: string; version: string; until?: string }
  /** A signed no, or a permit that a newer ending has taken back. */
  | { kind: 'denied'; by: 'no' | 'ending'; consentId: string }
  /** `doubt`: one that would have to be explained before it could permit anything. */
  | { kind: 'none'; doubt?: ConsentDoubt }
  /** Something in it cannot be read or is not evaluated: a person has to look. */
  | { kind: 'needs-person'; consentId: string; doubt: ConsentDoubt };

type Doubt = Omit<ConsentDoubt, 'consentId'>;

/**
 * How one Consent bears on the question. `doubtful` permits nothing and closes nothing; `unclear`
 * may be a no.
 */
type Reading =
  | { kind: 'permit' | 'deny' | 'ending' | 'nothing' }
  | { kind: 'unclear' | 'doubtful'; doubt: Doubt };

type Read = { consent: fhir4.Consent; reading: Reading };

/**
 * Answers whether information may be disclosed to this recipient. A permit is a Consent that R4
 * defines to its last element, active, `patient-privacy`, IDSCL, of the same person, under a policy
 * that permits, verified where it says so, signed not in the future, its provision permitting (or
 * silent), now in its period, the recipient among its actors (or none named). A matching deny wins,
 * and so does a newer inactive or rejected consent of the same discloser.
 *
 * Where the answer hangs on something unclear, the careful side is taken: a deny counts whenever it
 * was signed, an ending counts when it may be the newer one, and what cannot be read may be a no:
 * it waits for a person even beside a clear permit. A recipient that the person excluded by name is
 * denied, whatever else permits. Never throws, whatever the shape of what was pulled.
 */
export function evaluateConsent(
  consents: readonly fhir4.Consent[],
  question: ConsentQuestion,
): ConsentAnswer {
  const read = ownConsents(consents, question).map((consent) => ({
    consent,
    reading: readConsent(consent, question),
  }));
  const { excludedBy } = question;
  if (excludedBy !== undefined) return { kind: 'denied', by: 'no', consentId: excludedBy };
  const refusal = ofKind(read, 'deny')[0];
  if (refusal) return { kind: 'denied', by: 'no', consentId: idOf(refusal) };
  const unread = (question.unreadable ?? []).map(
    (id): ConsentDoubt => ({ consentId: id, problem: 'unreadable', path: 'Consent' }),
  );
  const [doubt] = [...doubtsOf(read, 'unclear'), ...unread];
  if (doubt) return { kind: 'needs-person', consentId: doubt.consentId, doubt };
  return choosePermit(read, question) ?? withoutPermit(read);
}

/**
 * Chooses the preferred permit, else the one that lasts longest; where a newer ending overtakes
 * every one, that is a no.
 */
function choosePermit(read: readonly Read[], question: ConsentQuestion): ConsentAnswer | undefined {
  const valid = ofKind(read, 'permit').flatMap((consent) => permitOf(consent, question));
  const ended = ofKind(read, 'ending');
  const endingOf = ({ consent }: { consent: fhir4.Consent }) =>
    ended.find((ending) => overtakes(ending, consent));
  const standing = valid.filter((one) => endingOf(one) === undefined);
  const permits = standing.map(({ permit }) => permit).sort(byLongest);
  const best = permits.find(({ consentId }) => consentId === question.preferred) ?? permits[0];
  if (best) return best;
  const [taken] = valid;
  if (!taken) return undefined;
  return { kind: 'denied', by: 'ending', consentId: idOf(endingOf(taken) ?? taken.consent) };
}

/**
 * Returns the answer where nothing permits. Of several doubts, the one that a policy of the site
 * would dispel comes first.
 */
function withoutPermit(read: readonly Read[]): ConsentAnswer {
  const [doubt] = doubtsOf(read, 'doubtful').sort((a, b) => rankOf(a) - rankOf(b));
  return doubt ? { kind: 'none', doubt } : { kind: 'none' };
}

const ofKind = (read: readonly Read[], kind: Reading['kind']): fhir4.Consent[] =>
  read.filter(({ reading }) => reading.kind === kind).map(({ consent }) => consent);

const idOf = ({ id }: fhir4.Consent): string => (typeof id === 'string' ? id : '');

const rankOf = ({ problem }: ConsentDoubt) => (problem === 'policy-missing' ? 0 : 1);

function doubtsOf(read: readonly Read[], kind: 'unclear' | 'doubtful'): ConsentDoubt[] {
  return read.flatMap(({ consent, reading }) =>
    reading.kind === kind ? [{ consentId: idOf(consent), ...reading.doubt }] : [],
  );
}

/**
 * Lists Consents of this person that may be about disclosing. One that does not say readably whose
 * it is may be this person's.
 */
function ownConsents(
  consents: readonly fhir4.Consent[],
  question: ConsentQuestion,
): fhir4.Consent[] {
  return objectsOf(consents).filter((consent) => {
    const reference = isObject(consent.patient)
      ? unversioned(consent.patient.reference)
      : undefined;
    const isReadable = reference !== undefined && parseReference(reference)?.type === 'Patient';
    return (!isReadable || question.isPerson(reference)) && kindOf(consent) !== 'other';
  });
}

type Permit = Extract<ConsentAnswer, { kind: 'permit' }>;

const byLongest = (a: Permit, b: Permit) =>
  (b.until ?? '9999').localeCompare(a.until ?? '9999') || (a.consentId < b.consentId ? -1 : 1);

const nothing: Reading = { kind: 'nothing' };
const unclear = (problem: Doubt['problem'], path: string): Reading => ({
  kind: 'unclear',
  doubt: { problem, path },
});
const doubtful = (problem: Doubt['problem'], path: string): Reading => ({
  kind: 'doubtful',
  doubt: { problem, path },
});

/** Statuses in which a Consent is not in force. */
const notInForce = new Set(['draft', 'proposed', 'entered-in-error']);
const endings = new Set(['inactive', 'rejected']);

function readConsent(consent: fhir4.Consent, question: ConsentQuestion): Reading {
  if (isStatusSure(consent) && notInForce.has(consent.status)) return nothing;
  if (isStatusSure(consent) && endings.has(consent.status))
    return isUnknownButReadable(consent) ? nothing : { kind: 'ending' };
  const misform = misformOf(consent, 'Consent') ?? miswrittenKind(consent);
  if (misform) return unclear(misform.problem, misform.path);
  if (!question.isPerson(unversioned(consent.patient?.reference)))
    return unclear('form', 'Consent.patient');
  return kindOf(consent) === 'unknown'
    ? readUnknownKind(consent, question)
    : readDisclosure(consent, question);
}

/**
 * Tells whether a Consent's status holds: no modifier of the whole, no unknown rules, not masked.
 */
function isStatusSure(consent: fhir4.Consent): boolean {
  const { implicitRules, _implicitRules, modifierExtension, _status } =
    consent as unknown as Record<string, unknown>;
  const hasModifier =
    modifierExtension !== undefined &&
    !(Array.isArray(modifierExtension) && modifierExtension.length === 0);
  const isMasked = _status !== undefined && misformIn(_status, 'Sibling', '') !== undefined;
  return implicitRules === undefined && _implicitRules === undefined && !hasModifier && !isMasked;
}

/**
 * Tells whether a Consent is readable and of an unknown kind. Its ending ends nothing; one whose
 * kind cannot be read may.
 */
const isUnknownButReadable = (consent: fhir4.Consent) =>
  kindOf(consent) === 'unknown' &&
  misformOf(consent, 'Consent') === undefined &&
  !miswrittenKind(consent);

/** Reads a signed form of an unknown kind: it permits nothing. Its no may be about disclosing. */
function readUnknownKind(consent: fhir4.Consent, question: ConsentQuestion): Reading {
  const { type, period } = consent.provision ?? {};
  if (period && isPast(period, question)) return nothing;
  const refusal = refusalIn(consent);
  if (refusal !== undefined) return unclear('no-of-unknown-kind', refusal);
  return type === 'deny'
    ? unclear('no-of-unknown-kind', 'Consent.category')
    : doubtful('kind', 'Consent.category');
}

const isPast = (period: fhir4.Period, { now }: ConsentQuestion) =>
  (endOf(period.end) ?? Number.POSITIVE_INFINITY) < now.getTime();

function readDisclosure(consent: fhir4.Consent, question: ConsentQuestion): Reading {
  const actors = matchActors(consent.provision, question.isRecipient);
  const { type, period } = consent.provision ?? {};
  if (period && isInverted(period)) return unclear('period', 'Consent.provision.period');
  if (actors === 'others' || (period && !contains(period, question.now.getTime()))) return nothing;
  if (actors === 'unclear') return unclear('actor', 'Consent.provision.actor');
  const unevaluated = unevaluatedOf(consent);
  if (unevaluated !== undefined)
    return unclear('not-evaluated', `Consent.provision.${unevaluated}`);
  if (type === 'deny') return { kind: 'deny' };
  const signed = startOf(consent.dateTime);
  if (signed === undefined) return unclear('missing', 'Consent.dateTime');
  // A Consent named as a refusal counts whenever it was signed, as a no does.
  return signed > question.now.getTime() && refusalIn(consent) === undefined
    ? nothing
    : readPolicy(consent, question);
}

const isInverted = ({ start, end }: fhir4.Period) =>
  (endOf(end) ?? Number.POSITIVE_INFINITY) < (startOf(start) ?? 0);

function readPolicy(consent: fhir4.Consent, question: ConsentQuestion): Reading {
  if (objectsOf(consent.verification).some((one) => one.verified !== true))
    return unclear('not-verified', 'Consent.verification.verified');
  const refusal = refusalIn(consent);
  if (refusal !== undefined) return unclear('policy', refusal);
  const problem = policyProblemOf(consent, question.sitePolicy, question.recordedPolicies ?? []);
  if (problem === 'policy')
    return unclear('policy', consent.policyRule ? 'Consent.policyRule' : 'Consent.policy');
  // The policy of a Consent that has run out does not matter any more.
  if (problem === 'missing' && permitOf(consent, question).length > 0)
    return doubtful('policy-missing', 'Consent.policyRule');
  return problem === 'missing' ? nothing : { kind: 'permit' };
}

const evaluated = new Set(['id', 'extension', 'type', 'period', 'actor']);

/**
 * Finds the first element of a provision that is not evaluated here; it may limit the permission.
 */
function unevaluatedOf(consent: fhir4.Consent): string | undefined {
  const provision: Record<string, unknown> = { ...consent.provision };
  const isEmptyList = (json: unknown) => Array.isArray(json) && json.length === 0;
  return Object.keys(provision).find(
    (key) => !evaluated.has(key) && !key.startsWith('_') && !isEmptyList(provision[key]),
  );
}

/** The last instant that a JavaScript date can hold, in ms; no later limit is written. */
const lastDay = 8.64e15;

function permitOf(
  consent: fhir4.Consent,
  { now, longestDays }: ConsentQuestion,
): { consent: fhir4.Consent; permit: Permit }[] {
  const longestMs = longestDays === undefined ? Number.POSITIVE_INFINITY : longestDays * 86_400_000;
  const until = Math.min(
    endOf(consent.provision?.period?.end) ?? Number.POSITIVE_INFINITY,
    (startOf(consent.dateTime) ?? 0) + longestMs,
  );
  if (until < now.getTime()) return [];
  const version = consent.meta?.versionId ?? consent.dateTime ?? '';
  const permit: Permit = { kind: 'permit', consentId: consent.id ?? '', version };
  if (until <= lastDay) permit.until = new Date(until).toISOString();
  return [{ consent, permit }];
}
