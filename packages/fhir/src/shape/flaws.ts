/**
 * A part of a resource that is not as FHIR R4 says. `mended`: it can mean only one thing, and was
 * read so. `unreadable`: it can mean more than one. `not-understood`: a modifierExtension or
 * implicitRules. `invalid`: an implausible date.
 */
export type Flaw = {
  kind: 'mended' | 'unreadable' | 'not-understood' | 'invalid';
  /**
   * The place within the resource: `item[1].answer[0].valueCoding`. Empty for the resource itself.
   */
  path: string;
  text: string;
  /**
   * The part that must not be used because of this flaw; absent if nothing depends on the element.
   */
  voids?: { unit: string; below: boolean };
};

/**
 * The place that the reading of a resource has reached. `unit`: the container of answers that an
 * unreadable element voids.
 */
export type At = {
  path: string;
  unit: string;
  isNeeded: boolean;
  depth: number;
  isExtended?: boolean;
};

/** Marks an element that cannot be read, until it is left out. */
export const gone = Symbol('unreadable');

/** Collects the flaws that are found while one resource is read. */
export class FlawList {
  readonly flaws: Flaw[] = [];

  /** Notes a flaw that can mean only one thing, and was read so. */
  mended(at: At, what: string): void {
    this.flaws.push({
      kind: 'mended',
      path: at.path,
      text: sentence(at, `${what}: it can mean only one thing, and was read as that`),
    });
  }

  /**
   * Notes a flaw that can mean more than one thing, and gives the mark that leaves the element out.
   */
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

/**
 * Gives the part that an element voids when it cannot be read; nothing if no answer depends on it.
 */
export const voidsOf = ({ unit, isNeeded }: At): Pick<Flaw, 'voids'> =>
  isNeeded ? { voids: { unit, below: unit === '' } } : {};

/** Makes the sentence of a flaw with the element's own name. The path says where it is. */
export const sentence = ({ path }: At, what: string) =>
  `Its ${/([A-Za-z]+)(?:\[\d+\])?$/.exec(path)?.[1] ?? 'content'} ${what}.`;
