import { type fhir4, localId, systems } from '@loopwell/fhir';
import { localDateOf, startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Identity, Instrument } from '../model.ts';
import { isOurs } from '../terminology/our-identifiers.ts';
import {
  byIdOrder,
  type Forms,
  indexShelf,
  type Part,
  type ShelfIndex,
} from './attribute-instrument.ts';
import { answersOfObservation, authoredOf, partsWithin, usable } from './observation-answers.ts';
import { createPart, isMalformed, readPanel, readSingles, sittingMs } from './observation-parts.ts';

const categories = new Set(['survey', 'social-history', 'sdoh']);
/**
 * The other category codes of FHIR R4's value set. An Observation under one of these alone is no
 * screening.
 * DECISIONS D45.
 */
const others = new Set([
  'vital-signs',
  'imaging',
  'laboratory',
  'procedure',
  'exam',
  'therapy',
  'activity',
]);

/**
 * Tells whether an Observation's categories allow it to be a screening: one that screenings are
 * kept under, or none that FHIR knows. Without a known one its question alone tells.
 */
export const mayBeScreening = (observation: fhir4.Observation) => {
  const codings = objectsOf(observation.category).flatMap((concept) => objectsOf(concept.coding));
  const codes = codings.map(({ code }) => textOf(code)?.trim().toLowerCase() ?? '');
  return (
    codings.some(({ system }) => system === systems.sdohcc) ||
    codes.some((code) => categories.has(code)) ||
    !codes.some((code) => others.has(code))
  );
};

/** The inputs for reading the Observations of one person. */
type Reading = {
  forms: Forms;
  instruments: readonly Instrument[];
  base: string;
  shelf: ShelfIndex;
};

/** Reads what single Observations and panels hold, by the instrument that they are of. */
export function readObservations(
  received: readonly fhir4.Observation[],
  forms: Forms,
  instruments: readonly Instrument[],
  base: string,
  identity?: Identity,
): Part[] {
  if (received.length === 0) return [];
  const observations = markMistaken(received, forms, base);
  const shelf = {
    ...indexShelf(instruments),
    voidedFor: createVoidedLookup(observations, base),
  };
  // An Observation that Loopwell wrote back was read from its source already.
  const concerned = observations.filter(
    (one) => mayBeScreening(one) && !isOurs(one, identity) && isOfShelf(one, shelf),
  );
  const broken = concerned.filter(isMalformed);
  const counted = concerned.filter((one) => !isMalformed(one));
  const reading = { forms, instruments, base, shelf };
  const panels = readPanels(counted, reading);
  const single = counted.filter((one) => !panels.taken.has(one.id ?? ''));
  return [
    ...broken.flatMap((one) => readSingles([one], instruments, shelf)),
    ...panels.parts,
    ...readUnbound(single, reading),
  ];
}

/** Lists the forms that an Observation derives from. */
const formsOf = ({ derivedFrom }: fhir4.Observation, forms: Forms, base: string) =>
  objectsOf(derivedFrom)
    .map(({ reference }) => localId(textOf(reference), 'QuestionnaireResponse', base))
    .flatMap((id) => forms.get(id ?? '') ?? []);

/**
 * Marks Observations that were made of a mistaken form, or belong to a mistaken panel, as entered
 * in error.
 */
function markMistaken(
  received: readonly fhir4.Observation[],
  forms: Forms,
  base: string,
): fhir4.Observation[] {
  const mistaken = findMistakenMembers(received, base);
  const isMistaken = (observation: fhir4.Observation) =>
    mistaken.has(observation.id ?? '') ||
    formsOf(observation, forms, base).some((form) => form.inError);
  return received.map((observation) =>
    isMistaken(observation) ? { ...observation, status: 'entered-in-error' } : observation,
  );
}

/** Tells whether an Observation, or a part of it, asks a question of the shelf. */
function isOfShelf(observation: fhir4.Observation, { questions, panels }: ShelfIndex): boolean {
  const codes = loincOf(observation.code);
  if (codes.some((code) => questions.has(code) || panels.has(code))) return true;
  const parts = partsWithin(observation).flatMap(({ part }) => loincOf(part.code));
  return parts.some((code) => questions.has(code));
}

/** Reads panels, each with its members. */
function readPanels(
  observations: readonly fhir4.Observation[],
  { instruments, base, shelf }: Reading,
): { parts: Part[]; taken: ReadonlySet<string> } {
  const panelsOf = ({ code }: fhir4.Observation) =>
    loincOf(code).flatMap((loinc) => shelf.panels.get(loinc) ?? []);
  // A panel within a panel binds its own members, whichever is listed first.
  const members = observations.filter((observation) => panelsOf(observation).length === 0);
  const byId = new Map(members.map((member) => [member.id ?? '', member]));
  const taken = new Set<string>();
  const parts: Part[] = [];
  for (const observation of observations) {
    const [instrument] = panelsOf(observation);
    if (!instrument) continue;
    const held = collectMembers(observation, (id) => byId.get(id), taken, base);
    parts.push(...readPanel(held, authoredOf(observation), instrument, instruments, shelf));
  }
  return { parts, taken };
}

/** Reads Observations that no panel binds: with the form that each was made of, else by sitting. */
function readUnbound(
  single: readonly fhir4.Observation[],
  { forms, instruments, base, shelf }: Reading,
): Part[] {
  const byForm = Map.groupBy(single, (observation) => {
    const candidates = formsOf(observation, forms, base).flatMap((form) => form.parts);
    return findForm(observation, candidates);
  });
  const parts: Part[] = [];
  for (const [form, members] of byForm)
    if (form?.instrument) parts.push(createPart(members, form.instrument, shelf, form.authored));
  const others = byForm.get(undefined) ?? [];
  for (const { members, among } of splitBySettled(others, instruments, shelf))
    for (const sitting of groupSittings(members)) parts.push(...readSingles(sitting, among, shelf));
  return parts;
}

/**
 * Returns a function that finds the questions that an Observation was computed from and whose
 * answers do not count. A score may outlive its items.
 */
function createVoidedLookup(
  observations: readonly fhir4.Observation[],
  base: string,
): (observation: fhir4.Observation) => string[] {
  const voided = observations.filter((one) => !usable.has(one.status) || isUnclear(one));
  if (voided.length === 0) return () => [];
  const codesById = new Map(voided.map((one) => [one.id ?? '', loincOf(one.code)]));
  return ({ derivedFrom }) => idsIn(derivedFrom, base).flatMap((id) => codesById.get(id) ?? []);
}

/** Lists the ids of the Observations that references name. */
function idsIn(references: readonly fhir4.Reference[] | undefined, base: string): string[] {
  const ids = objectsOf(references).map(({ reference }) =>
    localId(textOf(reference), 'Observation', base),
  );
  return ids.filter((id) => id !== undefined);
}

/**
 * Finds members of panels that were entered in error, unless another panel that was not holds them
 * as well.
 */
function findMistakenMembers(
  received: readonly fhir4.Observation[],
  base: string,
): ReadonlySet<string> {
  const mistaken = new Set<string>();
  const held = new Set<string>();
  for (const { status, hasMember } of received)
    for (const id of idsIn(hasMember, base))
      (status === 'entered-in-error' ? mistaken : held).add(id);
  return mistaken.difference(held);
}

/**
 * Finds the form that an Observation was made of, where it asks its question and was filled in on
 * the same day.
 */
function findForm(observation: fhir4.Observation, parts: readonly Part[]): Part | undefined {
  const asked = loincOf(observation.code);
  const day = localDateOf(authoredOf(observation));
  return parts.find(
    ({ instrument, authored, quarantine }) =>
      quarantine === undefined &&
      asked.some((code) => instrument?.questions.includes(code)) &&
      day === localDateOf(authored),
  );
}

/**
 * Splits off what no settled instrument asks. It makes sittings of its own and changes nothing
 * about those of the rest.
 */
function splitBySettled(
  observations: readonly fhir4.Observation[],
  instruments: readonly Instrument[],
  shelf: ShelfIndex,
): { members: fhir4.Observation[]; among: readonly Instrument[] }[] {
  const settled = instruments.filter((instrument) => instrument.isSettled);
  const codes = new Set(settled.flatMap(({ panel, questions }) => [panel, ...questions]));
  const isSettled = (observation: fhir4.Observation) =>
    loincOf(observation.code).some((code) => codes.has(code)) ||
    answersOfObservation(observation, shelf.questions).some(({ question }) => codes.has(question));
  const groups = Map.groupBy(observations, isSettled);
  return [
    { members: groups.get(true) ?? [], among: settled },
    { members: groups.get(false) ?? [], among: instruments },
  ];
}

type Sitting = { from: number | undefined; members: fhir4.Observation[] };

/**
 * Groups Observations into sittings by their time, earliest first; those without a time are one
 * group.
 */
function groupSittings(observations: readonly fhir4.Observation[]): fhir4.Observation[][] {
  const dated = observations.map((member) => ({ member, at: startOf(authoredOf(member)) }));
  dated.sort((a, b) => (a.at ?? -1) - (b.at ?? -1) || byIdOrder(a.member, b.member));
  const sittings: Sitting[] = [];
  for (const { member, at } of dated) {
    const last = sittings.at(-1);
    if (last && isInSitting(at, last)) last.members.push(member);
    else sittings.push({ from: at, members: [member] });
  }
  return sittings.map((sitting) => sitting.members);
}

function isInSitting(at: number | undefined, { from }: Sitting): boolean {
  return at === undefined || from === undefined ? at === from : at - from <= sittingMs;
}

/**
 * Collects a panel and its members, nested ones too. It is a loop, since members may name each
 * other in a ring.
 */
function collectMembers(
  panel: fhir4.Observation,
  memberOf: (id: string) => fhir4.Observation | undefined,
  taken: Set<string>,
  base: string,
): fhir4.Observation[] {
  const members: fhir4.Observation[] = [];
  const open = [panel];
  for (let member = open.pop(); member; member = open.pop()) {
    if (taken.has(member.id ?? '')) continue;
    taken.add(member.id ?? '');
    members.push(member);
    const nested = idsIn(member.hasMember, base).map(memberOf);
    open.push(...nested.filter((observation) => observation !== undefined));
  }
  return members;
}
