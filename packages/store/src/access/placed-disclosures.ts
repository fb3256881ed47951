import type { Disclosure } from '@loopwell/sdoh';

/** Which disclosures are asked for. What is left out does not limit them. */
export type DisclosureSearch = {
  /** A human being, by the person's id or that of one of their Patients. */
  person?: string | undefined;
  partner?: string | undefined;
  /** Who approved the referral. */
  by?: string | undefined;
  /**
   * The period in which something was sent, could be read, or was read. Its end is the first moment
   * that is not asked for.
   */
  from?: Date | undefined;
  to?: Date | undefined;
  after?: DisclosurePlace | undefined;
  limit: number;
};

/** A place in the account, which is sorted by time, the latest first. */
export type DisclosurePlace = { micros: number; task: string };

/** A page of the account, and where the next one begins. */
export type DisclosurePage = {
  items: Disclosure[];
  next: DisclosurePlace | undefined;
};

/** An entry with its place. */
export type PlacedDisclosure = { place: DisclosurePlace; disclosure: Disclosure };

/** Joins sorted lists of entries to one page, the latest first. */
export function pageOfDisclosures(
  lists: readonly (readonly PlacedDisclosure[])[],
  limit: number,
): DisclosurePage {
  const all = lists.flat().sort((a, b) => comparePlaces(a.place, b.place));
  const page = all.slice(0, limit);
  const last = all.length > page.length ? page.at(-1) : undefined;
  return { items: page.map(({ disclosure }) => disclosure), next: last?.place };
}

/** Compares two places: the later one comes first. */
function comparePlaces(a: DisclosurePlace, b: DisclosurePlace): number {
  if (a.micros !== b.micros) return b.micros - a.micros;
  if (a.task === b.task) return 0;
  return a.task < b.task ? 1 : -1;
}
