import { type fhir4, localId, systems } from '@loopwell/fhir';
import { answersOfObservation, answersOfResponse, authoredOf, loincOf } from './answers.ts';
import { startOf } from './dates.ts';
import { encounterOf } from './encounters.ts';
import type { Answer, CodingIssue, Instrument, PersonRecord } from './model.ts';
import { isListOfObjects, objectsOf, textOf } from './shapes.ts';

/** A screening as it was read, before any rule: (person, instrument, authored). */
export type RawScreening = {
  instrument: Instrument | undefined;
  /** Names the instrument of an unknown one, or its own. */
  instrumentId: string;
  authored: string;
  instant: number;
  sources: string[];
  answers: Answer[];
  encounter: string | undefined;
  issues: CodingIssue[];
  quarantine?: string;
};

type Part = {
  instrumentId: string;
  instrument?: Instrument;
  authored: string;
  answers: Answer[];
  sources: string[];
  encounterRefs: (string | undefined)[];
  issues: CodingIssue[];
  quarantine?: string;
};

/**
 * Groups all that a record holds into screenings; neither order nor repetition of the input changes the result. What
 * cannot be read is quarantined by itself: its neighbours of the same instant are read all the same.
 */
export function screeningsOf(record: PersonRecord, instruments: readonly Instrument[]): RawScreening[] {
  const parts = [
    ...onceById(record.responses).flatMap((response) => partsOfResponse(response, instruments)),
    ...partsOfObservations(onceById(record.observations), instruments, record.base),
  ];
  const groups = Map.groupBy(parts, keyOf);
  return [...groups.values()].map((group) => merge(group, record)).sort(byInstant);
}

const keyOf = (part: Part) => (part.quarantine ? `! ${part.sources[0] ?? ''}` : `${part.instrumentId}\n${startOf(part.authored) ?? ''}`);

const byInstant = (a: RawScreening, b: RawScreening) =>
  a.instant - b.instant ||
  (a.instrumentId === b.instrumentId ? ((a.sources[0] ?? '') < (b.sources[0] ?? '') ? -1 : 1) : a.instrumentId < b.instrumentId ? -1 : 1);

const byIdOrder = (a: { id?: string | undefined }, b: { id?: string | undefined }) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1);

function onceById<R extends fhir4.Resource>(resources: readonly R[]): R[] {
  return [...new Map(objectsOf(resources).map((one) => [one.id ?? '', one])).values()].sort(byIdOrder);
}

function merge(group: readonly Part[], record: PersonRecord): RawScreening {
  const sorted = [...group].sort((a, b) => ((a.sources[0] ?? '') < (b.sources[0] ?? '') ? -1 : 1));
  const [first] = sorted;
  const authored = first?.authored ?? '';
  const references = sorted.flatMap((part) => part.encounterRefs.filter((one) => one !== undefined));
  return {
    instrument: first?.instrument,
    instrumentId: first?.instrumentId ?? '',
    authored,
    instant: startOf(authored) ?? 0,
    sources: [...new Set(sorted.flatMap((part) => part.sources))],
    answers: onceEach(sorted.flatMap((part) => part.answers)),
    encounter: encounterOf(references, authored, record.encounters, record.base),
    issues: sorted.flatMap((part) => part.issues),
    ...(first?.quarantine ? { quarantine: first.quarantine } : {}),
  };
}

/** The same answer brought twice counts once; the EHR's own Observation is preferred over the form it came from. */
function onceEach(answers: readonly Answer[]): Answer[] {
  const byFact = new Map<string, Answer>();
  for (const answer of [...answers].sort(bySource)) {
    const { question, code, text, number, absent, invalid } = answer;
    const key = [question, code?.trim().toUpperCase() ?? '', code ? '' : (text ?? ''), number ?? '', absent ?? '', invalid ?? ''].join(
      '\n',
    );
    const known = byFact.get(key);
    // Between a form and an Observation the latter; between two writings of one code the one that needs no mending.
    if (!known || rank(answer) < rank(known)) byFact.set(key, answer);
  }
  return [...byFact.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

const rank = (answer: Answer) =>
  (answer.mended || answer.code !== answer.code?.trim().toUpperCase() ? 2 : 0) + (answer.source.startsWith('Questionnaire') ? 1 : 0);
const sortKey = (answer: Answer) =>
  `${answer.question} ${answer.code ?? answer.text ?? answer.number ?? ''} ${answer.source} ${answer.place}`;
const bySource = (a: Answer, b: Answer) => (`${a.source} ${a.place}` < `${b.source} ${b.place}` ? -1 : 1);

function partsOfResponse(response: fhir4.QuestionnaireResponse, instruments: readonly Instrument[]): Part[] {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  const authored = textOf(response.authored) ?? '';
  const common = { authored, sources: [source], encounterRefs: [textOf(response.encounter?.reference)], issues: [], answers: [] };
  const answers = answersOfResponse(response);
  const instrument = instrumentOfResponse(response, answers ?? [], instruments);
  const own = { ...common, ...(instrument ? { instrument } : {}), instrumentId: instrument?.id ?? 'unknown' };
  const counts = response.status === 'completed' || response.status === 'amended';
  if (!answers) return [{ ...own, quarantine: 'malformed-resource' }];
  if (!instrument) return counts ? [{ ...own, quarantine: 'unknown-instrument' }] : [];
  if (startOf(authored) === undefined) return [{ ...own, quarantine: 'missing-authored' }];
  if (!counts) return [{ ...own, issues: [leftOut(source, response.status)] }];
  return [{ ...own, answers }];
}

/** Told by its canonical, whatever version of it; else by its questions. */
function instrumentOfResponse(
  response: fhir4.QuestionnaireResponse,
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const canonical = textOf(response.questionnaire)?.split(/[|#]/)[0]?.trim().replace(/\/$/, '');
  const named = instruments.find((one) => canonical !== undefined && one.canonicals.includes(canonical));
  if (named) return named;
  const known = answers.filter((answer) => instruments.some((one) => one.questions.includes(answer.question)));
  if (known.length === 0) return undefined;
  return smallest(instruments.filter((one) => one.answersTo(known))) ?? closest(known, instruments);
}

/** Final, amended and corrected answers count; preliminary and unknown ones not, mistakes never. */
const usable: ReadonlySet<unknown> = new Set(['final', 'amended', 'corrected']);

function leftOut(source: string, status: unknown): CodingIssue {
  const text =
    status === 'entered-in-error'
      ? 'It is marked as entered in error: nothing is coded from it.'
      : 'It is not completed: nothing is coded from it yet.';
  return { severity: 'information', code: 'not-coded', text, source };
}

const categories = new Set(['survey', 'social-history', 'sdoh']);

const isSocial = (one: fhir4.Observation) =>
  objectsOf(one.category).some((concept) => objectsOf(concept.coding).some((coding) => categories.has(coding.code ?? '')));

/** What Loopwell wrote back was read from its source already. */
const isOurs = (one: fhir4.Observation) => objectsOf(one.identifier).some((identifier) => identifier.system === systems.loopwellId);

function partsOfObservations(observations: readonly fhir4.Observation[], instruments: readonly Instrument[], base: string): Part[] {
  const questions = new Set(instruments.flatMap((one) => one.questions));
  const panels = new Map(instruments.map((one) => [one.panel, one]));
  const isKnown = (one: fhir4.Observation) => loincOf(one.code).some((code) => questions.has(code) || panels.has(code));
  const concerned = observations.filter((one) => isSocial(one) && !isOurs(one) && isKnown(one));
  const counted = concerned.filter((one) => !isMalformed(one));
  const broken = concerned.filter(isMalformed).flatMap((one) => partsOfSingles([one], instruments, questions));
  const isPanel = (one: fhir4.Observation) => loincOf(one.code).some((code) => panels.has(code));
  // A panel within a panel binds its own members, whichever is listed first.
  const byId = new Map(counted.filter((one) => !isPanel(one)).map((one) => [one.id ?? '', one]));
  const taken = new Set<string>();
  const bound = counted.flatMap((one) => {
    const instrument = loincOf(one.code).flatMap((code) => panels.get(code) ?? [])[0];
    return instrument
      ? partsOfPanel(
          membersOf(one, (other) => byId.get(other), taken, base),
          authoredOf(one),
          instrument,
          questions,
        )
      : [];
  });
  const single = counted.filter((one) => !taken.has(one.id ?? ''));
  const together = Map.groupBy(single, (one) => `${startOf(authoredOf(one)) ?? ''}`);
  return [...broken, ...bound, ...[...together.values()].flatMap((some) => partsOfSingles(some, instruments, questions))];
}

/** Its lists are no lists: reading on would lose answers. */
const isMalformed = (one: fhir4.Observation) => !isListOfObjects(one.component) || !isListOfObjects(one.hasMember);

/** A panel and its members, nested ones too. The walk is a loop, for members may name each other in a ring. */
function membersOf(
  panel: fhir4.Observation,
  memberOf: (id: string) => fhir4.Observation | undefined,
  taken: Set<string>,
  base: string,
): fhir4.Observation[] {
  const members: fhir4.Observation[] = [];
  const open = [panel];
  for (let one = open.pop(); one; one = open.pop()) {
    if (taken.has(one.id ?? '')) continue;
    taken.add(one.id ?? '');
    members.push(one);
    for (const reference of objectsOf(one.hasMember)) {
      const id = localId(textOf(reference.reference), 'Observation', base);
      const member = id === undefined ? undefined : memberOf(id);
      if (member) open.push(member);
    }
  }
  return members;
}

/** A panel binds its members to its own instrument; each keeps its own date, and one without takes the panel's. */
function partsOfPanel(
  members: readonly fhir4.Observation[],
  authored: string,
  instrument: Instrument,
  questions: ReadonlySet<string>,
): Part[] {
  const dated = (one: fhir4.Observation) => (startOf(authoredOf(one)) === undefined ? authored : authoredOf(one));
  const byTime = Map.groupBy(members, (one) => `${startOf(dated(one)) ?? ''}`);
  return [...byTime.values()].map((some) => partOf(some, instrument, questions, some[0] ? dated(some[0]) : authored));
}

/** Single Observations of one instant belong to the instrument that can answer all of them; else each to its own. */
function partsOfSingles(some: readonly fhir4.Observation[], instruments: readonly Instrument[], questions: ReadonlySet<string>): Part[] {
  const answers = new Map(some.map((one) => [one, answersOfObservation(one, questions)]));
  const authored = some[0] ? authoredOf(some[0]) : '';
  const given = [...answers.values()].flat();
  const whole =
    given.length === 0 || startOf(authored) === undefined ? undefined : smallest(instruments.filter((one) => one.answersTo(given)));
  if (whole) return [partOf(some, whole, questions, authored)];
  const bestFor = (one: fhir4.Observation) => {
    const own = answers.get(one) ?? [];
    const panel = instruments.find((instrument) => loincOf(one.code).includes(instrument.panel));
    const fitting = own.length === 0 ? [] : instruments.filter((instrument) => instrument.answersTo(own));
    return (
      panel ??
      smallest(fitting) ??
      closest(own, instruments) ??
      instruments.find((instrument) => loincOf(one.code).some((code) => instrument.questions.includes(code)))
    );
  };
  const bySet = Map.groupBy(some, bestFor);
  return [...bySet].flatMap(([instrument, group]) => {
    if (!instrument) return [];
    // Without a date nothing tells which belong together.
    return startOf(authored) === undefined
      ? group.map((one) => partOf([one], instrument, questions, ''))
      : [partOf(group, instrument, questions, authored)];
  });
}

/** Questions that two instruments share belong to the more specific one: the one with fewer questions. */
function smallest(some: readonly Instrument[]): Instrument | undefined {
  return [...some].sort((a, b) => a.questions.length - b.questions.length || (a.id < b.id ? -1 : 1))[0];
}

/** The instrument that asks the most of these questions. */
function closest(answers: readonly Answer[], instruments: readonly Instrument[]): Instrument | undefined {
  const count = (one: Instrument) => answers.filter((answer) => one.questions.includes(answer.question)).length;
  const most = Math.max(0, ...instruments.map(count));
  return most === 0 ? undefined : smallest(instruments.filter((one) => count(one) === most));
}

function partOf(
  observations: readonly fhir4.Observation[],
  instrument: Instrument,
  questions: ReadonlySet<string>,
  authored: string,
): Part {
  const sorted = [...observations].sort(byIdOrder);
  const sourceOf = (one: fhir4.Observation) => `Observation/${one.id ?? ''}`;
  const counted = sorted.filter((one) => usable.has(one.status));
  const quarantine = counted.some(isMalformed) ? 'malformed-resource' : startOf(authored) === undefined ? 'missing-authored' : undefined;
  return {
    instrumentId: instrument.id,
    instrument,
    authored,
    answers: quarantine
      ? []
      : counted
          .flatMap((one) => answersOfObservation(one, questions))
          .map((answer) => (answer.authored === '' ? { ...answer, authored } : answer)),
    sources: sorted.map(sourceOf),
    encounterRefs: sorted.map((one) => textOf(one.encounter?.reference)),
    issues: sorted.filter((one) => !usable.has(one.status)).map((one) => leftOut(sourceOf(one), one.status)),
    ...(quarantine ? { quarantine } : {}),
  };
}
