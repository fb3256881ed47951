import {
  brokenRule,
  type fhir4,
  holdsModifier,
  parseWritten,
  profiles,
  systems,
  withoutUndefined,
} from '@loopwell/fhir';
import type { Coding } from '../../fhir-json/codings.ts';
import { compareTimes, dateTimeOf, startOf } from '../../fhir-json/dates.ts';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { ourIdentifier } from '../../terminology/our-identifiers.ts';
import { sdohccCategories } from '../../terminology/sdohcc-categories.ts';
import { serviceCodesOf } from '../../terminology/service-codes.ts';
import { type Loose, listOf, writtenIn } from './answer-words.ts';
import { codingsOf, pointsElsewhere, publicCoding, writtenReferences } from './read-answer.ts';

/** Why something is no proof of help for this person; undefined where it is one. */
export type NoHelp =
  | 'not-a-procedure'
  | 'not-understood'
  | 'not-done'
  | 'other-person'
  | 'other-order';

/** Help that was given, or is being given (R4 event-status). */
const helpStatuses: readonly unknown[] = ['completed', 'in-progress'];

export function whyNoHelp(
  procedure: unknown,
  own: { person: string; serviceRequest: string | null },
): NoHelp | undefined {
  if (!isObject(procedure) || brokenRule(procedure, ['other-type', 'missing-status'], 'Procedure'))
    return 'not-a-procedure';
  if (
    !listOf(procedure.code).some((one) =>
      isObject(one) ? Object.keys(one).length > 0 : writtenIn(one) !== undefined,
    )
  )
    return 'not-a-procedure';
  if (holdsModifier(procedure)) return 'not-understood';
  if (!helpStatuses.includes(procedure.status)) return 'not-done';
  if (pointsElsewhere(procedure.subject, 'Patient', own.person)) return 'other-person';
  const orders = listOf(procedure.basedOn);
  const order = own.serviceRequest;
  const isOthers =
    order !== null &&
    orders.length > 0 &&
    orders.every((one) => pointsElsewhere(one, 'ServiceRequest', order));
  return isOthers ? 'other-order' : undefined;
}

/** Why a resource of another type says nothing of help for this person: entered in error, somebody else's, not to be understood. */
export function whyDoubted(resource: unknown, own: { person: string }): NoHelp | undefined {
  if (holdsModifier(resource)) return 'not-understood';
  if (!isObject(resource)) return undefined;
  if (resource.status === 'entered-in-error') return 'not-done';
  // One that is about a group or a place is about nobody else.
  const named = ['subject', 'patient', 'for', 'beneficiary'].flatMap((key) =>
    writtenReferences(resource[key]),
  );
  const isOthers = named.some(
    (one) => parseWritten(one)?.type === 'Patient' && pointsElsewhere(one, 'Patient', own.person),
  );
  return isOthers ? 'other-person' : undefined;
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
  const meets =
    code !== undefined &&
    isBound(code) &&
    Object.keys(performed).length > 0 &&
    isOfCategory(category, code);
  return {
    resourceType: 'Procedure',
    id: parts.id,
    ...withoutUndefined({ meta: meets ? { profile: [profiles.procedure] } : undefined }),
    identifier: [ourIdentifier(parts.id, parts.identifierSystem)],
    ...withoutUndefined({
      basedOn: parts.serviceRequest
        ? [{ reference: `ServiceRequest/${parts.serviceRequest}` }]
        : undefined,
    }),
    status: procedure.status,
    ...withoutUndefined({ category: category || undefined }),
    code: code ?? { text: describedElsewhere },
    subject: { reference: `Patient/${parts.person}` },
    ...performed,
    performer: [{ actor: actorOf(given.performer, parts) }],
    ...withoutUndefined({
      reasonCode: reasons.length > 0 ? reasons : undefined,
      outcome: outcome || undefined,
    }),
  };
}

function codedOf(concept: unknown): fhir4.CodeableConcept | undefined {
  const coding: Coding[] = codingsOf(concept).flatMap(publicCoding);
  return coding.length > 0 ? { coding } : undefined;
}

function categoryOf(concept: unknown): fhir4.CodeableConcept | undefined {
  const found = codingsOf(concept).find(
    (coding) =>
      coding.system === systems.sdohcc &&
      (sdohccCategories as readonly unknown[]).includes(coding.code),
  );
  return found ? { coding: [{ system: systems.sdohcc, code: String(found.code) }] } : undefined;
}

/** Systems of US Core Procedure Codes, to which the guide binds Procedure.code: LOINC and ICD-10-CM are none of them. */
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

/** With a category, the guide binds the code to the category's own value set; only codes that we can pair are known to be in it. */
function isOfCategory(
  category: fhir4.CodeableConcept | undefined,
  code: fhir4.CodeableConcept,
): boolean {
  const name = category?.coding?.[0]?.code;
  if (name === undefined) return true;
  return serviceCodesOf(name).some((one) => code.coding?.some((two) => two.code === one.code));
}

/** Whoever did it at the partner is the partner to others; a person who helped themselves stays that person. */
function actorOf(performers: unknown, { partner, person }: ProcedureParts): fhir4.Reference {
  const bySelf = listOf(performers).some(
    (one) =>
      isObject(one) &&
      isObject(one.actor) &&
      writtenIn(one.actor.reference)?.split('/').includes(person),
  );
  return bySelf
    ? { reference: `Patient/${person}` }
    : { reference: `Organization/${partner.id}`, display: partner.name };
}

type Performed = Partial<
  Pick<
    fhir4.Procedure,
    'performedDateTime' | 'performedPeriod' | 'performedString' | 'performedAge' | 'performedRange'
  >
>;

/** R5 calls it `occurrence[x]`, and a list of one is that one. */
const performedIn = (given: Loose, type: string): unknown =>
  [`performed${type}`, `occurrence${type}`]
    .map((name) => listOf(given[name]))
    .find((one) => one.length === 1)?.[0];

function performedOf(given: Loose): Performed {
  const performedDateTime = performedIn(given, 'DateTime');
  const performedPeriod = performedIn(given, 'Period');
  const performedString = performedIn(given, 'String');
  const performedAge = performedIn(given, 'Age');
  const performedRange = performedIn(given, 'Range');
  const at = dateOf(performedDateTime);
  if (at !== undefined) return { performedDateTime: at };
  if (isObject(performedPeriod)) {
    const start = dateOf(performedPeriod.start);
    const date = dateOf(performedPeriod.end);
    // A period that ends before it begins is none (R4 per-1): what began it stays.
    const end =
      start !== undefined && date !== undefined && compareTimes(date, start) < 0 ? undefined : date;
    if (start ?? end)
      return {
        performedPeriod: {
          ...withoutUndefined({ start: start || undefined, end: end || undefined }),
        },
      };
  }
  if (isObject(performedAge) && quantityOf(performedAge))
    return { performedAge: quantityOf(performedAge) as fhir4.Age };
  if (isObject(performedRange)) {
    const [low, high] = [quantityOf(performedRange.low), quantityOf(performedRange.high)];
    if (low ?? high)
      return {
        performedRange: { ...withoutUndefined({ low: low || undefined, high: high || undefined }) },
      };
  }
  const when = writtenIn(performedString);
  return when !== undefined && saysOnlyWhen(when) ? { performedString: when } : {};
}

/** As R4 writes a dateTime: a time of day without an offset is a day. */
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

/** A number with a unit of time: units in other words are left out. */
function quantityOf(value: unknown): fhir4.Quantity | undefined {
  if (!isObject(value) || typeof value.value !== 'number') return undefined;
  const { system, code, unit, comparator } = value;
  const isUcum = system === 'http://unitsofmeasure.org' && units.includes(code);
  return {
    value: value.value,
    ...withoutUndefined({
      comparator: ['<', '<=', '>=', '>'].includes(String(comparator))
        ? (comparator as '<')
        : undefined,
      unit: units.includes(unit) ? String(unit) : undefined,
      system: isUcum ? String(system) : undefined,
      code: isUcum ? String(code) : undefined,
    }),
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
  return (
    text.length <= 100 &&
    /^[\p{L}\d\s.,:;/–+()-]+$/u.test(text) &&
    words.every((one) => whenWords.has(one))
  );
}
