import type { fhir4 } from '@loopwell/fhir';
import type { Pursued } from '../coding/goals-and-orders.ts';
import type { CodingIssue, PersonRecord } from '../model.ts';

/** A resource of the input, under the one name that coding knows it by. */
export type Entry = {
  /** `Type/id`; the id is derived where the input gives none. */
  key: string;
  /** FHIRPath of it in the input: `Bundle.entry[3].resource`. */
  path: string;
  /** As it came. */
  received: fhir4.Resource;
  /** The same with an id, and with its references to other entries as `Type/id`: what is coded. */
  resource: fhir4.Resource;
  /** What the output refers to it by: `Type/id`, or its `urn:uuid:` fullUrl where it has no id. */
  reference: string;
  fullUrl: string | undefined;
  hasId: boolean;
};

/** One input Bundle, read: the record that is coded, and the way back to the entries. */
export type BundleRead = {
  id: string | undefined;
  /** As it came. */
  bundle: fhir4.Bundle;
  record: PersonRecord;
  /** What is on file of Goals and orders: none is suggested a second time. */
  pursued: Pursued;
  entries: ReadonlyMap<string, Entry>;
  issues: readonly PlacedIssue[];
  /** Answers that nothing tells whose they are, left out. */
  unattributed: readonly Entry[];
  /**
   * Places of the entries that this person's record is read from; undefined where that is the whole
   * Bundle.
   */
  places: ReadonlySet<number> | undefined;
};

/** An issue with its place in the input. */
export type PlacedIssue = Omit<CodingIssue, 'source' | 'place'> & { expression?: string };
