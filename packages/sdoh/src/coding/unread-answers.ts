import { type fhir4, localId, systems } from '@loopwell/fhir';
import { flawsOf, isUnclear } from '../fhir-json/flaws.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { noteAbout, warnAbout } from '../instrument/answer-issue.ts';
import { findOutOfScopeIssue } from '../instrument/out-of-scope.ts';
import type { CodingIssue, Instrument, PersonRecord } from '../model.ts';
import { explainLeftOut, indexShelf, type ShelfIndex } from '../screening/attribute-instrument.ts';
import { answersOfResponse } from '../screening/form-answers.ts';
import {
  answersOfObservation,
  containedIn,
  partsWithin,
  usable,
} from '../screening/observation-answers.ts';
import { mayBeScreening } from '../screening/observations.ts';
import { codesOf, isSocial } from './on-file/codes-on-file.ts';
import { isInError, saysNothing } from './on-file/condition-status.ts';
import type { Screening } from './person-coding.ts';
import { findSafetyIssues } from './safety-issues.ts';

type Carrier = fhir4.Observation | fhir4.QuestionnaireResponse;

const keyOf = (resource: fhir4.Resource) => `${resource.resourceType}/${resource.id}`;

/**
 * Reports answers that no instrument of the shelf reads, each with its place, so that none is lost
 * in silence: unknown questions, unreadable forms, missing members of a panel.
 */
export function findUnread(
  record: PersonRecord,
  screenings: readonly Screening[],
  instruments: readonly Instrument[],
): CodingIssue[] {
  const { base } = record;
  const shelf = indexShelf(instruments);
  const [responses, observations] = [objectsOf(record.responses), objectsOf(record.observations)];
  const read = new Set(screenings.flatMap((screening) => screening.sources));
  const unread = responses.filter((response) => !read.has(keyOf(response)));
  // Built once, for a Bundle may hold thousands of resources.
  const keys = new Set([...observations, ...responses].map(keyOf));
  const encounters = new Set(objectsOf(record.encounters).map(({ id }) => id));
  const dangers = (carrier: Carrier) => findUnheardSafety(carrier, instruments);
  const strays = (carrier: Carrier) => findMissingEncounter(carrier, encounters, base);
  return [
    ...screenings.flatMap((screening) => describeQuarantine(record, screening)),
    ...unread.map(noteUnfinished),
    ...observations.flatMap((observation) => findUnknownQuestions(observation, shelf)),
    ...[...observations, ...responses].flatMap(dangers),
    ...observations.flatMap((observation) => findMissingMembers(observation, keys, base)),
    ...[...responses, ...observations].flatMap(strays),
    ...objectsOf(record.conditions).flatMap(findIncomparable),
  ];
}

/** Reports why a screening could not be read. */
function describeQuarantine(record: PersonRecord, screening: Screening): CodingIssue[] {
  const { quarantine, sources } = screening;
  switch (quarantine) {
    case 'malformed-resource': {
      const text = 'It has not the shape of a FHIR resource: nothing was read from it.';
      return sources.map((source) => warnAbout('invalid-value', { source }, text));
    }
    case 'missing-authored': {
      const text = 'Nothing tells when it was answered: nothing is coded from it.';
      const undated = sources.filter((source) => !hasUnreadTime(record, source));
      return undated.map((source) => warnAbout('missing-data', { source }, text));
    }
    case 'unknown-instrument':
      return sources.flatMap((source) => describeUnknownForm(record, source));
    default:
      return [];
  }
}

const unknownQuestion = 'The question is of no instrument that is known here.';

/** Reports each answer of a form of no instrument that is known. */
function describeUnknownForm(record: PersonRecord, source: string): CodingIssue[] {
  const form = objectsOf(record.responses).find((response) => keyOf(response) === source);
  const read = (form && answersOfResponse(form)) ?? [];
  const answers = read.filter((answer) => !answer.blank);
  if (answers.length === 0) {
    const text = 'The form is of no instrument that is known here.';
    return [warnAbout('unmapped-question', { source }, text)];
  }
  return answers.map(
    (answer) =>
      findOutOfScopeIssue(answer.question, answer) ??
      warnAbout('unmapped-question', { source, place: answer.place }, unknownQuestion),
  );
}

/** Tells whether a resource has a time that cannot be read. Another issue reports that time. */
function hasUnreadTime({ responses, observations }: PersonRecord, source: string): boolean {
  const resources = [...objectsOf(responses), ...objectsOf(observations)];
  const resource = resources.find((one) => keyOf(one) === source);
  const flaws = resource ? flawsOf(resource) : [];
  return flaws.some(
    ({ kind, path }) => kind !== 'mended' && /^(authored|effective\w+|issued)\b/.test(path),
  );
}

/** Reports a form that no screening was read from because it is not completed. */
const noteUnfinished = (response: fhir4.QuestionnaireResponse): CodingIssue =>
  noteAbout(
    'not-coded',
    { source: keyOf(response) },
    'It is not completed: nothing is coded from it.',
  );

/** Finds safety warnings in resources that are kept as no screening, or that have no status. */
function findUnheardSafety(carrier: Carrier, instruments: readonly Instrument[]): CodingIssue[] {
  const isObservation = carrier.resourceType === 'Observation';
  const isElsewhere = isObservation && usable.has(carrier.status) && !mayBeScreening(carrier);
  if (!isElsewhere && (carrier.status !== undefined || isUnclear(carrier))) return [];
  const answers = isObservation
    ? answersOfObservation(carrier, indexShelf(instruments).questions)
    : answersOfResponse(carrier);
  return findSafetyIssues(answers ?? [], instruments);
}

const screeningCategories = new Set(['survey', 'sdoh']);

/** A part of an Observation that asks something. */
type Asking = { code: fhir4.CodeableConcept | undefined; place: string };

/**
 * Reports unknown questions of an Observation, or that its category is none of screenings.
 */
function findUnknownQuestions(observation: fhir4.Observation, shelf: ShelfIndex): CodingIssue[] {
  const source = keyOf(observation);
  if (!mayBeScreening(observation)) {
    const text =
      'It is kept under a category that is none of screenings: nothing is coded from it.';
    return [noteAbout('not-coded', { source }, text)];
  }
  const isScreening = asksOfShelf(observation.code, shelf) || isKeptAsScreening(observation);
  return listUnknown(observation, shelf).map(
    ({ code, place }) =>
      findOutOfScope(code, source, place) ??
      findStatedFinding(observation, source, place) ??
      describeUnknown(code, isScreening, source, place),
  );
}

const asksOfShelf = (
  code: fhir4.CodeableConcept | undefined,
  { questions, panels }: ShelfIndex,
): boolean => loincOf(code).some((loinc) => questions.has(loinc) || panels.has(loinc));

function isKeptAsScreening({ category }: fhir4.Observation): boolean {
  const codings = objectsOf(category).flatMap(({ coding }) => objectsOf(coding));
  const isOfScreening = ({ system, code }: fhir4.Coding) =>
    system === systems.sdohcc || screeningCategories.has(textOf(code)?.trim().toLowerCase() ?? '');
  return codings.length === 0 || codings.some(isOfScreening);
}

/** Lists unknown questions of an Observation: its own, or those of the parts of a panel. */
function listUnknown(observation: fhir4.Observation, shelf: ShelfIndex): Asking[] {
  const { code, hasMember } = observation;
  const parts = partsWithin(observation);
  const isOfShelf = asksOfShelf(code, shelf);
  if (parts.length === 0 && objectsOf(hasMember).length === 0)
    return isOfShelf ? [] : [{ code, place: '' }];
  // The instrument of a panel that is read reports the panel's unknown LOINC questions itself.
  const isRead = isOfShelf || parts.some(({ part }) => asksOfShelf(part.code, shelf));
  const left = parts.filter(({ part }) => !isRead || loincOf(part.code).length === 0);
  return left.map(({ part, place }) => ({ code: part.code, place }));
}

function findOutOfScope(
  code: fhir4.CodeableConcept | undefined,
  source: string,
  place: string,
): CodingIssue | undefined {
  const codes = loincOf(isObject(code) ? code : undefined);
  const issues = codes.map((question) => findOutOfScopeIssue(question, { source, place }));
  return issues.find((issue) => issue !== undefined);
}

/**
 * Reports a SNOMED CT finding as the value of a question of no instrument: a statement, and no
 * answer to a screening.
 */
function findStatedFinding(
  { valueCodeableConcept: concept }: fhir4.Observation,
  source: string,
  place: string,
): CodingIssue | undefined {
  const [finding] = place === '' && isObject(concept) ? codesOf(concept, systems.snomed) : [];
  if (finding === undefined) return undefined;
  const text =
    `It states a finding (SNOMED CT ${finding}) and is no question of an instrument: a person ` +
    'looks, nothing is coded from it.';
  return warnAbout('unmapped-question', { source }, text);
}

function describeUnknown(
  code: fhir4.CodeableConcept | undefined,
  isScreening: boolean,
  source: string,
  place: string,
): CodingIssue {
  const codings = isObject(code) ? objectsOf(code.coding as fhir4.Coding[] | undefined) : [];
  const lacksSystem = codings.some(
    (coding) => textOf(coding.code) !== undefined && textOf(coding.system) === undefined,
  );
  if (lacksSystem) {
    const text = 'The question is a code without its code system, which is not guessed.';
    return warnAbout('missing-data', { source, place }, text);
  }
  return isScreening
    ? warnAbout('unmapped-question', { source, place }, unknownQuestion)
    : noteAbout('not-coded', { source, place }, unknownQuestion);
}

/**
 * Reports a Condition on file that cannot be compared with answers: one of a social need without a
 * SNOMED CT or ICD-10-CM code, or one of any kind without any code or text.
 */
function findIncomparable(condition: fhir4.Condition): CodingIssue[] {
  const { id, code } = condition;
  if (!(isSocial(condition) || saysNothing(code)) || isInError(condition)) return [];
  if (codesOf(code, systems.snomed).length + codesOf(code, systems.icd10cm).length > 0) return [];
  const text =
    `Condition ${id} on file has no SNOMED CT or ICD-10-CM code with its code system: it ` +
    'cannot be compared.';
  return [warnAbout('missing-data', { source: `Condition/${id}`, place: 'code' }, text)];
}

/** Reports a reference to an Encounter that is not among the given ones, where any are given. */
function findMissingEncounter(
  carrier: Carrier,
  encounters: ReadonlySet<string | undefined>,
  base: string,
): CodingIssue[] {
  if (encounters.size === 0) return [];
  const id = localId(textOf(carrier.encounter?.reference), 'Encounter', base);
  if (id === undefined || encounters.has(id)) return [];
  const place = { source: keyOf(carrier), place: 'encounter' };
  return [warnAbout('missing-data', place, 'The Encounter that it names is not there.')];
}

/**
 * Reports members that are not in the record, and contained Observations that no member names. Both
 * are answers that were not read.
 */
function findMissingMembers(
  observation: fhir4.Observation,
  keys: ReadonlySet<string>,
  base: string,
): CodingIssue[] {
  const members = objectsOf(observation.hasMember);
  const contained = containedIn(observation);
  if (members.length + contained.length === 0) return [];
  const source = keyOf(observation);
  const issues: CodingIssue[] = [];
  const ids = new Set(contained.map(({ part }) => `#${part.id}`));
  for (const [index, member] of members.entries()) {
    const reference = textOf(member.reference) ?? '';
    // A panel may name the form that it was made of as its member.
    const isThere = ['Observation', 'QuestionnaireResponse'].some((type) =>
      keys.has(`${type}/${localId(reference, type, base)}`),
    );
    if (isThere || ids.has(reference)) continue;
    const place = { source, place: `hasMember[${index}]` };
    issues.push(warnAbout('missing-data', place, 'The member that it names is not there.'));
  }
  const named = new Set(members.map(({ reference }) => reference));
  for (const { part, place } of contained) {
    const text = 'It is contained, and no member names it: it was not read.';
    if (!named.has(`#${part.id}`)) issues.push(warnAbout('missing-data', { source, place }, text));
    else if (!usable.has(part.status))
      issues.push({ ...explainLeftOut(source, part.status), place });
  }
  return issues;
}
