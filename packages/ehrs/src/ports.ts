import type { fhir4 } from '@loopwell/fhir';
import type { FhirClient, SearchPage } from '@loopwell/fhir/client';
import type { Noticed } from '@loopwell/sdoh';
import type { Forms } from './form.ts';
import type { EhrQuirks } from './quirks.ts';

export type PullWindow = {
  type: string;
  from: Date | undefined;
  to: Date;
  /** An id, or several separated by commas. */
  patient?: string;
  /** The end counts for one patient, too: a part of a window that is read in parts. */
  bounded?: boolean;
  /**
   * The rest of a window, of which earlier work read what lies before `from`: rows that were left
   * then, and where the window begins.
   */
  resumed?: { left: number; start: Date | undefined };
};

export type WindowPage = {
  resources: readonly fhir4.Resource[];
  /** Rows of other Patients than the one that was asked for: who reads them, too, keeps them. */
  ofOthers?: readonly { patient: string; resource: fhir4.Resource }[];
  invalid: SearchPage['invalid'];
  nextUrl?: string;
  /**
   * `_lastUpdated` up to which all has been seen, for good: a pull that is killed may go on from
   * here.
   */
  newest?: Date;
  /** Rows that are left from there on, itself included, where the EHR counts them. */
  left?: number | undefined;
  /** What was noticed and lost nothing. */
  noticed?: readonly Noticed[];
};

/** What a window needs of a client; `read` helps where Patients may be read and not searched. */
export type WindowClient = Pick<FhirClient, 'search' | 'page'> & Partial<Pick<FhirClient, 'read'>>;

export type Reader = { client: WindowClient; quirks: EhrQuirks; forms: Forms };

/**
 * A window as one walk reads it. `expected`: rows that the walk before left; `byOffset`: a page
 * that names no next one is asked for.
 */
export type Stretch = PullWindow & {
  count: number;
  expected?: number | undefined;
  byOffset?: boolean;
};
