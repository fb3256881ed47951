/** A JSON object that tests change at random. The same seed makes the same changes. */
export type Json = Record<string, unknown>;
/** An object in a resource, and the path that leads to it. */
type Node = { object: Json; path: string };
/** A source of random choices. */
export type Dice = {
  next: () => number;
  pick: <T>(list: readonly T[]) => T;
  chance: (of: number) => boolean;
};

/** Makes a source of random choices that gives the same numbers in every run (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  return { next, pick, chance: (of) => next() < of };
}

/** Lists every object in a resource, except those of contained resources. */
export function nodesOf(json: unknown, path: string): Node[] {
  if (Array.isArray(json)) return json.flatMap((member) => nodesOf(member, path));
  if (typeof json !== 'object' || json === null) return [];
  const members = Object.entries(json).filter(([name]) => name !== 'contained');
  const inner = members.flatMap(([name, member]) => nodesOf(member, `${path}.${name}`));
  return [{ object: json as Json, path }, ...inner];
}

/** Tells whether a member is a text, a number or a boolean. */
export const isPrimitive = (value: unknown) => typeof value !== 'object';
/** The extension by which FHIR says that a value is withheld. */
export const absent = {
  url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
  valueCode: 'masked',
};
/** An extension that changes nothing. */
export const note = {
  url: 'https://ehr.example.org/StructureDefinition/note',
  valueString: 'as told',
};
