import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import { isVoid } from '../instrument/invalid-answers.ts';
import { addRepeat, isRepeated, noteRepeat } from '../instrument/repeated-answers.ts';
import type { Answer, CodingIssue, Instrument, PersonRecord } from '../model.ts';
import { byIdOrder, type Part } from './attribute-instrument.ts';
import { encounterOf } from './encounters/match-encounter.ts';
import { markMistakenEncounters } from './encounters/named-encounters.ts';
import { readObservations } from './observations.ts';
import { readResponse } from './questionnaire-responses.ts';
import { addAnswersBeside } from './stated-scores.ts';

/** A screening as it was read, before any rule: (person, instrument, authored). */
export type RawScreening = {
  instrument: Instrument | undefined;
  /** Names the instrument of an unknown one, or its own. */
  instrumentId: string;
  authored: string;
  instant: number;
  sources: string[];
  answers: Answer[];
  /**
   * The answers that a score of this sitting is about, or the score, where another screening has
   * it.
   */
  beside?: readonly Answer[];
  encounter: string | undefined;
  issues: CodingIssue[];
  quarantine?: string;
  /** Answers without a time. */
  undated: Answer[];
  inProgress?: boolean;
  /** Nothing that was answered in it can be read. */
  isVoid?: boolean;
};

/**
 * Groups all that a record holds into screenings. Neither order nor repetition of the input changes
 * the result. What cannot be read is quarantined by itself: its neighbors of the same instant are
 * read all the same.
 */
export function screeningsOf(
  received: PersonRecord,
  instruments: readonly Instrument[],
): RawScreening[] {
  const record = markMistakenEncounters(received);
  const responses = onceById(record.responses);
  const forms = new Map(
    responses.map((response) => [
      response.id ?? '',
      {
        inError: response.status === 'entered-in-error',
        parts: readResponse(response, instruments),
      },
    ]),
  );
  const observations = onceById(record.observations);
  const { base, identity } = record;
  const parts = [
    ...[...forms.values()].flatMap((form) => form.parts),
    ...readObservations(observations, forms, instruments, base, identity),
  ];
  const groups = Map.groupBy(parts, keyOf);
  const merged = [...groups.values()].map((group) => mergeParts(group, record)).sort(byInstant);
  return merged.map((screening) => addAnswersBeside(screening, merged));
}

/**
 * Tells whether no answer of a part can be read. Such a part is a screening by itself, so that a
 * person looks at it whatever is answered beside it.
 */
const isAllVoid = ({ answers }: Part) => answers.length > 0 && answers.every(isVoid);

const keyOf = (part: Part) =>
  part.quarantine || part.inProgress || isAllVoid(part)
    ? `! ${part.sources[0] ?? ''}`
    : `${part.instrumentId}\n${startOf(part.authored) ?? ''}`;

function byInstant(a: RawScreening, b: RawScreening): number {
  if (a.instant !== b.instant) return a.instant - b.instant;
  if (a.instrumentId !== b.instrumentId) return a.instrumentId < b.instrumentId ? -1 : 1;
  return (a.sources[0] ?? '') < (b.sources[0] ?? '') ? -1 : 1;
}

function onceById<R extends fhir4.Resource>(resources: readonly R[]): R[] {
  return [...new Map(objectsOf(resources).map((one) => [one.id ?? '', one])).values()].sort(
    byIdOrder,
  );
}

/** Merges the parts of one screening. */
function mergeParts(group: readonly Part[], record: PersonRecord): RawScreening {
  const sorted = [...group].sort((a, b) => ((a.sources[0] ?? '') < (b.sources[0] ?? '') ? -1 : 1));
  const [first] = sorted;
  const authored = first?.authored ?? '';
  const merged = mergeAnswers(sorted.flatMap((part) => part.answers));
  const references = sorted.flatMap((part) => part.encounterRefs);
  const screening: RawScreening = {
    instrument: first?.instrument,
    instrumentId: first?.instrumentId ?? '',
    authored,
    instant: startOf(authored) ?? 0,
    sources: [...new Set(sorted.flatMap((part) => part.sources))],
    answers: merged.answers,
    encounter: encounterOf(references, authored, record.encounters, record.base),
    issues: [...sorted.flatMap((part) => part.issues), ...merged.issues],
    undated: sorted.flatMap((part) => part.undated ?? []),
  };
  if (first?.quarantine) screening.quarantine = first.quarantine;
  if (first?.inProgress) screening.inProgress = true;
  if (first && isAllVoid(first)) screening.isVoid = true;
  return screening;
}

type MergedAnswers = { answers: Answer[]; issues: CodingIssue[] };

/**
 * Merges answers so that one that came twice counts once. The EHR's own Observation is preferred
 * over the form it came from.
 */
function mergeAnswers(answers: readonly Answer[]): MergedAnswers {
  const byFact = new Map(answers.map((answer) => [factOf(answer), answer]));
  // Nearly always nothing came twice, and there is no choice to make.
  return byFact.size === answers.length
    ? { answers: sortedBy(answers, sortKey), issues: [] }
    : pickBestOfEach(answers);
}

function factOf({ question, half, code, text, number, absent, invalid }: Answer): string {
  const words = code ? '' : (text ?? '');
  const asked = `${question} ${half ?? ''}`;
  const answered = `${code?.trim().toUpperCase() ?? ''}\n${words}\n${number ?? ''}`;
  return `${asked}\n${answered}\n${absent ?? ''}\n${invalid ?? ''}`;
}

function pickBestOfEach(answers: readonly Answer[]): MergedAnswers {
  const byFact = new Map<string, Answer>();
  const issues: CodingIssue[] = [];
  for (const answer of sortedBy(answers, sourceKey)) {
    const key = factOf(answer);
    const earlier = byFact.get(key);
    if (!earlier) {
      byFact.set(key, answer);
      continue;
    }
    const isBetter = rank(answer) < rank(earlier);
    const [kept, left] = isBetter ? [answer, earlier] : [earlier, answer];
    if (isRepeated(answer, earlier)) issues.push(noteRepeat(left));
    byFact.set(key, addRepeat(kept, left));
  }
  return { answers: sortedBy([...byFact.values()], sortKey), issues };
}

/**
 * Ranks an answer for choosing among repeats; the lower, the better. A code that needs no mending
 * comes first; then an Observation before a form, and one of its own before a part of a panel.
 */
function rank({ mended, code, source, place }: Answer): number {
  const isMended = mended || code !== code?.trim().toUpperCase();
  return (isMended ? 4 : 0) + carrierRank(source, place);
}

function carrierRank(source: string, place: string): number {
  if (source.startsWith('Questionnaire')) return 2;
  return place === '' ? 0 : 1;
}

const sortKey = (answer: Answer) =>
  `${answer.question} ${answer.code ?? answer.text ?? answer.number ?? ''} ${answer.source} ` +
  `${answer.place}`;
const sourceKey = (answer: Answer) => `${answer.source} ${answer.place}`;

/**
 * Sorts answers by a key that is made once for each. Forms are read by the million, and comparing
 * would make it anew for each pair.
 */
function sortedBy(answers: readonly Answer[], key: (answer: Answer) => string): Answer[] {
  const keyed = answers.map((answer) => ({ answer, key: key(answer) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map((one) => one.answer);
}
