import type { fhir4 } from '@loopwell/fhir';
import { dateTimeOf } from '../fhir-json/dates.ts';
import type { Answer, AskedNeed, CodingIssue, Instrument } from '../model.ts';

/**
 * Forms of the record by id: what was read from each. Observations name the one that they were made
 * of.
 * DECISIONS D40.
 */
export type Forms = ReadonlyMap<string, { inError: boolean; parts: readonly Part[] }>;

export type ShelfIndex = {
  questions: ReadonlySet<string>;
  panels: ReadonlyMap<string, Instrument>;
  /** Every need that a question of the shelf can establish, once. */
  needs: readonly AskedNeed[];
  /** Lists the questions that are worded so. */
  wordedSo: (words: string) => readonly string[];
  /** Lists the question that these words ask by themselves; none or one. */
  askedBy: (words: string) => readonly string[];
  /** Returns the part of a question that these words ask for, where they ask for one alone. */
  halfFor: (question: string, words: string) => string | undefined;
  topicsOf: (question: string) => readonly string[];
  /**
   * Lists the questions of this person that an Observation derives from, and whose answers do not
   * count.
   */
  voidedFor?: (observation: fhir4.Observation) => readonly string[];
};

const indexes = new WeakMap<readonly Instrument[], ShelfIndex>();

/** Indexes a shelf by LOINC code: made once for a shelf, asked for each person. */
export function indexShelf(instruments: readonly Instrument[]): ShelfIndex {
  const index = indexes.get(instruments) ?? createIndex(instruments);
  indexes.set(instruments, index);
  return index;
}

function createIndex(instruments: readonly Instrument[]): ShelfIndex {
  const ordered = sortSettledFirst(instruments);
  const panels = instruments.filter((instrument) => instrument.panel !== '');
  const askAlike = memoize((words) =>
    ordered.map(({ questionLike }) => questionLike(words)).filter((alike) => alike !== undefined),
  );
  const askExactly = (words: string) =>
    ordered.map(({ questionFor }) => questionFor(words)).find((code) => code !== undefined);
  const wordedSo = ({ questionFor, questionLike }: Instrument, words: string) =>
    questionFor(words) ?? questionLike(words)?.question;
  const listWordedSo = (words: string) =>
    instruments
      .map((instrument) => wordedSo(instrument, words))
      .filter((code) => code !== undefined);
  const listAskedBy = (words: string) =>
    [askExactly(words) ?? askAlike(words)[0]?.question].filter((code) => code !== undefined);
  return {
    askedBy: memoize(listAskedBy),
    questions: new Set(instruments.flatMap((instrument) => instrument.questions)),
    panels: new Map(panels.map((instrument) => [instrument.panel, instrument])),
    needs: listNeeds(instruments),
    wordedSo: memoize(listWordedSo),
    halfFor: (question, words) =>
      askAlike(words).find((alike) => alike.question === question)?.half,
    topicsOf: memoize((question) => listTopics(instruments, question)),
  };
}

const listTopics = (instruments: readonly Instrument[], question: string) =>
  instruments
    .flatMap((instrument) => instrument.categoriesOf(question))
    .filter((category) => !noTopic.has(category));

/** Categories that are no topic: two of their questions may have nothing in common. */
const noTopic: ReadonlySet<string> = new Set(['sdoh-category-unspecified', '-']);

/**
 * Lists the needs of a shelf. One that several questions ask for is about its own category where
 * one of them is.
 */
function listNeeds(instruments: readonly Instrument[]): AskedNeed[] {
  const needs = [...instruments].sort(byId).flatMap(needsOf);
  const byKey = Map.groupBy(needs, (need) => need.key);
  return [...byKey.values()].flatMap((group) => {
    const isOwn = group.some((need) => need.isOwn);
    return group.slice(0, 1).map((need) => ({ ...need, isOwn }));
  });
}

/** Sorts instruments: settled ones first, then by id, whatever the order of the shelf. */
export const sortSettledFirst = (instruments: readonly Instrument[]): Instrument[] =>
  [...instruments].sort((a, b) => Number(b.isSettled) - Number(a.isSettled) || byId(a, b));

const byId = (a: Instrument, b: Instrument) => (a.id < b.id ? -1 : 1);

const needsOf = ({ questions, asksFor }: Instrument) => questions.flatMap(asksFor);

const mostWordings = 5_000;

/**
 * Remembers what was made of each wording, since forms word their questions alike, a million times.
 */
function memoize<T>(make: (words: string) => T): (words: string) => T {
  const made = new Map<string, T>();
  return (words) => {
    const result = made.get(words) ?? make(words);
    if (made.size >= mostWordings) made.clear();
    made.set(words, result);
    return result;
  };
}

/**
 * Checks the words and other codes beside a question's code, and marks the answer as misnamed where
 * they ask a question of another topic. Instruments borrow wordings, so a shared topic is enough.
 */
export function checkWording(received: Answer, shelf: ShelfIndex): Answer {
  const { called = [], alsoAsked = [], ...answer } = received;
  const { question } = answer;
  const halves = called.map((words) => shelf.halfFor(question, words));
  const half = halves.find((hash) => hash !== undefined);
  if (half !== undefined) answer.half = half;
  const topics = shelf.topicsOf(question);
  const isAkin = (code: string) =>
    code === question || shelf.topicsOf(code).some((topic) => topics.includes(topic));
  const asksOther = (words: string) => {
    const codes = shelf.wordedSo(words);
    return codes.length > 0 && !codes.some(isAkin);
  };
  if (called.some(asksOther) || !alsoAsked.every(isAkin)) return { ...answer, misnamed: true };
  return answer;
}

/** The part of a screening that one form or a group of Observations adds. */
export type Part = {
  instrumentId: string;
  instrument?: Instrument;
  authored: string;
  answers: Answer[];
  sources: string[];
  encounterRefs: (string | undefined)[];
  issues: CodingIssue[];
  quarantine?: string;
  /** Answers without a time: nothing is coded from them, and danger in them is not overlooked. */
  undated?: Answer[];
  /** A form that is not finished yet: nothing is read from it until it is. */
  inProgress?: boolean;
};

/** Compares two resources by id, for sorting. */
export const byIdOrder = (a: { id?: string | undefined }, b: { id?: string | undefined }) =>
  (a.id ?? '') < (b.id ?? '') ? -1 : 1;

/**
 * Returns an issue where a time is no FHIR dateTime (no seconds or offset) and was written
 * otherwise.
 */
export function noteMendedTime(source: string, authored: string, place: string): CodingIssue[] {
  const written = dateTimeOf(authored);
  if (written === authored) return [];
  const text = `Its time is no FHIR dateTime, and was written as ${written}.`;
  return [{ severity: 'information', code: 'mended', text, source, place }];
}

/** Returns the issue of a form in progress. It is read as soon as its next version is completed. */
export function noteUnfinished(source: string, authored: string): CodingIssue {
  const since = authored === '' ? '' : ` since ${authored}`;
  return {
    severity: 'information',
    code: 'not-coded',
    text: `It waits for completion${since}: nothing is coded from it yet.`,
    source,
  };
}

/** Returns the issue that says why nothing is coded from a resource of this status. */
export function explainLeftOut(source: string, status: unknown): CodingIssue {
  if (status === undefined) {
    const text =
      'It has no status, so that nothing tells whether it counts: nothing is coded from it.';
    return { severity: 'warning', code: 'missing-data', text, source };
  }
  const text =
    status === 'entered-in-error'
      ? 'It, or the Encounter that it names, is marked as entered in error: nothing is coded ' +
        'from it.'
      : 'It is not completed: nothing is coded from it yet.';
  return { severity: 'information', code: 'not-coded', text, source };
}

/**
 * Picks the declared owner of most of the questions among instruments that fit alike; then the more
 * specific one.
 */
export function pickOwner(
  instruments: readonly Instrument[],
  answers: readonly Answer[],
): Instrument | undefined {
  const owned = new Map(
    instruments.map((one) => [one, answers.filter((answer) => one.owns(answer.question)).length]),
  );
  const rank = (one: Instrument) => owned.get(one) ?? 0;
  return [...instruments].sort(
    (a, b) => rank(b) - rank(a) || a.questions.length - b.questions.length || byId(a, b),
  )[0];
}

/**
 * Picks the instrument whose lists hold most of the answers among those that fit; then their owner.
 */
export function pickFittest(
  instruments: readonly Instrument[],
  answers: readonly Answer[],
): Instrument | undefined {
  if (instruments.length < 2) return instruments[0];
  const most = Math.max(...instruments.map((one) => one.knows(answers)));
  return pickOwner(
    instruments.filter((one) => one.knows(answers) === most),
    answers,
  );
}

/**
 * Lists the instruments to which an answer that tells no form may be attributed: the settled ones,
 * as long as one of them asks for it. A later instrument gets only what none of those asks.
 */
export function listAttributable(
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): readonly Instrument[] {
  const asked = new Set(answers.map((one) => one.question));
  const settled = instruments.filter((one) => one.isSettled);
  return settled.some((one) => one.questions.some((question) => asked.has(question)))
    ? settled
    : instruments;
}

/** Picks the instrument that asks the most of these questions; undefined where none asks any. */
export function pickClosest(
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const count = (instrument: Instrument) =>
    answers.filter((answer) => instrument.questions.includes(answer.question)).length;
  const most = Math.max(0, ...instruments.map(count));
  if (most === 0) return undefined;
  return pickOwner(
    instruments.filter((one) => count(one) === most),
    answers,
  );
}

const knowsIt = (instrument: Instrument, answer: Answer) =>
  instrument.questions.includes(answer.question) && instrument.knows([answer]) === 1;

/**
 * Splits a form so that each question goes to the instrument that asks it: forms hold more than one
 * (AHC core and supplemental). A question that none asks stays, and is said to be unknown.
 */
export function splitByOwner(
  part: Part,
  instruments: readonly Instrument[],
  isGuess = false,
): Part[] {
  const { instrument } = part;
  if (!instrument) return [part];
  // Where only the questions tell the form, an answer that another instrument lists is that one's.
  const isOwn = (answer: Answer) =>
    instrument.questions.includes(answer.question) &&
    !(
      isGuess &&
      !knowsIt(instrument, answer) &&
      othersFor(answer).some((one) => knowsIt(one, answer))
    );
  const othersFor = (answer: Answer) =>
    listAttributable([answer], instruments).filter((one) => one !== instrument);
  if (part.answers.every(isOwn)) return [part];
  const ownerOf = (answer: Answer) => {
    if (isOwn(answer)) return instrument;
    const asking = othersFor(answer).filter((one) => one.questions.includes(answer.question));
    const first = (some: readonly Instrument[]) => pickOwner(some, [answer]);
    return (
      first(asking.filter((one) => isGuess && knowsIt(one, answer))) ??
      first(asking.filter((one) => one.answersTo([answer]))) ??
      first(asking) ??
      instrument
    );
  };
  const byOwner = Map.groupBy(part.answers, ownerOf);
  if (!byOwner.has(instrument)) byOwner.set(instrument, []);
  return [...byOwner].map(([owner, answers]) => ({
    ...part,
    instrument: owner,
    instrumentId: owner.id,
    answers,
    issues: owner === instrument ? part.issues : [],
  }));
}
