import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Answer, CodingIssue, Instrument } from '../model.ts';
import {
  checkWording,
  explainLeftOut,
  indexShelf,
  listAttributable,
  noteMendedTime,
  noteUnfinished,
  type Part,
  pickClosest,
  pickFittest,
  pickOwner,
  sortSettledFirst,
  splitByOwner,
} from './attribute-instrument.ts';
import { listFlawIssues } from './flawed-answers.ts';
import { answersOfResponse, findQuestionCode } from './form-answers.ts';

/** Reads what a QuestionnaireResponse holds, by the instrument that it is of. */
export function readResponse(
  response: fhir4.QuestionnaireResponse,
  instruments: readonly Instrument[],
): Part[] {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  const authored = textOf(response.authored) ?? '';
  const read = answersOfResponse(response);
  const stated = findStatedInstrument(response, instruments);
  const instrument = stated ?? guessInstrument(read ?? [], instruments);
  const part: Part = {
    authored,
    sources: [source],
    encounterRefs: [textOf(response.encounter?.reference)],
    issues: listFlawIssues(response),
    answers: [],
    instrumentId: instrument?.id ?? 'unknown',
  };
  if (instrument) part.instrument = instrument;
  const leave = (issue: CodingIssue): Part => ({ ...part, issues: [...part.issues, issue] });
  if (!read) return [{ ...part, quarantine: 'malformed-resource' }];
  if (response.status === 'in-progress')
    return [{ ...leave(noteUnfinished(source, authored)), inProgress: true }];
  const isCounted = counts(response);
  if (!instrument) return isCounted ? [{ ...part, quarantine: 'unknown-instrument' }] : [];
  const answers = resolveQuestions(instrument, read, instruments);
  if (startOf(authored) === undefined)
    return [{ ...part, undated: isCounted ? answers : [], quarantine: 'missing-authored' }];
  if (!isCounted) return [leave(explainLeftOut(source, response.status))];
  const issues = [...part.issues, ...noteMendedTime(source, authored, 'authored')];
  return splitByOwner({ ...part, answers, issues }, instruments, stated === undefined);
}

/**
 * Tells whether a form is completed. One whose status cannot be read counts, too: its answers are
 * void, and it is not left out in silence.
 */
function counts(response: fhir4.QuestionnaireResponse): boolean {
  const { status } = response;
  const isUnreadable = status === undefined && isUnclear(response);
  return isUnreadable || status === 'completed' || status === 'amended';
}

function resolveQuestions(
  instrument: Instrument,
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Answer[] {
  const resolved = answers.map((answer) => resolveQuestion(instrument, answer, instruments));
  return resolved.filter((answer) => answer !== undefined);
}

/**
 * Finds the instrument by the form's canonical, whatever version of it, or by the panel that its
 * items stand under.
 */
function findStatedInstrument(
  response: fhir4.QuestionnaireResponse,
  instruments: readonly Instrument[],
): Instrument | undefined {
  const [canonical] = canonicalOf(response)?.split(/[|#]/) ?? [];
  const address = canonical?.trim().replace(/\/$/, '');
  const named = instruments.find(
    (instrument) => address !== undefined && instrument.canonicals.includes(address),
  );
  if (named) return named;
  const { panels } = indexShelf(instruments);
  const codes = [
    loincForm.exec(address ?? '')?.[1],
    ...objectsOf(response.item).map(findQuestionCode),
  ];
  return codes.map((code) => panels.get(code ?? '')).find((instrument) => instrument !== undefined);
}

/** Guesses the instrument by the form's questions, or by their wording. */
function guessInstrument(
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const among = listAttributable(answers, instruments);
  const asked = answers.filter(({ question }) =>
    among.some((instrument) => instrument.questions.includes(question)),
  );
  if (asked.length > 0) {
    const fitting = among.filter((instrument) => instrument.answersTo(asked));
    return pickFittest(fitting, asked) ?? pickClosest(asked, among);
  }
  const settled = instruments.filter((instrument) => instrument.isSettled);
  return findByWording(answers, settled) ?? findByWording(answers, instruments);
}

/** Matches LOINC's address of a form, also as it is written now and then (without `/q`). */
const loincForm = /^https?:\/\/loinc\.org\/(?:q\/)?(\d{1,7}-\d)$/;

/**
 * Returns the canonical of a form's Questionnaire; for a contained one it is that one's own
 * address.
 */
function canonicalOf({
  questionnaire,
  contained,
}: fhir4.QuestionnaireResponse): string | undefined {
  const named = textOf(questionnaire);
  if (!named?.startsWith('#')) return named;
  const form = objectsOf(contained).find((one) => one.id === named.slice(1));
  return textOf((form as { url?: unknown } | undefined)?.url);
}

/**
 * Returns the words that ask a question. Words beside a `linkId` count, too: it may end like a code
 * and be none.
 */
const wordsOf = ({ asked, called }: Answer) => asked ?? called?.[0];

type Asks = (instrument: Instrument, words: string) => boolean;

/** Finds the instrument whose wordings a form without codes uses most. */
function findByWording(
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const words = answers.map(wordsOf).filter((text) => text !== undefined);
  const exact = pickMostAsking(instruments, words, asksExactly);
  // An instrument's own wordings come before wordings that are like them.
  const candidates = exact.length > 0 ? exact : pickMostAsking(instruments, words, asksAlike);
  return candidates.length === 0 ? undefined : pickOwner(candidates, answers);
}

const asksExactly: Asks = ({ questionFor }, words) => questionFor(words) !== undefined;
const asksAlike: Asks = ({ questionLike }, words) => questionLike(words) !== undefined;

/** Picks the instruments that ask the most of these wordings. */
function pickMostAsking(
  instruments: readonly Instrument[],
  words: readonly string[],
  asks: Asks,
): Instrument[] {
  const counted = instruments.map((instrument) => ({
    instrument,
    count: words.filter((text) => asks(instrument, text)).length,
  }));
  const most = Math.max(0, ...counted.map(({ count }) => count));
  if (most === 0) return [];
  return counted.filter(({ count }) => count === most).map(({ instrument }) => instrument);
}

/**
 * Finds the question of an answer by its wording where no code tells. A blank item that is no
 * question of the instrument is a heading, and gives undefined. Wordings of other instruments are
 * tried, too: a form may hold more than one.
 */
function resolveQuestion(
  instrument: Instrument,
  received: Answer,
  instruments: readonly Instrument[],
): Answer | undefined {
  const { asked: _asked, ...answer } = received;
  const shelf = indexShelf(instruments);
  if (shelf.questions.has(answer.question)) return checkWording(answer, shelf);
  const words = wordsOf(received);
  if (words !== undefined) {
    const ordered = [instrument, ...sortSettledFirst(instruments)];
    const question = firstAmong(ordered.map(({ questionFor }) => questionFor(words)));
    if (question !== undefined) return { ...answer, question };
    const alike = firstAmong(ordered.map(({ questionLike }) => questionLike(words)));
    if (alike) return { ...answer, ...alike };
  }
  return answer.blank ? undefined : answer;
}

const firstAmong = <T>(candidates: readonly (T | undefined)[]): T | undefined =>
  candidates.find((candidate) => candidate !== undefined);
