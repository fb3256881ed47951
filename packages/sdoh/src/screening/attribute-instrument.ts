import type { fhir4 } from '@loopwell/fhir';
import { dateTimeOf } from '../fhir-json/dates.ts';
import type { Answer, AskedNeed, CodingIssue, Instrument } from '../model.ts';

/** Forms of the record by id: what was read from each. Observations name the one that they were made of. */
export type Forms = ReadonlyMap<string, { inError: boolean; parts: readonly Part[] }>;

export type ShelfIndex = {
  questions: ReadonlySet<string>;
  panels: ReadonlyMap<string, Instrument>;
  /** Every need that a question of the shelf can establish, once. */
  needs: readonly AskedNeed[];
  /** Questions that are worded so. */
  wordedSo: (words: string) => readonly string[];
  /** The question that these words ask by themselves; a list of none or one. */
  askedBy: (words: string) => readonly string[];
  /** Which part of a question is asked for by these words, where they ask for one alone. */
  halfFor: (question: string, words: string) => string | undefined;
  topicsOf: (question: string) => readonly string[];
  /** Questions of this person that an Observation derives from, and whose answers do not count. */
  voidedFor?: (observation: fhir4.Observation) => readonly string[];
};

const knownByShelf = new WeakMap<readonly Instrument[], ShelfIndex>();

/** What a shelf knows by LOINC code: made once for a shelf, asked for each person. */
export function indexShelf(instruments: readonly Instrument[]): ShelfIndex {
  const known = knownByShelf.get(instruments) ?? createIndex(instruments);
  knownByShelf.set(instruments, known);
  return known;
}

function createIndex(instruments: readonly Instrument[]): ShelfIndex {
  const likeSo = memoize((words) =>
    sortSettledFirst(instruments).flatMap((one) => one.questionLike(words) ?? []),
  );
  const ordered = sortSettledFirst(instruments);
  const exactly = (words: string) =>
    ordered.map((one) => one.questionFor(words)).find((one) => one !== undefined);
  return {
    askedBy: memoize((words) =>
      [exactly(words) ?? likeSo(words)[0]?.question].filter((one) => one !== undefined),
    ),
    questions: new Set(instruments.flatMap((one) => one.questions)),
    panels: new Map(instruments.filter((one) => one.panel !== '').map((one) => [one.panel, one])),
    needs: listNeeds(instruments),
    wordedSo: memoize((words) =>
      instruments.flatMap(
        (one) => one.questionFor(words) ?? one.questionLike(words)?.question ?? [],
      ),
    ),
    halfFor: (question, words) => likeSo(words).find((one) => one.question === question)?.half,
    topicsOf: memoize((question) =>
      instruments.flatMap((one) => one.categoriesOf(question)).filter((one) => !untold.has(one)),
    ),
  };
}

/** A need that several questions ask for is about its own category where one of them is. */
function listNeeds(instruments: readonly Instrument[]): AskedNeed[] {
  const byKey = Map.groupBy([...instruments].sort(byId).flatMap(needsOf), (one) => one.key);
  return [...byKey.values()].flatMap(([first, ...rest]) =>
    first ? { ...first, isOwn: [first, ...rest].some((one) => one.isOwn) } : [],
  );
}

/** In an order of its own, whatever the order of the shelf. */
export const sortSettledFirst = (instruments: readonly Instrument[]): Instrument[] =>
  [...instruments].sort((a, b) => Number(b.isSettled) - Number(a.isSettled) || byId(a, b));

const byId = (a: Instrument, b: Instrument) => (a.id < b.id ? -1 : 1);

const needsOf = (one: Instrument) => one.questions.flatMap((question) => one.asksFor(question));

/** Categories that are no topic: two of their questions may have nothing in common. */
const untold: ReadonlySet<string> = new Set(['sdoh-category-unspecified', '-']);

const mostWordings = 5_000;

/** Forms word their questions alike, a million times over. */
function memoize<T>(make: (words: string) => T): (words: string) => T {
  const known = new Map<string, T>();
  return (words) => {
    const found = known.get(words) ?? make(words);
    if (known.size >= mostWordings) known.clear();
    known.set(words, found);
    return found;
  };
}

/** What stands beside a question's code must not be another question, of another topic: instruments borrow wordings. */
export function checkWording(
  { called, alsoAsked, ...given }: Answer,
  { wordedSo, halfFor, topicsOf }: ShelfIndex,
): Answer {
  const half = called
    ?.map((words) => halfFor(given.question, words))
    .find((one) => one !== undefined);
  const answer = half === undefined ? given : { ...given, half };
  const isAkin = (code: string) =>
    code === answer.question ||
    topicsOf(code).some((one) => topicsOf(answer.question).includes(one));
  const isOther = called?.some((words) => {
    const codes = wordedSo(words);
    return codes.length > 0 && !codes.some(isAkin);
  });
  return isOther || alsoAsked?.some((one) => !isAkin(one)) ? { ...answer, misnamed: true } : answer;
}

/** What one form or a group of Observations adds to a screening. */
export type Part = {
  instrumentId: string;
  instrument?: Instrument;
  authored: string;
  answers: Answer[];
  sources: string[];
  encounterRefs: (string | undefined)[];
  issues: CodingIssue[];
  quarantine?: string;
  /** Its answers, where nothing tells when they were given: nothing is coded from them, and danger in them is not overlooked. */
  undated?: Answer[];
  /** A form that is not finished yet: nothing is read from it until it is. */
  inProgress?: boolean;
};

export const byIdOrder = (a: { id?: string | undefined }, b: { id?: string | undefined }) =>
  (a.id ?? '') < (b.id ?? '') ? -1 : 1;

/** A time of day without seconds or offset is none in FHIR: it is written otherwise, and said so. */
export function noteMendedTime(source: string, authored: string, place: string): CodingIssue[] {
  const written = dateTimeOf(authored);
  if (written === authored) return [];
  return [
    {
      severity: 'information',
      code: 'mended',
      text: `Its time is no FHIR dateTime, and was written as ${written}.`,
      source,
      place,
    },
  ];
}

/** It is listed, and read as soon as its next version is completed. */
export function noteUnfinished(source: string, authored: string): CodingIssue {
  const since = authored === '' ? '' : ` since ${authored}`;
  return {
    severity: 'information',
    code: 'not-coded',
    text: `It waits for completion${since}: nothing is coded from it yet.`,
    source,
  };
}

export function explainLeftOut(source: string, status: unknown): CodingIssue {
  if (status === undefined) {
    const text =
      'It has no status, so that nothing tells whether it counts: nothing is coded from it.';
    return { severity: 'warning', code: 'missing-data', text, source };
  }
  const text =
    status === 'entered-in-error'
      ? 'It, or the Encounter that it names, is marked as entered in error: nothing is coded from it.'
      : 'It is not completed: nothing is coded from it yet.';
  return { severity: 'information', code: 'not-coded', text, source };
}

/** Among instruments that fit alike, the declared owner of most of the questions; then the more specific one. */
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

/** Of instruments that fit, the one whose lists hold most of the answers; then their owner. */
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
 * Those among which an answer that tells no form is attributed: the settled ones, as long as one of them asks for it. What
 * came to the shelf later gets what none of them asks.
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

/** The instrument that asks the most of these questions. */
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
 * Questions that an instrument does not ask belong to the one that does: forms hold more than one (AHC core and
 * supplemental). What none asks stays, and is said to be unknown.
 */
export function splitByOwner(
  part: Part,
  instruments: readonly Instrument[],
  isGuess = false,
): Part[] {
  const { instrument } = part;
  if (!instrument) return [part];
  // Where nothing but the questions tells the form, an answer that another instrument lists is that one's.
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
