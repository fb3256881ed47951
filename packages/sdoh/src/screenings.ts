import { type fhir4, parseReference, systems } from '@loopwell/fhir';
import { answersOfObservation, answersOfResponse, authoredOf } from './answers.ts';
import { startOf } from './dates.ts';
import { encounterOf } from './encounters.ts';
import type { Answer, CodingIssue, Instrument, PersonRecord } from './model.ts';

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

type Part = { instrumentId: string; instrument?: Instrument; authored: string; answers: Answer[]; sources: string[]; encounterRefs: (string | undefined)[]; issues: CodingIssue[]; quarantine?: string };

/** Groups all that a record holds into screenings; the order of the input never changes the result. */
export function screeningsOf(record: PersonRecord, instruments: readonly Instrument[]): RawScreening[] {
  const parts = [
    ...record.responses.flatMap((response) => partsOfResponse(response, instruments)),
    ...partsOfObservations(record.observations, instruments),
  ];
  const own = (part: Part) => (part.instrument ? part.instrumentId : (part.sources[0] ?? ""));
  const groups = Map.groupBy(parts, (part) => `${own(part)}\n${startOf(part.authored) ?? part.authored}`);
  return [...groups.values()].map((group) => merge(group, record)).sort((a, b) => a.instant - b.instant || (a.instrumentId < b.instrumentId ? -1 : 1));
}

function merge(group: readonly Part[], record: PersonRecord): RawScreening {
  const sorted = [...group].sort((a, b) => ((a.sources[0] ?? '') < (b.sources[0] ?? '') ? -1 : 1));
  const [first] = sorted;
  const authored = first?.authored ?? '';
  const references = sorted.flatMap((part) => part.encounterRefs.filter((one) => one !== undefined));
  const quarantine = sorted.find((part) => part.quarantine)?.quarantine;
  return {
    instrument: first?.instrument,
    instrumentId: first?.instrumentId ?? '',
    authored,
    instant: startOf(authored) ?? 0,
    sources: [...new Set(sorted.flatMap((part) => part.sources))],
    answers: onceEach(sorted.flatMap((part) => part.answers)),
    encounter: encounterOf(references, authored, record.encounters, record.base),
    issues: sorted.flatMap((part) => part.issues),
    ...(quarantine ? { quarantine } : {}),
  };
}

/** The same answer brought twice counts once; the EHR's own Observation is preferred over the form it came from. */
function onceEach(answers: readonly Answer[]): Answer[] {
  const byFact = new Map<string, Answer>();
  for (const answer of answers) {
    const key = JSON.stringify([answer.question, answer.code?.trim().toUpperCase() ?? null, answer.code ? null : (answer.text ?? null), answer.number ?? null, answer.absent ?? null]);
    const known = byFact.get(key);
    if (!known || (known.source.startsWith('Questionnaire') && answer.source.startsWith('Observation'))) byFact.set(key, answer);
  }
  return [...byFact.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

const sortKey = (answer: Answer) => `${answer.question} ${answer.code ?? answer.text ?? answer.number ?? ''} ${answer.source} ${answer.place}`;

function partsOfResponse(response: fhir4.QuestionnaireResponse, instruments: readonly Instrument[]): Part[] {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  if (response.status === 'entered-in-error') return [];
  const authored = response.authored ?? '';
  const common = { authored, sources: [source], encounterRefs: [response.encounter?.reference], issues: [] };
  const answers = answersOfResponse(response);
  const instrument = instrumentOfResponse(response, answers, instruments);
  if (!instrument) return [{ ...common, instrumentId: 'unknown', answers: [], quarantine: 'unknown-instrument' }];
  const own = { ...common, instrument, instrumentId: instrument.id };
  if (authored === '' || startOf(authored) === undefined) return [{ ...own, answers: [], quarantine: 'missing-authored' }];
  if (response.status === 'in-progress' || response.status === 'stopped') {
    const text = 'The questionnaire is not completed: nothing is coded from it yet.';
    return [{ ...own, answers: [], issues: [{ severity: 'information', code: 'not-coded', text, source }] }];
  }
  return [{ ...own, answers }];
}

function instrumentOfResponse(
  response: fhir4.QuestionnaireResponse,
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const canonical = response.questionnaire?.split('|')[0];
  const named = instruments.find((one) => canonical !== undefined && one.canonicals.includes(canonical));
  if (named) return named;
  return answers.length === 0 ? undefined : only(instruments.filter((one) => one.answersTo(answers)));
}

const only = <T>(some: readonly T[]): T | undefined => (some.length === 1 ? some[0] : undefined);

/** Final, amended and corrected answers count; preliminary and registered ones not yet, mistakes never. */
const usable = new Set(['final', 'amended', 'corrected', 'unknown']);

function partsOfObservations(observations: readonly fhir4.Observation[], instruments: readonly Instrument[]): Part[] {
  const known = new Set(instruments.flatMap((one) => [...one.questions, one.panel]));
  const counted = observations.filter((one) => usable.has(one.status) && loincOf(one).some((code) => known.has(code)));
  const panels = counted.filter((one) => instruments.some((instrument) => loincOf(one).includes(instrument.panel)));
  const byId = new Map(counted.map((one) => [one.id ?? '', one]));
  const taken = new Set<string>();
  const parts = [...panels].sort(byIdOrder).map((panel) => partOfPanel(panel, byId, instruments, taken));
  const single = counted.filter((one) => !taken.has(one.id ?? ''));
  const byInstant = Map.groupBy(single, (one) => `${startOf(authoredOf(one)) ?? ''}`);
  return [...parts, ...[...byInstant.values()].flatMap((some) => partsOfSingles(some, instruments))];
}

const byIdOrder = (a: fhir4.Observation, b: fhir4.Observation) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1);

function loincOf(observation: fhir4.Observation): string[] {
  return (observation.code?.coding ?? []).flatMap((one) => (one.system === systems.loinc && one.code ? [one.code] : []));
}

/** A panel binds its members, nested ones too, to its own instrument and instant. */
function partOfPanel(
  panel: fhir4.Observation,
  byId: ReadonlyMap<string, fhir4.Observation>,
  instruments: readonly Instrument[],
  taken: Set<string>,
): Part {
  const members: fhir4.Observation[] = [];
  const visit = (one: fhir4.Observation): void => {
    if (taken.has(one.id ?? '')) return;
    taken.add(one.id ?? '');
    members.push(one);
    for (const reference of one.hasMember ?? []) {
      const id = parseReference(reference.reference)?.id;
      const member = id === undefined ? undefined : byId.get(id);
      if (member) visit(member);
    }
  };
  visit(panel);
  const instrument = instruments.find((one) => loincOf(panel).includes(one.panel));
  return { ...partOf(members, instrument), authored: authoredOf(panel) };
}

/** Single Observations of one instant belong to the instrument that can answer all of them; else each to its own. */
function partsOfSingles(some: readonly fhir4.Observation[], instruments: readonly Instrument[]): Part[] {
  const answers = some.flatMap(answersOfObservation);
  const all = instruments.filter((one) => one.answersTo(answers));
  const fit = smallest(all);
  if (fit) return [partOf(some, fit)];
  const bySet = Map.groupBy(some, (one) => smallest(instruments.filter((instrument) => instrument.answersTo(answersOfObservation(one))))?.id ?? '');
  return [...bySet].flatMap(([id, group]) => {
    const instrument = instruments.find((one) => one.id === id) ?? instruments.find((one) => loincOf(group[0] as fhir4.Observation).some((code) => one.questions.includes(code)));
    return instrument ? [partOf(group, instrument)] : [];
  });
}

/** Questions that two instruments share belong to the more specific one: the one with fewer questions. */
function smallest(some: readonly Instrument[]): Instrument | undefined {
  return [...some].sort((a, b) => a.questions.length - b.questions.length || (a.id < b.id ? -1 : 1))[0];
}

function partOf(observations: readonly fhir4.Observation[], instrument: Instrument | undefined): Part {
  const sorted = [...observations].sort(byIdOrder);
  const authored = sorted[0] ? authoredOf(sorted[0]) : '';
  return {
    instrumentId: instrument?.id ?? 'unknown',
    ...(instrument ? { instrument } : {}),
    authored,
    answers: sorted.flatMap(answersOfObservation),
    sources: sorted.map((one) => `Observation/${one.id ?? ''}`),
    encounterRefs: sorted.map((one) => one.encounter?.reference),
    issues: [],
    ...(startOf(authored) === undefined ? { quarantine: 'missing-authored' } : {}),
  };
}
