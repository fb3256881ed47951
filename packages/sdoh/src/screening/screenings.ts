import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import { isVoid } from '../instrument/invalid-answers.ts';
import { addRepeat, isRepeated, noteRepeat } from '../instrument/repeated-answers.ts';
import type { Answer, CodingIssue, Instrument, PersonRecord } from '../model.ts';
import { byIdOrder, type Part } from './attribute-instrument.ts';
import { encounterOf } from './encounters/match-encounter.ts';
import { withoutMistakenEncounters } from './encounters/named-encounters.ts';
import { partsOfObservations } from './observations.ts';
import { partsOfResponse } from './questionnaire-responses.ts';
import { withBeside } from './stated-scores.ts';

/** A screening as it was read, before any rule: (person, instrument, authored). */
export type RawScreening = {
  instrument: Instrument | undefined;
  /** Names the instrument of an unknown one, or its own. */
  instrumentId: string;
  authored: string;
  instant: number;
  sources: string[];
  answers: Answer[];
  /** What a score of this sitting is about, or the score, where another screening has it. */
  beside?: readonly Answer[];
  encounter: string | undefined;
  issues: CodingIssue[];
  quarantine?: string;
  /** Answers of which nothing tells when they were given. */
  undated: Answer[];
  inProgress?: boolean;
  /** Nothing that was answered in it can be read. */
  isVoid?: boolean;
};

/**
 * Groups all that a record holds into screenings; neither order nor repetition of the input changes the result. What
 * cannot be read is quarantined by itself: its neighbors of the same instant are read all the same.
 */
export function screeningsOf(
  received: PersonRecord,
  instruments: readonly Instrument[],
): RawScreening[] {
  const record = withoutMistakenEncounters(received);
  const responses = onceById(record.responses);
  const forms = new Map(
    responses.map((questionnaireResponse) => [
      questionnaireResponse.id ?? '',
      {
        inError: questionnaireResponse.status === 'entered-in-error',
        parts: partsOfResponse(questionnaireResponse, instruments),
      },
    ]),
  );
  const parts = [
    ...[...forms.values()].flatMap((one) => one.parts),
    ...partsOfObservations(
      onceById(record.observations),
      forms,
      instruments,
      record.base,
      record.identity,
    ),
  ];
  const groups = Map.groupBy(parts, keyOf);
  const merged = [...groups.values()].map((group) => merge(group, record)).sort(byInstant);
  return merged.map((one) => withBeside(one, merged));
}

/** One of which nothing can be read is a screening by itself, which calls a person whatever is answered beside it. */
const isAllVoid = ({ answers }: Part) => answers.length > 0 && answers.every(isVoid);

const keyOf = (part: Part) =>
  part.quarantine || part.inProgress || isAllVoid(part)
    ? `! ${part.sources[0] ?? ''}`
    : `${part.instrumentId}\n${startOf(part.authored) ?? ''}`;

const byInstant = (a: RawScreening, b: RawScreening) =>
  a.instant - b.instant ||
  (a.instrumentId === b.instrumentId
    ? (a.sources[0] ?? '') < (b.sources[0] ?? '')
      ? -1
      : 1
    : a.instrumentId < b.instrumentId
      ? -1
      : 1);

function onceById<R extends fhir4.Resource>(resources: readonly R[]): R[] {
  return [...new Map(objectsOf(resources).map((one) => [one.id ?? '', one])).values()].sort(
    byIdOrder,
  );
}

function merge(group: readonly Part[], record: PersonRecord): RawScreening {
  const sorted = [...group].sort((a, b) => ((a.sources[0] ?? '') < (b.sources[0] ?? '') ? -1 : 1));
  const [first] = sorted;
  const authored = first?.authored ?? '';
  const once = onceEach(sorted.flatMap((part) => part.answers));
  const references = sorted.flatMap((part) =>
    part.encounterRefs.filter((one) => one !== undefined),
  );
  return {
    instrument: first?.instrument,
    instrumentId: first?.instrumentId ?? '',
    authored,
    instant: startOf(authored) ?? 0,
    sources: [...new Set(sorted.flatMap((part) => part.sources))],
    answers: once.answers,
    encounter: encounterOf(references, authored, record.encounters, record.base),
    issues: [...sorted.flatMap((part) => part.issues), ...once.issues],
    undated: sorted.flatMap((part) => part.undated ?? []),
    ...(first?.quarantine ? { quarantine: first.quarantine } : {}),
    ...(first?.inProgress ? { inProgress: true } : {}),
    ...(first && isAllVoid(first) ? { isVoid: true } : {}),
  };
}

/** The same answer brought twice counts once; the EHR's own Observation is preferred over the form it came from. */
function onceEach(answers: readonly Answer[]): { answers: Answer[]; issues: CodingIssue[] } {
  const byFact = new Map(answers.map((answer) => [factOf(answer), answer]));
  // As good as always nothing came twice, and which one to keep is no question.
  return byFact.size === answers.length
    ? { answers: sortedBy(answers, sortKey), issues: [] }
    : bestOfEach(answers);
}

const factOf = ({ question, half, code, text, number, absent, invalid }: Answer) =>
  `${question} ${half ?? ''}\n${code?.trim().toUpperCase() ?? ''}\n${code ? '' : (text ?? '')}\n${number ?? ''}\n${absent ?? ''}\n${invalid ?? ''}`;

function bestOfEach(answers: readonly Answer[]): { answers: Answer[]; issues: CodingIssue[] } {
  const byFact = new Map<string, Answer>();
  const issues: CodingIssue[] = [];
  for (const answer of sortedBy(answers, sourceKey)) {
    const key = factOf(answer);
    const known = byFact.get(key);
    // Between a form and an Observation the latter, and one of its own before a part of a panel; between two writings of one
    // code the one that needs no mending.
    const isBetter = !known || rank(answer) < rank(known);
    if (known && isRepeated(answer, known)) issues.push(noteRepeat(isBetter ? known : answer));
    byFact.set(
      key,
      known ? (isBetter ? addRepeat(answer, known) : addRepeat(known, answer)) : answer,
    );
  }
  return { answers: sortedBy([...byFact.values()], sortKey), issues };
}

const rank = ({ mended, code, source, place }: Answer) =>
  (mended || code !== code?.trim().toUpperCase() ? 4 : 0) +
  (source.startsWith('Questionnaire') ? 2 : place === '' ? 0 : 1);
const sortKey = (answer: Answer) =>
  `${answer.question} ${answer.code ?? answer.text ?? answer.number ?? ''} ${answer.source} ${answer.place}`;
const sourceKey = (answer: Answer) => `${answer.source} ${answer.place}`;

/** Each key is made once: comparing makes them anew for each pair, and forms are read by the million. */
function sortedBy(answers: readonly Answer[], key: (answer: Answer) => string): Answer[] {
  const keyed = answers.map((answer) => ({ answer, key: key(answer) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map((one) => one.answer);
}
