import type { fhir4 } from '@loopwell/fhir';
import type { PersonCoding, Screening } from '../coding/person-coding.ts';
import { findUnread } from '../coding/unread-answers.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { findOutOfScopeQuestions } from '../instrument/out-of-scope.ts';
import type { Answer, CodingIssue, Finding, Instrument, PersonRecord } from '../model.ts';
import { indexShelf } from '../screening/attribute-instrument.ts';
import { answersOfResponse } from '../screening/form-answers.ts';
import { answersOfObservation } from '../screening/observation-answers.ts';
import { type SocialOnFile, socialOnFile } from './social-conditions.ts';

/** How one question arrives. `arrived` is the sum of the others. */
export type QuestionQuality = {
  label: string;
  arrived: number;
  coded: number;
  absent: number;
  declined: number;
  unread: number;
};

/**
 * Counts of what arrives from one EHR, and of what can be made of it. They hold counts and codes
 * only, nothing of a person.
 */
export type Quality = {
  people: number;
  screenings: number;
  quarantined: number;
  /** `forPerson`: what a person has to look at in its screenings. */
  instruments: Record<
    string,
    {
      name: string;
      screenings: number;
      forPerson: number;
      questions: Record<string, QuestionQuality>;
    }
  >;
  /** Questions and answers that no table knows: kind, the code as it came, and how often. */
  unknown: Record<
    string,
    { kind: 'question' | 'answer'; question: string; label?: string; code: string; count: number }
  >;
  /**
   * Questions that are no screening for social needs (smoking, a test of memory), by LOINC code.
   */
  notScreening: Record<string, { label: string; count: number }>;
  /**
   * Social Conditions that stand in the charts already, by code; the restricted ones only as a
   * number.
   */
  onFile: {
    conditions: number;
    people: number;
    restricted: number;
    byCode: Record<string, { label: string; count: number }>;
  };
  /** Answers that were read only after mending, by question. */
  mended: Record<string, number>;
  /** Issues that a person has to look at, by code. */
  issues: Record<string, number>;
  categories: Record<string, number>;
};

/** Returns counts of an EHR of which nothing has arrived. */
export const emptyQuality = (): Quality => ({
  people: 0,
  screenings: 0,
  quarantined: 0,
  instruments: {},
  unknown: {},
  notScreening: {},
  onFile: { conditions: 0, people: 0, restricted: 0, byCode: {} },
  mended: {},
  issues: {},
  categories: {},
});

/**
 * Adds one person's record, as it was coded, to the counts of its EHR. Memory grows with what is
 * different, not with people.
 */
export function addToQuality(
  quality: Quality,
  record: PersonRecord,
  coding: PersonCoding,
  instruments: readonly Instrument[],
): void {
  quality.people += 1;
  for (const screening of coding.screenings) addScreening(quality, record, screening, instruments);
  for (const { finding } of coding.readings) addFinding(quality, finding, instruments);
  addOnFile(quality, socialOnFile(record));
  for (const [question, label] of findOutOfScopeQuestions(record.observations)) {
    quality.notScreening[question] ??= { label, count: 0 };
    quality.notScreening[question].count += 1;
  }
  const ofScreenings = coding.screenings.flatMap((screening) => screening.issues);
  const unread = findUnread(record, coding.screenings, instruments);
  for (const issue of [...ofScreenings, ...unread]) {
    if (issue.severity === 'warning') count(quality.issues, issue.code);
    if (issue.code === 'unmapped-question') addUnknownQuestion(quality, record, issue, instruments);
  }
}

function addScreening(
  quality: Quality,
  record: PersonRecord,
  { instrument: id, quarantine, issues, sources }: Screening,
  instruments: readonly Instrument[],
): void {
  quality.screenings += 1;
  if (quarantine) quality.quarantined += 1;
  const instrument = instruments.find((candidate) => candidate.id === id);
  if (!instrument) return;
  const counts = instrumentIn(quality, instrument);
  counts.screenings += 1;
  const forPerson = issues.filter((issue) => issue.severity === 'warning').length;
  counts.forPerson += quarantine ? Math.max(1, forPerson) : forPerson;
  if (quarantine)
    for (const answer of answersAt(record, sources)) addUnread(counts, instrument, answer);
}

/** Lists what was answered in a screening of which nothing was coded. */
function answersAt(record: PersonRecord, sources: readonly string[]): Answer[] {
  const isSource = ({ resourceType, id }: fhir4.Resource) =>
    sources.includes(`${resourceType}/${id}`);
  const responses = objectsOf(record.responses).filter(isSource);
  const observations = objectsOf(record.observations).filter(isSource);
  const answers = [
    ...responses.flatMap((response) => answersOfResponse(response) ?? []),
    ...observations.flatMap((observation) => answersOfObservation(observation)),
  ];
  return answers.filter((answer) => !answer.blank);
}

function addUnread(
  quality: Quality['instruments'][string],
  instrument: Instrument,
  { question }: Answer,
): void {
  if (!instrument.questions.includes(question)) return;
  const questionQuality = questionIn(quality, instrument, question);
  questionQuality.arrived += 1;
  questionQuality.unread += 1;
}

function addOnFile({ onFile }: Quality, conditions: readonly SocialOnFile[]): void {
  if (conditions.length > 0) onFile.people += 1;
  for (const { code, display, isRestricted } of conditions) {
    onFile.conditions += 1;
    if (isRestricted) {
      onFile.restricted += 1;
      continue;
    }
    onFile.byCode[code] ??= { label: display, count: 0 };
    onFile.byCode[code].count += 1;
  }
}

const count = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

function instrumentIn(
  quality: Quality,
  { id, name, short }: Instrument,
): Quality['instruments'][string] {
  quality.instruments[id] ??= { name: short ?? name, screenings: 0, forPerson: 0, questions: {} };
  return quality.instruments[id];
}

function questionIn(
  { questions }: Quality['instruments'][string],
  { labelOf }: Instrument,
  code: string,
): QuestionQuality {
  const question = questions[code] ?? {
    label: labelOf(code),
    arrived: 0,
    coded: 0,
    absent: 0,
    declined: 0,
    unread: 0,
  };
  questions[code] = question;
  return question;
}

function addFinding(quality: Quality, finding: Finding, instruments: readonly Instrument[]): void {
  if (finding.computed) return;
  const instrument = instruments.find((one) => finding.rule.startsWith(`${one.id}/`));
  if (!instrument) return;
  const question = questionIn(instrumentIn(quality, instrument), instrument, finding.question);
  const [answer] = finding.answers;
  question.arrived += 1;
  question[kindOf(finding)] += 1;
  for (const category of finding.categories)
    if (category !== '-') count(quality.categories, category);
  if (finding.mended || answer?.mendedQuestion) count(quality.mended, finding.question);
  if (finding.unread && answer)
    addUnknown(quality, {
      kind: 'answer',
      question: finding.question,
      label: question.label,
      code: answerCode(answer),
    });
}

function kindOf(finding: Finding): Exclude<keyof QuestionQuality, 'arrived' | 'label'> {
  if (finding.unread) return 'unread';
  if (finding.declined) return 'declined';
  return finding.unanswered || finding.answers[0]?.absent !== undefined ? 'absent' : 'coded';
}

type Unknown = Omit<Quality['unknown'][string], 'count'>;

function addUnknown(quality: Quality, unknown: Unknown): void {
  const key = `${unknown.kind} ${unknown.question} ${unknown.code}`;
  quality.unknown[key] ??= { ...unknown, count: 0 };
  quality.unknown[key].count += 1;
}

/** Matches a code, which may be shown; free text may not. */
const token = /^[A-Za-z0-9._:/|#-]{1,100}$/;
const shown = (text: string | undefined, otherwise: string) =>
  text !== undefined && token.test(text) ? text : otherwise;

function answerCode(answer: Answer): string {
  if (answer.code !== undefined) return shown(answer.code.trim(), 'a code of no known form');
  if (answer.local)
    return shown(`${answer.local.system}|${answer.local.code}`, 'a code of no known form');
  if (answer.withoutSystem)
    return `${shown(answer.text, 'a code of no known form')} without its code system`;
  if (answer.number !== undefined) return 'a number';
  return answer.invalid === undefined ? 'free text' : `no answer (${answer.invalid})`;
}

function addUnknownQuestion(
  quality: Quality,
  record: PersonRecord,
  issue: CodingIssue,
  instruments: readonly Instrument[],
): void {
  const [type = '', id = ''] = issue.source.split('/');
  const name =
    type === 'Observation'
      ? observed(record, id, issue.place, instruments)
      : formed(record, id, issue.place);
  addUnknown(quality, { kind: 'question', question: name, code: '' });
}

function observed(
  record: PersonRecord,
  id: string,
  place: string | undefined,
  instruments: readonly Instrument[],
): string {
  const observation = objectsOf(record.observations).find((one) => one.id === id);
  const index = /^component\[(\d+)\]/.exec(place ?? '')?.[1];
  const component = objectsOf(observation?.component)[Number(index)];
  const code = index === undefined ? observation?.code : component?.code;
  const { questions } = indexShelf(instruments);
  const loinc = loincOf(code).find((question) => !questions.has(question));
  if (loinc !== undefined) return shown(loinc, 'a code of no known form');
  const [coding] = isObject(code) ? objectsOf(code.coding as fhir4.Coding[] | undefined) : [];
  const parts = [textOf(coding?.system), textOf(coding?.code)];
  const local = parts.filter((part) => part !== undefined).join('|');
  return local === '' ? 'words alone' : shown(local, 'a code of no known form');
}

/** Names a question as its form does: the form and the `linkId`. */
function formed(record: PersonRecord, id: string, place: string | undefined): string {
  const response = objectsOf(record.responses).find((one) => one.id === id);
  const form = shown(textOf(response?.questionnaire), 'a form without a canonical');
  type Level = Partial<Record<'item' | 'answer' | 'linkId', unknown>>;
  let level: Level | undefined = response;
  for (const [, name = '', index] of (place ?? '').matchAll(/(item|answer)\[(\d+)\]/g)) {
    const next = (level as Record<string, unknown> | undefined)?.[name];
    if (name === 'item' || textOf(level?.linkId) === undefined)
      level = Array.isArray(next) ? (next[Number(index)] as Level) : undefined;
  }
  const link = textOf(level?.linkId);
  return link === undefined ? form : `${form} ${shown(link, 'an item')}`;
}

/** Lists the SDOHCC categories of the guide (3.0.0) that nothing which arrived is about. */
export const neverSeen = (quality: Quality, categories: readonly string[]): string[] =>
  categories.filter((category) => quality.categories[category] === undefined);
