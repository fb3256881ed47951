import type { fhir4 } from '@loopwell/fhir';
import type { Pursued } from '../coding/goals-and-orders.ts';
import type { CodingIssue, PersonRecord } from '../model.ts';

/** A resource of the input, with the one key that coding knows it by. */
export type Entry = {
  /** `Type/id`. The id is derived where the input gives none. */
  key: string;
  /** Its FHIRPath in the input: `Bundle.entry[3].resource`. */
  path: string;
  /** The resource as it came. */
  received: fhir4.Resource;
  /** The resource that is coded: with an id, and with references to other entries as `Type/id`. */
  resource: fhir4.Resource;
  /** Its reference in the output: `Type/id`, or its `urn:uuid:` fullUrl where it has no id. */
  reference: string;
  fullUrl: string | undefined;
  hasId: boolean;
};

/** One person's share of an input Bundle: the record that is coded, and the entries behind it. */
export type BundleRead = {
  id: string | undefined;
  /** The Bundle as it came. */
  bundle: fhir4.Bundle;
  record: PersonRecord;
  /** Open Goals and orders on file: none is suggested a second time. */
  pursued: Pursued;
  entries: ReadonlyMap<string, Entry>;
  issues: readonly PlacedIssue[];
  /** Entries that are left out because their person is unknown. */
  unattributed: readonly Entry[];
  /** Numbers of the entries that the record is read from; undefined for the whole Bundle. */
  places: ReadonlySet<number> | undefined;
};

/** An issue with its place in the input. */
export type PlacedIssue = Omit<CodingIssue, 'source' | 'place'> & { expression?: string };
