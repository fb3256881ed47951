import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Answer, Instrument } from '../model.ts';
import {
  attributable,
  closest,
  fittest,
  knownTo,
  leftOut,
  mendedTime,
  named,
  ownerAmong,
  type Part,
  settledFirst,
  spread,
  unfinished,
} from './attribute-instrument.ts';
import { flawIssues } from './flawed-answers.ts';
import { answersOfResponse, questionOf } from './form-answers.ts';

/** What a QuestionnaireResponse holds, by the instrument that it is of. */
export function partsOfResponse(
  response: fhir4.QuestionnaireResponse,
  instruments: readonly Instrument[],
): Part[] {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  const authored = textOf(response.authored) ?? '';
  const common = {
    authored,
    sources: [source],
    encounterRefs: [textOf(response.encounter?.reference)],
    issues: flawIssues(response),
    answers: [],
  };
  const read = answersOfResponse(response);
  const told = toldInstrument(response, instruments);
  const instrument = told ?? guessedInstrument(read ?? [], instruments);
  const answers = read?.flatMap((answer) => answerIn(instrument, answer, instruments) ?? []);
  const own = {
    ...common,
    ...(instrument ? { instrument } : {}),
    instrumentId: instrument?.id ?? 'unknown',
  };
  // One whose status cannot be read is not left out in silence: its answers are void.
  const isRead = response.status !== undefined || !isUnclear(response);
  const counts = !isRead || response.status === 'completed' || response.status === 'amended';
  if (!answers) return [{ ...own, quarantine: 'malformed-resource' }];
  if (response.status === 'in-progress')
    return [{ ...own, inProgress: true, issues: [...own.issues, unfinished(source, authored)] }];
  if (!instrument) return counts ? [{ ...own, quarantine: 'unknown-instrument' }] : [];
  if (startOf(authored) === undefined)
    return [{ ...own, undated: counts ? answers : [], quarantine: 'missing-authored' }];
  if (!counts) return [{ ...own, issues: [...own.issues, leftOut(source, response.status)] }];
  return spread(
    { ...own, answers, issues: [...own.issues, ...mendedTime(source, authored, 'authored')] },
    instruments,
    told === undefined,
  );
}

/** Told by its canonical, whatever version of it, or by the panel that its items stand under. */
function toldInstrument(
  response: fhir4.QuestionnaireResponse,
  instruments: readonly Instrument[],
): Instrument | undefined {
  const canonical = canonicalOf(response)?.split(/[|#]/)[0]?.trim().replace(/\/$/, '');
  const panels = [
    loincForm.exec(canonical ?? '')?.[1],
    ...objectsOf(response.item).map(questionOf),
  ];
  return (
    instruments.find((one) => canonical !== undefined && one.canonicals.includes(canonical)) ??
    panels.flatMap((code) => knownTo(instruments).panels.get(code ?? '') ?? [])[0]
  );
}

/** Else by its questions, or by their wording. */
function guessedInstrument(
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const among = attributable(answers, instruments);
  const known = answers.filter((answer) =>
    among.some((one) => one.questions.includes(answer.question)),
  );
  if (known.length === 0)
    return (
      byWording(
        answers,
        instruments.filter((one) => one.isSettled),
      ) ?? byWording(answers, instruments)
    );
  const fitting = among.filter((one) => one.answersTo(known));
  return fittest(fitting, known) ?? closest(known, among);
}

/** LOINC's address of a form, and as it is written now and then. */
const loincForm = /^https?:\/\/loinc\.org\/(?:q\/)?(\d{1,7}-\d)$/;

/** Of a contained Questionnaire its own address. */
function canonicalOf({
  questionnaire,
  contained,
}: fhir4.QuestionnaireResponse): string | undefined {
  const named = textOf(questionnaire);
  if (!named?.startsWith('#')) return named;
  const form = objectsOf(contained).find((one) => one.id === named.slice(1));
  return textOf((form as { url?: unknown } | undefined)?.url);
}

/** A `linkId` may end like a code and be none: then the words count, too. */
const wordsOf = ({ asked, called }: Answer) => asked ?? called?.[0];

/** A form without codes is the instrument whose wordings it uses most, if there is one such. */
function byWording(
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const words = answers.flatMap((answer) => wordsOf(answer) ?? []);
  const most = (isIts: (instrument: Instrument, some: string) => boolean) => {
    const counts = new Map(
      instruments.map((one) => [one, words.filter((some) => isIts(one, some)).length] as const),
    );
    const highest = Math.max(0, ...counts.values());
    return highest === 0 ? [] : instruments.filter((one) => counts.get(one) === highest);
  };
  const exact = most((one, some) => one.questionFor(some) !== undefined);
  // What an instrument words itself comes before what is worded like it.
  const some =
    exact.length > 0 ? exact : most((one, words) => one.questionLike(words) !== undefined);
  return some.length === 0 ? undefined : ownerAmong(some, answers);
}

/** The question by its wording where no code tells; a blank item that is no question of the instrument is a heading. */
function answerIn(
  instrument: Instrument | undefined,
  given: Answer,
  instruments: readonly Instrument[],
): Answer | undefined {
  const { asked: _asked, ...answer } = given;
  if (!instrument || knownTo(instruments).questions.has(answer.question))
    return named(answer, knownTo(instruments));
  const asked = wordsOf(given);
  // What another instrument words like this is one of its questions: a form may hold more than one.
  const [own, ...others] =
    asked === undefined
      ? []
      : [instrument, ...settledFirst(instruments)].map((one) => one.questionFor(asked));
  const question = own ?? others.find((one) => one !== undefined);
  if (question !== undefined) return { ...answer, question };
  const [like] =
    asked === undefined
      ? []
      : [instrument, ...settledFirst(instruments)].flatMap((one) => one.questionLike(asked) ?? []);
  if (like) return { ...answer, ...like };
  return answer.blank ? undefined : answer;
}
