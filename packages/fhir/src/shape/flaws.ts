/**
 * Something in a resource that is not as FHIR R4 says. `mended`: it can mean only one thing, and
 * was read so. `unreadable`: it can mean more than one. `not-understood`: a modifierExtension or
 * implicitRules. `invalid`: a date that nobody means.
 */
export type Flaw = {
  kind: 'mended' | 'unreadable' | 'not-understood' | 'invalid';
  /** Where, within the resource: `item[1].answer[0].valueCoding`. Empty for the resource itself. */
  path: string;
  text: string;
  /** What must not be acted on for it; absent where nothing follows from the element. */
  voids?: { unit: string; below: boolean };
};

/**
 * Where the reading of a resource is. `unit`: the container of answers that an unreadable element
 * voids.
 */
export type At = {
  path: string;
  unit: string;
  isNeeded: boolean;
  depth: number;
  isExtended?: boolean;
};

/** What stands for an element that cannot be read, until it is left out. */
export const gone = Symbol('unreadable');

/** What is found while one resource is read. */
export class FlawList {
  readonly flaws: Flaw[] = [];

  /** It can mean only one thing, and was read so. */
  mended(at: At, what: string): void {
    this.flaws.push({
      kind: 'mended',
      path: at.path,
      text: sentence(at, `${what}: it can mean only one thing, and was read as that`),
    });
  }

  /** It can mean more than one thing, and is left out. */
  unreadable(at: At, what: string): typeof gone {
    this.flaws.push({
      kind: 'unreadable',
      path: at.path,
      text: sentence(at, `${what}, and was not read`),
      ...voidsOf(at),
    });
    return gone;
  }
}

export const voidsOf = ({ unit, isNeeded }: At): Pick<Flaw, 'voids'> =>
  isNeeded ? { voids: { unit, below: unit === '' } } : {};

/** The element's own name, without where it stands: the place says that. */
export const sentence = ({ path }: At, what: string) =>
  `Its ${/([A-Za-z]+)(?:\[\d+\])?$/.exec(path)?.[1] ?? 'content'} ${what}.`;
