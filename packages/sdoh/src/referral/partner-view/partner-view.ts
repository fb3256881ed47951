import { type fhir4, localExtensions } from '@loopwell/fhir';
import { textOf } from '../../fhir-json/tolerant-readers.ts';
import { interpreterNeed } from '../../people/interpreter-need.ts';
import type { ContactCare, PartnerReach } from '../../people/reach/contact-care.ts';
import type { ConsentScope } from '../consent/consent-scope.ts';
import { isFinal, isUntaken } from '../task-state-machine.ts';
import { needsAddress } from './address-needs.ts';

/** How far the work is: nobody has said yes, the partner has, or the Task has ended. */
export type RequestStage = 'asked' | 'accepted' | 'over';

/** The facts of one request that a partner's page shows. */
export type RequestFacts = {
  /** Status of the Task. */
  status: string;
  /** An answer that ends the Task waits until it can be undone no more. */
  isEnding: boolean;
  /** Category of help, in the code of the guide. */
  category: string;
  /** What kind of partner is asked, such as `food` or `legal`. */
  kind: string;
  /** The moment by which the partner should answer. */
  answerBy?: string | undefined;
  /** The date by which the help must come, YYYY-MM-DD. */
  mustBy?: string | undefined;
  /** The Patient with the parts that the grants of this Task show now; undefined for none. */
  patient: fhir4.Patient | undefined;
  /** The way that the person chose for partners, if the grants show it. */
  reach: PartnerReach | undefined;
};

/** What a partner sees of the person after its yes. */
export type RequestPerson = {
  firstName?: string | undefined;
  lastName?: string | undefined;
  contact?: { way: 'phone' | 'sms' | 'email'; address: string } | undefined;
  care?: ContactCare | undefined;
  language?: { code?: string | undefined; text?: string | undefined } | undefined;
  needsInterpreter: boolean;
  address?: readonly string[] | undefined;
};

/** One request as the page of its partner shows it. DECISIONS D199. */
export type RequestView = {
  stage: RequestStage;
  category: string;
  isLegal: boolean;
  answerBy?: string | undefined;
  mustBy?: string | undefined;
  householdSize?: number | undefined;
  /** Undefined before the yes, and once the Task has ended. */
  person?: RequestPerson | undefined;
};

/** Tells how far the work of a Task is, as its partner sees it. */
export function requestStage(status: string): RequestStage {
  if (isUntaken(status)) return 'asked';
  return isFinal(status) ? 'over' : 'accepted';
}

/**
 * Shows a request to its partner. Before the yes nothing tells who the person is. What the grants
 * do not show is not shown, whatever the stage.
 */
export function requestView(facts: RequestFacts): RequestView {
  const stage = requestStage(facts.status);
  const { category, kind, answerBy, mustBy, patient } = facts;
  return {
    stage,
    category,
    isLegal: kind === 'legal',
    answerBy: stage === 'asked' ? answerBy : undefined,
    mustBy,
    householdSize: stage === 'over' ? undefined : householdIn(patient),
    person: stage === 'accepted' ? personIn(facts) : undefined,
  };
}

function householdIn(patient: fhir4.Patient | undefined): number | undefined {
  const extension = patient?.extension?.find(({ url }) => url === localExtensions.householdSize);
  return extension?.valueInteger;
}

function personIn(facts: RequestFacts): RequestPerson | undefined {
  const { patient, reach, category, isEnding } = facts;
  if (!patient) return undefined;
  const hasAddress = needsAddress(category) && !isEnding;
  return {
    ...nameIn(patient),
    contact: contactOf(reach?.contact),
    care: reach?.care,
    language: languageIn(patient),
    needsInterpreter: interpreterNeed(patient.extension, []) === 'needed',
    address: hasAddress ? addressIn(patient) : undefined,
  };
}

/** Gives the first name, and the rest apart from it. Words in place of parts are split. */
export function nameIn({ name }: fhir4.Patient): Pick<RequestPerson, 'firstName' | 'lastName'> {
  const [shown] = name ?? [];
  if (!shown) return {};
  const [given] = shown.given ?? [];
  if (given !== undefined || shown.family !== undefined)
    return { firstName: given, lastName: shown.family };
  const [firstName, ...others] = (shown.text ?? '').split(/\s+/);
  return { firstName, lastName: others.join(' ') || undefined };
}

function contactOf(contact: fhir4.ContactPoint | undefined): RequestPerson['contact'] {
  if (contact?.value === undefined) return undefined;
  const { system, value: address } = contact;
  if (system !== 'phone' && system !== 'sms' && system !== 'email') return undefined;
  return { way: system, address };
}

function languageIn({ communication }: fhir4.Patient): RequestPerson['language'] {
  const spoken = communication?.find(({ preferred }) => preferred) ?? communication?.[0];
  if (!spoken) return undefined;
  const coding = spoken.language.coding?.[0];
  const text = textOf(spoken.language.text) ?? textOf(coding?.display);
  return { code: textOf(coding?.code), text };
}

/** Lists the lines of the home as an envelope has them; undefined without a street or a box. */
function addressIn({ address }: fhir4.Patient): string[] | undefined {
  const [home] = address ?? [];
  const lines = home?.line ?? [];
  if (!home || lines.length === 0) return undefined;
  const region = [home.state, home.postalCode].filter(Boolean).join(' ');
  const town = [home.city, region].filter(Boolean).join(', ');
  return town === '' ? lines : [...lines, town];
}

/**
 * Tells whether a partner may ask for the name before it says yes, to see a conflict or a client of
 * its own: the consent names this very partner, and the name. A kind of place names nobody.
 */
export function coversNameCheck(scope: ConsentScope | undefined, partner: string): boolean {
  if (scope === undefined || scope.except.includes(partner)) return false;
  return (scope.places ?? []).includes(partner) && scope.elements.includes('name');
}
