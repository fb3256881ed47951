import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import {
  type ConsentStanding,
  type ConsentState,
  doubtWords,
  endOf,
  type RecordedConsent,
} from '@loopwell/sdoh';

/** The state of consent for one referral, by the same function as the gate's. */
export type ConsentView = {
  /** `permits-others`: a consent counts, but for no partner that could be asked. */
  state: ConsentState | 'permits-others';
  signed: string | null;
  until: string | null;
  /** A partner's id, or `any`; null if no consent says. */
  recipient: string | null;
  /** The words on the form. They limit nothing. */
  scope: string | null;
  askedBy: string | null;
  recordedBy: string | null;
  /** `system|code`, words, or an address. */
  policy: string | null;
  /** For `unclear`: a sentence that names the element. */
  why: string | null;
  /** What a consent says that was recorded whole. */
  whole?: WholeConsent;
  /**
   * Partners for this help that the person keeps out or does not want, whatever a consent says.
   */
  keptOut?: string[];
  /** No partner is left that helps with this and that the person does not keep out. */
  nobodyLeft?: true;
  /** When the person took every consent back, which only a later signature reverses. */
  everythingTakenBackAt?: string;
};

/** Who signed a consent, how, and what it permits. */
export type WholeConsent = Pick<
  RecordedConsent,
  'signer' | 'authority' | 'method' | 'document' | 'householdSize' | 'spokenPolicyBy'
> & {
  places?: string[];
  kind?: string;
  except: string[];
  elements: string[];
  partTwo?: boolean;
};

/** A partner, how consent stands toward it, and whether a consent has to name it and does not. */
export type Candidate = {
  standing: ConsentStanding;
  /** What the gate answers for this partner. */
  answer: ConsentStanding['answer'];
  partner: string | undefined;
  /** The need rests on Part 2 data, and the consent does not name this partner for it. */
  isMissingName: boolean;
  /** The consent counts, and leaves this partner out. */
  isLeftOut?: boolean;
};

/** What is shown where there is nothing to show. */
export const nothing: ConsentView = {
  state: 'none',
  signed: null,
  until: null,
  recipient: null,
  scope: null,
  askedBy: null,
  recordedBy: null,
  policy: null,
  why: null,
};

/** Shows how consent stands toward one partner. */
export function viewOf(
  candidate: Candidate | undefined,
  recorded: RecordedConsent | undefined,
): ConsentView {
  if (!candidate) return nothing;
  const { answer, consent, doubt } = candidate.standing;
  const state = stateOf(candidate);
  const why = state === 'unclear' && doubt ? doubtWords(doubt) : null;
  if (!consent) return { ...nothing, state, why };
  const until = answer.kind === 'permit' ? answer.until : undefined;
  const end = until === undefined ? endOf(consent.provision?.period?.end) : Date.parse(until);
  const recordedHere = recorded?.id === consent.id ? recorded : undefined;
  return {
    state,
    until: end === undefined ? null : new Date(end).toISOString(),
    ...(recordedHere ? viewRecorded(recordedHere) : viewOfEhr(candidate, consent)),
    policy: state === 'unclear' ? null : policyOf(consent),
    why,
  };
}

/** Gives how consent stands toward a partner, also where a consent leaves just this one out. */
export const stateOf = ({ standing, isLeftOut }: Candidate): ConsentView['state'] =>
  isLeftOut ? 'permits-others' : standing.state;

/** Shows what was recorded here of a consent. */
function viewRecorded(recorded: RecordedConsent) {
  const whole = wholeOf(recorded);
  const { dateTime: signed, scope, askedBy, recordedBy } = recorded;
  return {
    ...{ signed, scope: scope ?? null, askedBy: askedBy ?? null, recordedBy: recordedBy ?? null },
    recipient: recipientRecorded(recorded),
    ...(whole ? { whole } : {}),
  };
}

/** Shows what a Consent of the EHR says: its words and who asked stand there only. */
const viewOfEhr = (candidate: Candidate, consent: fhir4.Consent) => ({
  signed: textOrNull(consent.dateTime),
  recipient: recipientOf(candidate, consent),
  ...{ scope: null, askedBy: null, recordedBy: null },
});

function wholeOf(recorded: RecordedConsent): WholeConsent | undefined {
  const { permits, signer, authority, method, document, householdSize } = recorded;
  const { spokenPolicyBy } = recorded;
  if (permits === undefined) return undefined;
  const signed = { signer, authority, method, document, householdSize, spokenPolicyBy };
  const { places, kind, partTwo, except, elements } = permits;
  return {
    ...withoutUndefined(signed),
    ...withoutUndefined({ kind, partTwo, places: places && [...places] }),
    except: [...except],
    elements: [...elements],
  };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Gives the recipient of a consent in words alone; null where a scope says to whom. */
const recipientRecorded = ({ recipient, permits }: RecordedConsent): string | null =>
  permits ? null : (recipient ?? 'any');

/**
 * Gives the recipient of an EHR's Consent: `any`, or the partner that it permits. The Consent names
 * recipients in its own words, so no more is known.
 */
function recipientOf({ standing, partner }: Candidate, consent: fhir4.Consent): string | null {
  if (standing.state !== 'permits') return null;
  return consent.provision?.actor === undefined ? 'any' : (partner ?? null);
}

function policyOf({ policyRule, policy }: fhir4.Consent): string | null {
  const coding = policyRule?.coding?.[0];
  if (coding) return [coding.system, coding.code].filter((part) => part !== undefined).join('|');
  return textOrNull(policyRule?.text ?? policy?.[0]?.uri ?? policy?.[0]?.authority);
}
