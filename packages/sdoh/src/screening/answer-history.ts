import type { fhir4 } from '@loopwell/fhir';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Finding, Instrument, PersonRecord } from '../model.ts';
import { answersOfResponse } from './form-answers.ts';
import { partsWithin } from './observation-answers.ts';
import { screeningsOf } from './screenings.ts';
import { readFindings } from './stated-scores.ts';

/** One answer as a reviewer reads it beside a suggestion. */
export type AnswerSoFar = {
  /** Name of the instrument. */
  instrument: string;
  /** When it was answered, as its source writes it. */
  authored: string;
  /** “question”: answer, in short words. */
  said: string;
  /**
   * `need`: a possible need, `none`: none by this answer, `declined`: refused, `unread`: its
   * meaning is unknown.
   */
  meaning: 'need' | 'none' | 'declined' | 'unread' | 'other';
  /** Safety, violence, incarceration, refugee status, farm work, substance use, mental health. */
  restricted: boolean;
  /**
   * Answers a question about safety, violence or incarceration, whatever it says: no page shows it
   * beside others.
   */
  safety: boolean;
  /** SDOHCC categories of the question. */
  categories: string[];
  /** The resource of the EHR that carries it. */
  source: string;
};

/**
 * Lists all that one person has answered to instruments of the shelf, latest first. Computed scores
 * and blank answers are left out.
 */
export function answersSoFar(
  record: PersonRecord,
  instruments: readonly Instrument[],
): AnswerSoFar[] {
  const answers: AnswerSoFar[] = [];
  for (const raw of screeningsOf(record, instruments)) {
    const { instrument, authored, quarantine } = raw;
    if (!instrument || quarantine) continue;
    for (const finding of readFindings(raw).findings)
      if (!finding.computed && !finding.blank)
        answers.push(describeAnswer(finding, instrument.name, authored));
  }
  return answers.reverse();
}

const describeAnswer = (finding: Finding, instrument: string, authored: string): AnswerSoFar => ({
  instrument,
  authored,
  said: finding.label,
  meaning: meaningOf(finding),
  restricted: finding.restricted || finding.sensitive,
  safety: isOpenedAlone(finding),
  categories: finding.categories.filter((category) => category !== '-'),
  source: finding.answers[0]?.source ?? '',
});

/** Tells whether an answer is shown only to whoever opens it. */
const isOpenedAlone = ({ safety, sensitive }: Finding): boolean => safety === true || sensitive;

/** An answer in the words of its form, as the page shows it to whoever opens it. */
export type OpenedAnswer = {
  /** The resource of the EHR that carries it. */
  source: string;
  /** The sentence that asked, as the form has it; our short words where it has none. */
  question: string;
  /** What was answered; undefined where nothing readable was. */
  answer: string | undefined;
};

/**
 * Lists the answers of a person about safety, violence and incarceration, in the order of the form.
 * Computed scores and blank answers are left out.
 */
export function openedAnswers(
  record: PersonRecord,
  instruments: readonly Instrument[],
): OpenedAnswer[] {
  const screenings = screeningsOf(record, instruments).filter(({ instrument }) => instrument);
  const findings = screenings.flatMap((raw) => readFindings(raw).findings);
  const opened = findings.filter(
    (finding) => isOpenedAlone(finding) && !finding.computed && !finding.blank,
  );
  const sentences = sentencesOf(record);
  return opened.map((finding) => openAnswer(finding, sentences));
}

/** Lists the sentences that asked, as forms and Observations have them, by place. */
function sentencesOf({ responses, observations }: PersonRecord): ReadonlyMap<string, string> {
  const ofForms = objectsOf(responses)
    .flatMap((response) => answersOfResponse(response) ?? [])
    .map((answer) => [placeOf(answer), answer.called?.[0] ?? answer.asked] as const);
  const ofObservations = objectsOf(observations).flatMap((observation) => {
    const source = `Observation/${observation.id}`;
    const whole = { part: observation, place: '' };
    return [whole, ...partsWithin(observation)].map(
      ({ part, place }) => [placeOf({ source, place }), wordsOf(part.code)] as const,
    );
  });
  const all = [...ofForms, ...ofObservations];
  return new Map(all.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

const placeOf = ({ source, place }: { source: string; place: string }): string =>
  `${source} ${place}`;

const wordsOf = (code: fhir4.CodeableConcept | undefined): string | undefined =>
  textOf(code?.text) ?? objectsOf(code?.coding).flatMap(({ display }) => textOf(display) ?? [])[0];

function openAnswer(
  { label, answers: [answer] }: Finding,
  sentences: ReadonlyMap<string, string>,
): OpenedAnswer {
  const shortWords = /^“(.*?)”/.exec(label)?.[1] ?? label;
  const number = answer?.number === undefined ? undefined : String(answer.number);
  return {
    source: answer?.source ?? '',
    question: (answer && sentences.get(placeOf(answer))) ?? shortWords,
    answer: answer?.display ?? answer?.text ?? number,
  };
}

function meaningOf(finding: Finding): AnswerSoFar['meaning'] {
  if (finding.positive) return 'need';
  if (finding.negative) return 'none';
  if (finding.declined) return 'declined';
  return finding.unread ? 'unread' : 'other';
}
