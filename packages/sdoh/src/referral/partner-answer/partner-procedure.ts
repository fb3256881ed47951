import {
  brokenRule,
  type fhir4,
  holdsModifier,
  parseWritten,
  profiles,
  systems,
} from '@loopwell/fhir';
import type { Coding } from '../../fhir-json/codings.ts';
import { compareTimes, dateTimeOf, startOf } from '../../fhir-json/dates.ts';
import { omitUndefined } from '../../fhir-json/omit-undefined.ts';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { ourIdentifier } from '../../terminology/our-identifiers.ts';
import { sdohccCategories } from '../../terminology/sdohcc-categories.ts';
import { serviceCodesOf } from '../../terminology/service-codes.ts';
import { codingsOf, type Loose, listOf, writtenIn } from './answer-words.ts';
import { publicCoding } from './reason-codes.ts';
import { pointsElsewhere, writtenReferences } from './task-oddities.ts';

/** Why something is no proof of help for this person; undefined where it is one. DECISIONS D82. */
export type NoHelp =
  | 'not-a-procedure'
  | 'not-understood'
  | 'not-done'
  | 'other-person'
  | 'other-order';

/** Statuses of help that was given, or is being given (R4 event-status). */
const helpStatuses: readonly unknown[] = ['completed', 'in-progress'];

/** Tells why a Procedure is no help for this person; undefined where it is. */
export function whyNoHelp(
  procedure: unknown,
  ours: { person: string; serviceRequest: string | null },
): NoHelp | undefined {
  if (!isObject(procedure) || !isProcedure(procedure)) return 'not-a-procedure';
  if (holdsModifier(procedure)) return 'not-understood';
  if (!helpStatuses.includes(procedure.status)) return 'not-done';
  if (pointsElsewhere(procedure.subject, 'Patient', ours.person)) return 'other-person';
  const order = ours.serviceRequest;
  const orders = listOf(procedure.basedOn);
  if (order === null || orders.length === 0) return undefined;
  const isOfOther = orders.every((one) => pointsElsewhere(one, 'ServiceRequest', order));
  return isOfOther ? 'other-order' : undefined;
}

/** Tells whether a resource is a Procedure that has a status and says what was done. */
function isProcedure(resource: Loose): boolean {
  if (brokenRule(resource, ['other-type', 'missing-status'], 'Procedure')) return false;
  return listOf(resource.code).some((code) =>
    isObject(code) ? Object.keys(code).length > 0 : writtenIn(code) !== undefined,
  );
}

/**
 * Tells why a resource of another type says nothing of help: entered in error, about another
 * person, not to be understood; undefined where it may.
 */
export function whyDoubted(resource: unknown, ours: { person: string }): NoHelp | undefined {
  if (holdsModifier(resource)) return 'not-understood';
  if (!isObject(resource)) return undefined;
  if (resource.status === 'entered-in-error') return 'not-done';
  const { subject, patient, for: forWhom, beneficiary } = resource;
  const named = [subject, patient, forWhom, beneficiary].flatMap(writtenReferences);
  // A resource about a group or a place is about no other person.
  const people = named.filter((reference) => parseWritten(reference)?.type === 'Patient');
  const isOfOther = people.some((person) => pointsElsewhere(person, 'Patient', ours.person));
  return isOfOther ? 'other-person' : undefined;
}

/** The ids, the person, the order and the partner of a Procedure of ours. */
export type ProcedureParts = {
  id: string;
  person: string;
  serviceRequest: string | null;
  identifierSystem: string;
  /** The partner, by our directory: its own people's names are words of its own. */
  partner: { id: string; name: string };
};

/** The code's text for what a partner described in words alone; the partner's words stay here. */
const describedElsewhere = 'Help from a community partner, described in Loopwell';

/**
 * Builds our Procedure from a partner's: what was done, by whom and when, in codes and dates. No
 * words of the partner's and no reference into its server are in it, since it is written to the
 * EHR. It claims the guide's profile where it meets it (SDOHCC-Procedure: a code of the bound
 * systems, and `performed[x]`, us-core-7).
 */
export function ownProcedure(procedure: fhir4.Procedure, parts: ProcedureParts): fhir4.Procedure {
  const received = procedure as unknown as Loose;
  const code = codedOf(received.code);
  const category = categoryOf(received.category);
  const performed = performedOf(received);
  const reasons = listOf(received.reasonCode)
    .map(codedOf)
    .filter((reason) => reason !== undefined);
  const isPerformed = Object.keys(performed).length > 0;
  const meetsProfile =
    code !== undefined && isBound(code) && isPerformed && isOfCategory(category, code);
  const { serviceRequest } = parts;
  return omitUndefined<fhir4.Procedure>({
    resourceType: 'Procedure',
    id: parts.id,
    meta: meetsProfile ? { profile: [profiles.procedure] } : undefined,
    identifier: [ourIdentifier(parts.id, parts.identifierSystem)],
    basedOn: serviceRequest ? [{ reference: `ServiceRequest/${serviceRequest}` }] : undefined,
    status: procedure.status,
    category,
    code: code ?? { text: describedElsewhere },
    subject: { reference: `Patient/${parts.person}` },
    ...performed,
    performer: [{ actor: actorOf(received.performer, parts) }],
    reasonCode: reasons.length > 0 ? reasons : undefined,
    outcome: codedOf(received.outcome),
  });
}

function codedOf(concept: unknown): fhir4.CodeableConcept | undefined {
  const coding: Coding[] = codingsOf(concept).flatMap(publicCoding);
  return coding.length > 0 ? { coding } : undefined;
}

function categoryOf(concept: unknown): fhir4.CodeableConcept | undefined {
  const codes = codingsOf(concept)
    .filter(({ system }) => system === systems.sdohcc)
    .map(({ code }) => code);
  const code = codes.find((one) => sdohccCategories.some((category) => category === one));
  return typeof code === 'string' ? { coding: [{ system: systems.sdohcc, code }] } : undefined;
}

/**
 * Systems of US Core Procedure Codes, to which the guide binds Procedure.code: LOINC and ICD-10-CM
 * are none of them.
 */
const boundSystems: readonly unknown[] = [
  systems.snomed,
  'http://www.ama-assn.org/go/cpt',
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  'http://www.cms.gov/Medicare/Coding/ICD10',
  'http://www.ada.org/cdt',
];

const isBound = (code: fhir4.CodeableConcept): boolean =>
  (code.coding ?? []).some((one) => boundSystems.includes(one.system));

/**
 * Tells whether a code is known to be in its category's value set, to which the guide binds it.
 * Only codes that we can pair are known; without a category any code will do.
 */
function isOfCategory(
  category: fhir4.CodeableConcept | undefined,
  code: fhir4.CodeableConcept,
): boolean {
  const name = category?.coding?.[0]?.code;
  if (name === undefined) return true;
  const codes = (code.coding ?? []).map((coding) => coding.code);
  return serviceCodesOf(name).some((service) => codes.includes(service.code));
}

/**
 * Returns who did it: the partner for its own people; a person who helped themselves stays that
 * person.
 */
function actorOf(performers: unknown, { partner, person }: ProcedureParts): fhir4.Reference {
  const actors = listOf(performers).map((performer) =>
    isObject(performer) ? performer.actor : undefined,
  );
  const isPerson = (actor: unknown) =>
    isObject(actor) && writtenIn(actor.reference)?.split('/').includes(person);
  return actors.some(isPerson)
    ? { reference: `Patient/${person}` }
    : { reference: `Organization/${partner.id}`, display: partner.name };
}

type Performed = Partial<
  Pick<
    fhir4.Procedure,
    'performedDateTime' | 'performedPeriod' | 'performedString' | 'performedAge' | 'performedRange'
  >
>;

/**
 * Returns the one value of `performed[x]`, which R5 calls `occurrence[x]`; a list of one is that
 * one.
 */
function performedIn(procedure: Loose, type: string): unknown {
  const lists = [procedure[`performed${type}`], procedure[`occurrence${type}`]].map(listOf);
  return lists.find((members) => members.length === 1)?.[0];
}

function performedOf(procedure: Loose): Performed {
  const performedDateTime = dateOf(performedIn(procedure, 'DateTime'));
  if (performedDateTime !== undefined) return { performedDateTime };
  const performedPeriod = periodOf(performedIn(procedure, 'Period'));
  if (performedPeriod) return { performedPeriod };
  const performedAge = quantityOf(performedIn(procedure, 'Age'));
  if (performedAge) return { performedAge };
  const performedRange = rangeOf(performedIn(procedure, 'Range'));
  if (performedRange) return { performedRange };
  const performedString = writtenIn(performedIn(procedure, 'String'));
  const isTime = performedString !== undefined && saysOnlyWhen(performedString);
  return isTime ? { performedString } : {};
}

function periodOf(json: unknown): fhir4.Period | undefined {
  if (!isObject(json)) return undefined;
  const [start, end] = [dateOf(json.start), dateOf(json.end)];
  // A period that ends before it begins is none (R4 per-1): only its start is kept.
  const isReversed = start !== undefined && end !== undefined && compareTimes(end, start) < 0;
  if (!start && !end) return undefined;
  return omitUndefined<fhir4.Period>({ start, end: isReversed ? undefined : end });
}

function rangeOf(json: unknown): fhir4.Range | undefined {
  if (!isObject(json)) return undefined;
  const [low, high] = [quantityOf(json.low), quantityOf(json.high)];
  return low || high ? omitUndefined<fhir4.Range>({ low, high }) : undefined;
}

/** Writes a time as an R4 dateTime: a time of day without an offset becomes a day. */
const dateOf = (text: unknown): string | undefined =>
  startOf(text) === undefined ? undefined : dateTimeOf(String(text));

const units: readonly unknown[] = [
  'a',
  'mo',
  'wk',
  'd',
  'h',
  'min',
  'year',
  'years',
  'month',
  'months',
  'week',
  'weeks',
  'day',
  'days',
  'hour',
  'hours',
  'minutes',
  'yr',
  'yrs',
];

/** Reads a number with a unit of time; units in other words are left out. */
function quantityOf(json: unknown): fhir4.Quantity | undefined {
  if (!isObject(json) || typeof json.value !== 'number') return undefined;
  const { system, code, unit, comparator } = json;
  const isUcum = system === 'http://unitsofmeasure.org' && units.includes(code);
  return omitUndefined<fhir4.Quantity>({
    value: json.value,
    comparator: comparators.find((sign) => sign === comparator),
    unit: units.includes(unit) ? String(unit) : undefined,
    system: isUcum ? String(system) : undefined,
    code: isUcum ? String(code) : undefined,
  });
}

const comparators = ['<', '<=', '>=', '>'] as const;

const whenWords = new Set(
  `january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
   monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun spring summer autumn fall winter
   about around early mid late middle beginning start end of in on at the a to until till through from between and since before after
   first second third fourth last next this week weeks weekend month months year years day days morning noon afternoon evening night
   am pm st nd rd th t z utc once twice times daily weekly monthly every each`.split(/\s+/),
);

/** Tells whether text says when and nothing else: numbers, and words of the calendar. */
function saysOnlyWhen(text: string): boolean {
  const words = text.toLowerCase().match(/[\p{L}]+/gu) ?? [];
  return (
    text.length <= 100 &&
    /^[\p{L}\d\s.,:;/–+()-]+$/u.test(text) &&
    words.every((word) => whenWords.has(word))
  );
}
