import { type fhir4, localId, systems } from '@loopwell/fhir';
import { flawsOf, isUnclear } from '../fhir-json/flaws.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { findOutOfScopeIssue } from '../instrument/out-of-scope.ts';
import type { CodingIssue, Instrument, PersonRecord } from '../model.ts';
import { explainLeftOut, indexShelf } from '../screening/attribute-instrument.ts';
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

/**
 * Answers that no instrument of the shelf reads. Each ends as an issue with its place, so that none is lost in silence:
 * questions that nobody here knows, forms that could not be read, members of a panel that are not there.
 */
export function findUnread(
  record: PersonRecord,
  screenings: readonly Screening[],
  instruments: readonly Instrument[],
): CodingIssue[] {
  const { questions, panels } = indexShelf(instruments);
  const known = { has: (code: string) => questions.has(code) || panels.has(code) };
  const [responses, observations] = [objectsOf(record.responses), objectsOf(record.observations)];
  const read = new Set(screenings.flatMap((one) => one.sources));
  // Looked up once for each resource: a Bundle may hold thousands.
  const names = new Set(
    [...observations, ...responses].map((one) => `${one.resourceType}/${one.id}`),
  );
  const encounters = new Set(objectsOf(record.encounters).map((one) => one.id));
  return [
    ...screenings.flatMap((one) => quarantined(record, one)),
    ...responses.flatMap((one) => unfinished(one, read)),
    ...observations.flatMap((one) => unknownQuestion(one, known)),
    ...[...observations, ...responses].flatMap((one) => unheardSafety(one, instruments)),
    ...observations.flatMap((one) => missingMembers(one, names, record.base)),
    ...[...responses, ...observations].flatMap((one) =>
      missingEncounter(one, encounters, record.base),
    ),
    ...objectsOf(record.conditions).flatMap(incomparable),
  ];
}

const warning = (code: string, source: string, text: string, place?: string): CodingIssue => ({
  severity: 'warning',
  code,
  text,
  source,
  ...(place ? { place } : {}),
});

function quarantined(record: PersonRecord, { quarantine, sources }: Screening): CodingIssue[] {
  if (quarantine === 'malformed-resource')
    return sources.map((source) =>
      warning(
        'invalid-value',
        source,
        'It has not the shape of a FHIR resource: nothing was read from it.',
      ),
    );
  if (quarantine === 'missing-authored')
    return sources
      .filter((one) => !hasUnreadTime(record, one))
      .map((source) =>
        warning(
          'missing-data',
          source,
          'Nothing tells when it was answered: nothing is coded from it.',
        ),
      );
  if (quarantine !== 'unknown-instrument') return [];
  return sources.flatMap((source) => {
    const response = objectsOf(record.responses).find(
      (one) => `QuestionnaireResponse/${one.id}` === source,
    );
    const answers = (response ? answersOfResponse(response) : undefined) ?? [];
    const given = answers.filter((one) => !one.blank);
    if (given.length === 0)
      return [
        warning('unmapped-question', source, 'The form is of no instrument that is known here.'),
      ];
    const unknown = 'The question is of no instrument that is known here.';
    return given.map(
      (answer) =>
        findOutOfScopeIssue(answer.question, answer) ??
        warning('unmapped-question', source, unknown, answer.place),
    );
  });
}

/** Its time is there and is none: that was said where it stands. */
function hasUnreadTime({ responses, observations }: PersonRecord, source: string): boolean {
  const found = [...objectsOf(responses), ...objectsOf(observations)].find(
    (one) => `${one.resourceType}/${one.id}` === source,
  );
  return (
    found !== undefined &&
    flawsOf(found).some(
      (one) => one.kind !== 'mended' && /^(authored|effective\w+|issued)\b/.test(one.path),
    )
  );
}

/** A form of no instrument that is known, and that is not completed either. */
function unfinished(
  response: fhir4.QuestionnaireResponse,
  read: ReadonlySet<string>,
): CodingIssue[] {
  const source = `QuestionnaireResponse/${response.id}`;
  if (read.has(source)) return [];
  return [
    {
      severity: 'information',
      code: 'not-coded',
      text: 'It is not completed: nothing is coded from it.',
      source,
    },
  ];
}

/** What says that somebody is in danger is heard, though it is kept as something else or has no status. */
function unheardSafety(
  one: fhir4.Observation | fhir4.QuestionnaireResponse,
  instruments: readonly Instrument[],
): CodingIssue[] {
  const isObservation = one.resourceType === 'Observation';
  const isElsewhere = isObservation && usable.has(one.status) && !mayBeScreening(one);
  if (!isElsewhere && (one.status !== undefined || isUnclear(one))) return [];
  return findSafetyIssues(
    isObservation
      ? answersOfObservation(one, indexShelf(instruments).questions)
      : (answersOfResponse(one) ?? []),
    instruments,
  );
}

const screened = new Set(['survey', 'sdoh']);

/** Observations that are kept as answers to a screening, and whose question nobody here knows. */
function unknownQuestion(
  observation: fhir4.Observation,
  known: Pick<ReadonlySet<string>, 'has'>,
): CodingIssue[] {
  const source = `Observation/${observation.id}`;
  const isKnown = loincOf(observation.code).some((code) => known.has(code));
  if (!mayBeScreening(observation)) {
    const text =
      'It is kept under a category that is none of screenings: nothing is coded from it.';
    return [{ severity: 'information', code: 'not-coded', text, source }];
  }
  const codings = objectsOf(observation.category).flatMap((one) => objectsOf(one.coding));
  const isOfScreening = ({ system, code }: fhir4.Coding) =>
    system === systems.sdohcc || screened.has(textOf(code)?.trim().toLowerCase() ?? '');
  const isScreening = isKnown || codings.length === 0 || codings.some(isOfScreening);
  const parts = partsWithin(observation);
  // A panel that is read says of each LOINC question itself that it does not know it.
  const isOpened =
    isKnown || parts.some(({ part }) => loincOf(part.code).some((code) => known.has(code)));
  const isRead = (said: readonly string[]) => isOpened && said.length > 0;
  const unknown = parts.flatMap(({ part, place }) =>
    isRead(loincOf(part.code)) ? [] : [{ code: part.code, place }],
  );
  const isGroup = parts.length > 0 || objectsOf(observation.hasMember).length > 0;
  const questions = isGroup ? unknown : isKnown ? [] : [{ code: observation.code, place: '' }];
  return questions.map(
    ({ code, place }) =>
      beyondIn(code, source, place) ??
      statedIn(observation, source, place) ??
      said(code, isScreening, source, place),
  );
}

function beyondIn(
  code: fhir4.CodeableConcept | undefined,
  source: string,
  place: string,
): CodingIssue | undefined {
  const codes = loincOf(isObject(code) ? code : undefined);
  return codes
    .map((question) => findOutOfScopeIssue(question, { source, place }))
    .find((one) => one !== undefined);
}

/** A finding as the value of a question that is none of an instrument: nobody was asked, and somebody says so. */
function statedIn(
  { valueCodeableConcept: value }: fhir4.Observation,
  source: string,
  place: string,
): CodingIssue | undefined {
  const [finding] = place === '' && isObject(value) ? codesOf(value, systems.snomed) : [];
  if (finding === undefined) return undefined;
  const text = `It states a finding (SNOMED CT ${finding}) and is no question of an instrument: a person looks, nothing is coded from it.`;
  return warning('unmapped-question', source, text);
}

function said(
  code: fhir4.CodeableConcept | undefined,
  isScreening: boolean,
  source: string,
  place: string,
): CodingIssue {
  const codings = isObject(code) ? objectsOf(code.coding as fhir4.Coding[] | undefined) : [];
  const lacksSystem = codings.some(
    (one) => textOf(one.code) !== undefined && textOf(one.system) === undefined,
  );
  if (lacksSystem)
    return warning(
      'missing-data',
      source,
      'The question is a code without its code system, which is not guessed.',
      place,
    );
  const text = 'The question is of no instrument that is known here.';
  if (isScreening) return warning('unmapped-question', source, text, place);
  return { severity: 'information', code: 'not-coded', text, source, ...(place ? { place } : {}) };
}

/** A Condition on file of a social need whose code tells none, or of any kind without a code: whether it is the one that was told nobody knows. */
function incomparable(condition: fhir4.Condition): CodingIssue[] {
  if (!(isSocial(condition) || saysNothing(condition.code)) || isInError(condition)) return [];
  if (
    codesOf(condition.code, systems.snomed).length > 0 ||
    codesOf(condition.code, systems.icd10cm).length > 0
  )
    return [];
  const text = `Condition ${condition.id} on file has no SNOMED CT or ICD-10-CM code with its code system: it cannot be compared.`;
  return [warning('missing-data', `Condition/${condition.id}`, text, 'code')];
}

/** Where Encounters are given, the one that is referred to has to be among them. */
function missingEncounter(
  one: fhir4.Observation | fhir4.QuestionnaireResponse,
  encounters: ReadonlySet<string | undefined>,
  base: string,
): CodingIssue[] {
  if (encounters.size === 0) return [];
  const id = localId(textOf(one.encounter?.reference), 'Encounter', base);
  if (id === undefined || encounters.has(id)) return [];
  return [
    warning(
      'missing-data',
      `${one.resourceType}/${one.id}`,
      'The Encounter that it names is not there.',
      'encounter',
    ),
  ];
}

/** Members that are not there, and contained Observations that are nobody's members: either is an answer that was not read. */
function missingMembers(
  observation: fhir4.Observation,
  names: ReadonlySet<string>,
  base: string,
): CodingIssue[] {
  const members = objectsOf(observation.hasMember);
  const within = containedIn(observation);
  if (members.length + within.length === 0) return [];
  const source = `Observation/${observation.id}`;
  const contained = new Set(within.map(({ part }) => `#${part.id}`));
  const named = new Set(members.map((one) => one.reference));
  const unread = within.flatMap(({ part, place }) => {
    if (!named.has(`#${part.id}`))
      return [
        warning(
          'missing-data',
          source,
          'It is contained, and no member names it: it was not read.',
          place,
        ),
      ];
    return usable.has(part.status) ? [] : [{ ...explainLeftOut(source, part.status), place }];
  });
  const missing = members.flatMap((one, index) => {
    const reference = textOf(one.reference) ?? '';
    const isThere = (type: string) => names.has(`${type}/${localId(reference, type, base)}`);
    // A panel may name the form that it was made of as its member.
    if (contained.has(reference) || isThere('Observation') || isThere('QuestionnaireResponse'))
      return [];
    return [
      warning(
        'missing-data',
        source,
        'The member that it names is not there.',
        `hasMember[${index}]`,
      ),
    ];
  });
  return [...missing, ...unread];
}
