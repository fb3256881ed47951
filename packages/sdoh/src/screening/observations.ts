import { type fhir4, localId, systems } from '@loopwell/fhir';
import { localDateOf, startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Identity, Instrument } from '../model.ts';
import { isOurs } from '../terminology/our-identifiers.ts';
import { byIdOrder, type Forms, type Known, knownTo, type Part } from './attribute-instrument.ts';
import { answersOfObservation, authoredOf, partsWithin, usable } from './observation-answers.ts';
import {
  isMalformed,
  partOf,
  partsOfPanel,
  partsOfSingles,
  sittingMs,
} from './observation-parts.ts';

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
export const mayBeScreening = (observation: fhir4.Observation) => {
  const codings = objectsOf(observation.category).flatMap((concept) => objectsOf(concept.coding));
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
  const formsOf = (observation: fhir4.Observation) =>
    objectsOf(observation.derivedFrom).flatMap(
      ({ reference }) =>
        forms.get(localId(textOf(reference), 'QuestionnaireResponse', base) ?? '') ?? [],
    );
  const mistaken = mistakenMembers(received, base);
  // What was made of a form that is a mistake is one, too, and so are the members of such a panel.
  const isMistaken = (observation: fhir4.Observation) =>
    mistaken.has(observation.id ?? '') || formsOf(observation).some((form) => form.inError);
  const observations = received.map(
    (one): fhir4.Observation => (isMistaken(one) ? { ...one, status: 'entered-in-error' } : one),
  );
  const known = { ...knownTo(instruments), voidedFor: voidedAmong(observations, base) };
  const { questions, panels } = known;
  const isKnown = (observation: fhir4.Observation) =>
    loincOf(observation.code).some((code) => questions.has(code) || panels.has(code)) ||
    partsWithin(observation).some(({ part }) =>
      loincOf(part.code).some((code) => questions.has(code)),
    );
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
  const bound = counted.flatMap((observation) => {
    const instrument = loincOf(observation.code).flatMap((code) => panels.get(code) ?? [])[0];
    return instrument
      ? partsOfPanel(
          membersOf(observation, (other) => byId.get(other), taken, base),
          authoredOf(observation),
          instrument,
          instruments,
          known,
        )
      : [];
  });
  const single = counted.filter((one) => !taken.has(one.id ?? ''));
  const homeOf = (observation: fhir4.Observation) =>
    homeIn(
      observation,
      formsOf(observation).flatMap((form) => form.parts),
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
): (observation: fhir4.Observation) => string[] {
  const voided = new Map(
    observations
      .filter((one) => !usable.has(one.status) || isUnclear(one))
      .map((one) => [one.id ?? '', loincOf(one.code)]),
  );
  if (voided.size === 0) return () => [];
  return (observation) =>
    objectsOf(observation.derivedFrom).flatMap(
      ({ reference }) => voided.get(localId(textOf(reference), 'Observation', base) ?? '') ?? [],
    );
}

/** Members of a panel that was entered in error, unless another panel that was not holds them as well. */
function mistakenMembers(
  received: readonly fhir4.Observation[],
  base: string,
): ReadonlySet<string> {
  const panels = Map.groupBy(received, (one) => one.status === 'entered-in-error');
  const membersIn = (observations: readonly fhir4.Observation[] = []) =>
    new Set(
      observations.flatMap((observation) =>
        objectsOf(observation.hasMember).flatMap(
          ({ reference }) => localId(textOf(reference), 'Observation', base) ?? [],
        ),
      ),
    );
  return membersIn(panels.get(true)).difference(membersIn(panels.get(false)));
}

/** The form that an Observation was made of, where it is here, asks its question, and was filled in on the same day. */
function homeIn(observation: fhir4.Observation, parts: readonly Part[]): Part | undefined {
  const asked = loincOf(observation.code);
  return parts.find(
    ({ instrument, authored, quarantine }) =>
      quarantine === undefined &&
      asked.some((code) => instrument?.questions.includes(code)) &&
      localDateOf(authoredOf(observation)) === localDateOf(authored),
  );
}

/** What no settled instrument asks makes sittings of its own: it changes nothing about those of the rest. */
function byAge(
  observations: readonly fhir4.Observation[],
  instruments: readonly Instrument[],
  known: Known,
): { members: fhir4.Observation[]; among: readonly Instrument[] }[] {
  const settled = instruments.filter((one) => one.isSettled);
  const codes = new Set(settled.flatMap((one) => [one.panel, ...one.questions]));
  const isSettled = (observation: fhir4.Observation) =>
    loincOf(observation.code).some((code) => codes.has(code)) ||
    answersOfObservation(observation, known.questions).some((answer) => codes.has(answer.question));
  const groups = Map.groupBy(observations, isSettled);
  return [
    { members: groups.get(true) ?? [], among: settled },
    { members: groups.get(false) ?? [], among: instruments },
  ];
}

/** Observations that belong together by their time, earliest first; those without one are a group. */
function sittings(observations: readonly fhir4.Observation[]): fhir4.Observation[][] {
  const dated = observations.map((one) => ({ one, at: startOf(authoredOf(one)) }));
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

/** A panel and its members, nested ones too. The walk is a loop, for members may name each other in a ring. */
function membersOf(
  panel: fhir4.Observation,
  memberOf: (id: string) => fhir4.Observation | undefined,
  taken: Set<string>,
  base: string,
): fhir4.Observation[] {
  const members: fhir4.Observation[] = [];
  const open = [panel];
  for (let observation = open.pop(); observation; observation = open.pop()) {
    if (taken.has(observation.id ?? '')) continue;
    taken.add(observation.id ?? '');
    members.push(observation);
    for (const reference of objectsOf(observation.hasMember)) {
      const id = localId(textOf(reference.reference), 'Observation', base);
      const member = id === undefined ? undefined : memberOf(id);
      if (member) open.push(member);
    }
  }
  return members;
}
