import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { startOf } from './dates.ts';
import { ourIdentifier } from './identity.ts';
import type { Coding } from './model.ts';
import { codingsOf, pointsElsewhere, publicCoding } from './partner-answer.ts';
import { holdsKey, type Loose, listOf, writtenIn } from './partner-words.ts';
import { sdohccCategories } from './quality.ts';
import { serviceCodesOf } from './service-codes.ts';
import { isObject } from './shapes.ts';

/** Why a Procedure is no proof of help for this person; undefined where it is one. */
export type NoHelp = 'not-a-procedure' | 'not-understood' | 'not-done' | 'other-person' | 'other-order';

/** Help that was given, or is being given (R4 event-status). */
const helpStatuses: readonly unknown[] = ['completed', 'in-progress'];

export function whyNoHelp(procedure: unknown, own: { person: string; serviceRequest: string | null }): NoHelp | undefined {
  if (!isObject(procedure) || procedure.resourceType !== 'Procedure' || typeof procedure.status !== 'string') return 'not-a-procedure';
  if (!isObject(procedure.code) || Object.keys(procedure.code).length === 0) return 'not-a-procedure';
  if (holdsKey(procedure, ['modifierExtension', 'implicitRules'])) return 'not-understood';
  if (!helpStatuses.includes(procedure.status)) return 'not-done';
  if (pointsElsewhere(procedure.subject, 'Patient', own.person)) return 'other-person';
  const orders = listOf(procedure.basedOn);
  const order = own.serviceRequest;
  const isOthers = order !== null && orders.length > 0 && orders.every((one) => pointsElsewhere(one, 'ServiceRequest', order));
  return isOthers ? 'other-order' : undefined;
}

export type ProcedureParts = {
  id: string;
  person: string;
  serviceRequest: string | null;
  identifierSystem: string;
  /** The partner, by our directory: its own people's names are words of its own. */
  partner: { id: string; name: string };
};

/** Stands for what a partner described in words alone; the words stay here. */
const describedElsewhere = 'Help from a community partner, described in Loopwell';

/**
 * A partner's Procedure as ours: what was done, by whom and when, in codes and dates. No words of the partner's and no
 * reference into its server are in it, for it is written to the EHR. It claims the guide's profile where it meets it
 * (SDOHCC-Procedure: a code of the bound systems, and `performed[x]`, us-core-7).
 */
export function ownProcedure(procedure: fhir4.Procedure, parts: ProcedureParts): fhir4.Procedure {
  const given = procedure as unknown as Loose;
  const code = codedOf(given.code);
  const category = categoryOf(given.category);
  const performed = performedOf(given);
  const reasons = listOf(given.reasonCode).flatMap((one) => codedOf(one) ?? []);
  const outcome = codedOf(given.outcome);
  const meets = code !== undefined && Object.keys(performed).length > 0 && isOfCategory(category, code);
  return {
    resourceType: 'Procedure',
    id: parts.id,
    ...(meets ? { meta: { profile: [profiles.procedure] } } : {}),
    identifier: [ourIdentifier(parts.id, parts.identifierSystem)],
    ...(parts.serviceRequest ? { basedOn: [{ reference: `ServiceRequest/${parts.serviceRequest}` }] } : {}),
    status: procedure.status,
    ...(category ? { category } : {}),
    code: code ?? { text: describedElsewhere },
    subject: { reference: `Patient/${parts.person}` },
    ...performed,
    performer: [{ actor: actorOf(given.performer, parts) }],
    ...(reasons.length > 0 ? { reasonCode: reasons } : {}),
    ...(outcome ? { outcome } : {}),
  };
}

function codedOf(concept: unknown): fhir4.CodeableConcept | undefined {
  const coding: Coding[] = codingsOf(concept).flatMap(publicCoding);
  return coding.length > 0 ? { coding } : undefined;
}

function categoryOf(concept: unknown): fhir4.CodeableConcept | undefined {
  const found = codingsOf(concept).find(
    (one) => one.system === systems.sdohcc && (sdohccCategories as readonly unknown[]).includes(one.code),
  );
  return found ? { coding: [{ system: systems.sdohcc, code: String(found.code) }] } : undefined;
}

/** With a category, the guide binds the code to the category's own value set; only codes that we can pair are known to be in it. */
function isOfCategory(category: fhir4.CodeableConcept | undefined, code: fhir4.CodeableConcept): boolean {
  const name = category?.coding?.[0]?.code;
  if (name === undefined) return true;
  return serviceCodesOf(name).some((one) => code.coding?.some((two) => two.code === one.code));
}

/** Whoever did it at the partner is the partner to others; a person who helped themselves stays that person. */
function actorOf(performers: unknown, { partner, person }: ProcedureParts): fhir4.Reference {
  const bySelf = listOf(performers).some(
    (one) => isObject(one) && isObject(one.actor) && writtenIn(one.actor.reference)?.split('/').includes(person),
  );
  return bySelf ? { reference: `Patient/${person}` } : { reference: `Organization/${partner.id}`, display: partner.name };
}

type Performed = Partial<
  Pick<fhir4.Procedure, 'performedDateTime' | 'performedPeriod' | 'performedString' | 'performedAge' | 'performedRange'>
>;

function performedOf(given: Loose): Performed {
  const { performedDateTime, performedPeriod, performedString, performedAge, performedRange } = given;
  if (startOf(performedDateTime) !== undefined) return { performedDateTime: String(performedDateTime) };
  if (isObject(performedPeriod)) {
    const [start, end] = [dateOf(performedPeriod.start), dateOf(performedPeriod.end)];
    if (start ?? end) return { performedPeriod: { ...(start ? { start } : {}), ...(end ? { end } : {}) } };
  }
  if (isObject(performedAge) && quantityOf(performedAge)) return { performedAge: quantityOf(performedAge) as fhir4.Age };
  if (isObject(performedRange)) {
    const [low, high] = [quantityOf(performedRange.low), quantityOf(performedRange.high)];
    if (low ?? high) return { performedRange: { ...(low ? { low } : {}), ...(high ? { high } : {}) } };
  }
  const when = writtenIn(performedString);
  return when !== undefined && saysOnlyWhen(when) ? { performedString: when } : {};
}

const dateOf = (text: unknown): string | undefined => (startOf(text) === undefined ? undefined : String(text));

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

/** A number with a unit of time: units in other words are left out. */
function quantityOf(value: unknown): fhir4.Quantity | undefined {
  if (!isObject(value) || typeof value.value !== 'number') return undefined;
  const { system, code, unit, comparator } = value;
  const isUcum = system === 'http://unitsofmeasure.org' && units.includes(code);
  return {
    value: value.value,
    ...(['<', '<=', '>=', '>'].includes(String(comparator)) ? { comparator: comparator as '<' } : {}),
    ...(units.includes(unit) ? { unit: String(unit) } : {}),
    ...(isUcum ? { system: String(system), code: String(code) } : {}),
  };
}

const whenWords = new Set(
  `january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
   monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun spring summer autumn fall winter
   about around early mid late middle beginning start end of in on at the a to until till through from between and since before after
   first second third fourth last next this week weeks weekend month months year years day days morning noon afternoon evening night
   am pm st nd rd th t z utc once twice times daily weekly monthly every each`.split(/\s+/),
);

/** True for text that says when and nothing else: numbers, and words of the calendar. */
function saysOnlyWhen(text: string): boolean {
  const words = text.toLowerCase().match(/[\p{L}]+/gu) ?? [];
  return text.length <= 100 && /^[\p{L}\d\s.,:;/–+()-]+$/u.test(text) && words.every((one) => whenWords.has(one));
}
