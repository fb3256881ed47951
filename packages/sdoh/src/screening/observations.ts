import { type fhir4, localId, systems } from '@loopwell/fhir';
import { localDateOf, startOf } from '../fhir-json/dates.ts';
import { flawIssues, isUnclear, isVoid } from '../fhir-json/flaws.ts';
import { lostItsTime } from '../fhir-json/future-times.ts';
import { type Identity, isOurs } from '../fhir-json/our-identifiers.ts';
import { isListOfObjects, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Instrument } from '../model.ts';
import {
  byIdOrder,
  closest,
  type Forms,
  fittest,
  type Known,
  knownTo,
  leftOut,
  mendedTime,
  named,
  type Part,
  settledFirst,
  spread,
} from './attribute-instrument.ts';
import {
  answersOfObservation,
  authoredOf,
  loincOf,
  partsWithin,
  timeElementOf,
  usable,
} from './read-answers.ts';

const categories = new Set(['survey', 'social-history', 'sdoh']);
/** The other categories of FHIR R4's value set: what is kept under one of these alone is no screening. */
const others = new Set([
  'vital-signs',
  'imaging',
  'laboratory',
  'procedure',
  'exam',
  'therapy',
  'activity',
]);

/** Of a category that screenings are kept under, or of none that FHIR knows: then its question alone tells. */
export const mayBeScreening = (one: fhir4.Observation) => {
  const codings = objectsOf(one.category).flatMap((concept) => objectsOf(concept.coding));
  const codes = codings.map(({ code }) => textOf(code)?.trim().toLowerCase() ?? '');
  return (
    codings.some(({ system }) => system === systems.sdohcc) ||
    codes.some((code) => categories.has(code)) ||
    !codes.some((code) => others.has(code))
  );
};

/** What single Observations and panels hold, by the instrument that they are of. */
export function partsOfObservations(
  received: readonly fhir4.Observation[],
  forms: Forms,
  instruments: readonly Instrument[],
  base: string,
  identity?: Identity,
): Part[] {
  if (received.length === 0) return [];
  const formsOf = (one: fhir4.Observation) =>
    objectsOf(one.derivedFrom).flatMap(
      ({ reference }) =>
        forms.get(localId(textOf(reference), 'QuestionnaireResponse', base) ?? '') ?? [],
    );
  const mistaken = mistakenMembers(received, base);
  // What was made of a form that is a mistake is one, too, and so are the members of such a panel.
  const isMistaken = (one: fhir4.Observation) =>
    mistaken.has(one.id ?? '') || formsOf(one).some((form) => form.inError);
  const observations = received.map(
    (one): fhir4.Observation => (isMistaken(one) ? { ...one, status: 'entered-in-error' } : one),
  );
  const known = { ...knownTo(instruments), voidedFor: voidedAmong(observations, base) };
  const { questions, panels } = known;
  const isKnown = (one: fhir4.Observation) =>
    loincOf(one.code).some((code) => questions.has(code) || panels.has(code)) ||
    partsWithin(one).some(({ part }) => loincOf(part.code).some((code) => questions.has(code)));
  // What Loopwell wrote back was read from its source already.
  const concerned = observations.filter(
    (one) => mayBeScreening(one) && !isOurs(one, identity) && isKnown(one),
  );
  const counted = concerned.filter((one) => !isMalformed(one));
  const broken = concerned
    .filter(isMalformed)
    .flatMap((one) => partsOfSingles([one], instruments, known));
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
          instruments,
          known,
        )
      : [];
  });
  const single = counted.filter((one) => !taken.has(one.id ?? ''));
  const homeOf = (one: fhir4.Observation) =>
    homeIn(
      one,
      formsOf(one).flatMap((form) => form.parts),
    );
  const [atHome, others] = [
    single.filter((one) => homeOf(one)),
    single.filter((one) => !homeOf(one)),
  ];
  const homes = Map.groupBy(atHome, homeOf);
  return [
    ...broken,
    ...bound,
    ...[...homes].flatMap(([home, some]) =>
      home?.instrument ? [partOf(some, home.instrument, known, home.authored)] : [],
    ),
    ...byAge(others, instruments, known).flatMap((some) =>
      sittings(some.members).flatMap((one) => partsOfSingles(one, some.among, known)),
    ),
  ];
}

/** What an Observation was computed from, where that does not count: the score may outlive its items. */
function voidedAmong(
  observations: readonly fhir4.Observation[],
  base: string,
): (one: fhir4.Observation) => string[] {
  const voided = new Map(
    observations
      .filter((one) => !usable.has(one.status) || isUnclear(one))
      .map((one) => [one.id ?? '', loincOf(one.code)]),
  );
  if (voided.size === 0) return () => [];
  return (one) =>
    objectsOf(one.derivedFrom).flatMap(
      ({ reference }) => voided.get(localId(textOf(reference), 'Observation', base) ?? '') ?? [],
    );
}

/** Members of a panel that was entered in error, unless another panel that was not holds them as well. */
function mistakenMembers(
  received: readonly fhir4.Observation[],
  base: string,
): ReadonlySet<string> {
  const panels = Map.groupBy(received, (one) => one.status === 'entered-in-error');
  const membersIn = (some: readonly fhir4.Observation[] = []) =>
    new Set(
      some.flatMap((one) =>
        objectsOf(one.hasMember).flatMap(
          ({ reference }) => localId(textOf(reference), 'Observation', base) ?? [],
        ),
      ),
    );
  return membersIn(panels.get(true)).difference(membersIn(panels.get(false)));
}

/** The form that an Observation was made of, where it is here, asks its question, and was filled in on the same day. */
function homeIn(one: fhir4.Observation, parts: readonly Part[]): Part | undefined {
  const asked = loincOf(one.code);
  return parts.find(
    ({ instrument, authored, quarantine }) =>
      quarantine === undefined &&
      asked.some((code) => instrument?.questions.includes(code)) &&
      localDateOf(authoredOf(one)) === localDateOf(authored),
  );
}

/** What no settled instrument asks makes sittings of its own: it changes nothing about those of the rest. */
function byAge(
  some: readonly fhir4.Observation[],
  instruments: readonly Instrument[],
  known: Known,
): { members: fhir4.Observation[]; among: readonly Instrument[] }[] {
  const settled = instruments.filter((one) => one.isSettled);
  const codes = new Set(settled.flatMap((one) => [one.panel, ...one.questions]));
  const isSettled = (one: fhir4.Observation) =>
    loincOf(one.code).some((code) => codes.has(code)) ||
    answersOfObservation(one, known.questions).some((answer) => codes.has(answer.question));
  const groups = Map.groupBy(some, isSettled);
  return [
    { members: groups.get(true) ?? [], among: settled },
    { members: groups.get(false) ?? [], among: instruments },
  ];
}

/** Answers of one sitting are filed one by one, seconds apart. */
const sittingMs = 5 * 60_000;

/** Observations that belong together by their time, earliest first; those without one are a group. */
function sittings(some: readonly fhir4.Observation[]): fhir4.Observation[][] {
  const dated = some.map((one) => ({ one, at: startOf(authoredOf(one)) }));
  const groups: { from: number | undefined; members: fhir4.Observation[] }[] = [];
  for (const { one, at } of dated.sort(
    (a, b) => (a.at ?? -1) - (b.at ?? -1) || byIdOrder(a.one, b.one),
  )) {
    const last = groups.at(-1);
    const isSame =
      last &&
      (at === undefined || last.from === undefined
        ? at === last.from
        : at - last.from <= sittingMs);
    if (isSame) last.members.push(one);
    else groups.push({ from: at, members: [one] });
  }
  return groups.map((group) => group.members);
}

/** Its lists are no lists: reading on would lose answers. */
const isMalformed = (one: fhir4.Observation) =>
  !isListOfObjects(one.component) || !isListOfObjects(one.hasMember);

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

/**
 * A panel binds its members to its own instrument. It was one sitting, whatever second each was filed at; a member of
 * another day keeps its own date, and one without takes the panel's.
 */
function partsOfPanel(
  members: readonly fhir4.Observation[],
  authored: string,
  instrument: Instrument,
  instruments: readonly Instrument[],
  known: Known,
): Part[] {
  const own =
    startOf(authored) === undefined
      ? (members
          .map(authoredOf)
          .filter((one) => startOf(one) !== undefined)
          .sort(byStart)[0] ?? '')
      : authored;
  const [day, noon] = [localDateOf(own), startOf(own) ?? Number.NaN];
  const isNear = (one: string) =>
    localDateOf(one) === day || Math.abs((startOf(one) ?? Number.NaN) - noon) <= sittingMs;
  const dated = (one: fhir4.Observation) => {
    const at = authoredOf(one);
    if (startOf(at) === undefined) return lostItsTime(one) ? '' : own;
    return isNear(at) ? own : at;
  };
  const byTime = Map.groupBy(members, (one) => `${startOf(dated(one)) ?? ''}`);
  return [...byTime.values()].flatMap((some) =>
    spread(partOf(some, instrument, known, some[0] ? dated(some[0]) : authored), instruments),
  );
}

const byStart = (a: string, b: string) => (startOf(a) ?? 0) - (startOf(b) ?? 0);

/** Single Observations of one sitting belong to the instrument that can answer all of them; else each to its own. */
function partsOfSingles(
  some: readonly fhir4.Observation[],
  instruments: readonly Instrument[],
  known: Known,
): Part[] {
  const answers = new Map(some.map((one) => [one, answersOfObservation(one, known.questions)]));
  const authored = some[0] ? authoredOf(some[0]) : '';
  const given = [...answers.values()].flat();
  const whole =
    given.length === 0 || startOf(authored) === undefined
      ? undefined
      : fittest(
          instruments.filter((one) => one.answersTo(given)),
          given,
        );
  if (whole) return [partOf(some, whole, known, authored)];
  const bestFor = (one: fhir4.Observation) => {
    const own = answers.get(one) ?? [];
    const panel = instruments.find((instrument) => loincOf(one.code).includes(instrument.panel));
    const fitting =
      own.length === 0 ? [] : instruments.filter((instrument) => instrument.answersTo(own));
    return (
      panel ??
      fittest(fitting, own) ??
      closest(own, instruments) ??
      settledFirst(instruments).find((instrument) =>
        loincOf(one.code).some((code) => instrument.questions.includes(code)),
      )
    );
  };
  const bySet = Map.groupBy(some, bestFor);
  return [...bySet].flatMap(([instrument, group]) => {
    if (!instrument) return [];
    // Without a date nothing tells which belong together.
    return startOf(authored) === undefined
      ? group.map((one) => partOf([one], instrument, known, ''))
      : [partOf(group, instrument, known, authored)];
  });
}

function partOf(
  observations: readonly fhir4.Observation[],
  instrument: Instrument,
  known: Known,
  authored: string,
): Part {
  const sorted = [...observations].sort(byIdOrder);
  const sourceOf = (one: fhir4.Observation) => `Observation/${one.id ?? ''}`;
  // One whose status cannot be read is not left out in silence: its answers are void.
  const counts = (one: fhir4.Observation) =>
    usable.has(one.status) || (one.status === undefined && isUnclear(one));
  const counted = sorted.filter(counts);
  const left = sorted
    .flatMap((one) =>
      answersOfObservation(one, known.questions).map((answer) => ({
        ...answer,
        isLeft: !counts(one),
      })),
    )
    .filter((one) => one.isLeft || isVoid(one));
  const voided = [
    ...left.map((one) => one.question),
    ...counted.flatMap((one) => known.voidedFor?.(one) ?? []),
  ];
  const quarantine = counted.some(isMalformed)
    ? 'malformed-resource'
    : startOf(authored) === undefined
      ? 'missing-authored'
      : undefined;
  const answers = counted
    .flatMap((one) => answersOfObservation(one, known.questions))
    .map((answer) => named(answer.authored === '' ? { ...answer, authored } : answer, known))
    .map((answer) => (voided.length > 0 ? { ...answer, voided } : answer));
  return {
    instrumentId: instrument.id,
    instrument,
    authored,
    answers: quarantine ? [] : answers,
    ...(quarantine === 'missing-authored' ? { undated: answers } : {}),
    sources: sorted.map(sourceOf),
    encounterRefs: sorted.map((one) => textOf(one.encounter?.reference)),
    issues: sorted.flatMap((one) => [
      ...flawIssues(one),
      ...(counts(one)
        ? mendedTime(sourceOf(one), authoredOf(one), timeElementOf(one))
        : [leftOut(sourceOf(one), one.status)]),
    ]),
    ...(quarantine ? { quarantine } : {}),
  };
}
