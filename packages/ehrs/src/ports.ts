import type { fhir4 } from '@loopwell/fhir';
import type { FhirClient, SearchPage } from '@loopwell/fhir/client';
import type { Noticed } from '@loopwell/sdoh';
import type { Forms } from './form.ts';
import type { EhrQuirks } from './quirks.ts';

/** A window of one type by `_lastUpdated`, from `from` up to and without `to`. */
export type PullWindow = {
  type: string;
  from: Date | undefined;
  to: Date;
  /** An id, or several separated by commas. */
  patient?: string;
  /**
   * The end also counts for a search by patient, because the window is a part of one that is read
   * in parts.
   */
  bounded?: boolean;
  /**
   * The place of the rest of a window whose rows before `from` were read earlier: the rows that
   * were left then, and where the window begins.
   */
  resumed?: { left: number; start: Date | undefined };
};

/** The rows of one page of a window, and how far reading has come. */
export type WindowPage = {
  resources: readonly fhir4.Resource[];
  /**
   * Rows of other Patients than the one that was asked for. A caller that also reads those patients
   * keeps them.
   */
  ofOthers?: readonly { patient: string; resource: fhir4.Resource }[];
  invalid: SearchPage['invalid'];
  nextUrl?: string;
  /**
   * The `_lastUpdated` up to which all rows have been seen. A pull that is killed may go on from
   * here.
   */
  newest?: Date;
  /** The number of rows from there on, itself included, if the EHR counts them. */
  left?: number | undefined;
  /** Deviations that were noticed and that lost nothing. */
  noticed?: readonly Noticed[];
};

/**
 * The part of a client that reading a window needs. `read` helps if Patients may be read and not
 * searched.
 */
export type WindowClient = Pick<FhirClient, 'search' | 'page'> & Partial<Pick<FhirClient, 'read'>>;

export type Reader = { client: WindowClient; quirks: EhrQuirks; forms: Forms };

/**
 * A window as one walk reads it. `expected`: rows that the walk before left. `byOffset`: after a
 * page that names no next one, the next is asked for by `_offset`.
 */
export type Stretch = PullWindow & {
  count: number;
  expected?: number | undefined;
  byOffset?: boolean;
};
