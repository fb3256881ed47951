import { mapDefined, withoutUndefined } from '@loopwell/fhir';
import { isUnderOurName } from '@loopwell/sdoh';
import type { EhrResource, LedgerRow, QuarantineRow } from '@loopwell/store';
import {
  type Checked,
  checkRepeated,
  checkResource,
  permitting,
  type Repeated,
} from './check-resource.ts';
import { personId, quarantineRow, type Source } from './page-rows.ts';
import type { PulledType } from './pulled-types.ts';

/** One page as it was read. */
export type Page = {
  resources: readonly unknown[];
  /**
   * Entries that cannot be read. `resource` is one with a repeated member, holding both values, and
   * `element` is the place.
   */
  invalid: readonly {
    reason: string;
    entry: unknown;
    resource?: unknown;
    element?: string;
    /** Facts for operators. */
    facts?: Readonly<Record<string, string>>;
  }[];
  /** Rows of other Patients than the requested one, with the Patient's id. */
  ofOthers?: readonly { patient: string; resource: unknown }[];
  /** Ids of records that the EHR could not show before and shows now. */
  filled?: readonly string[];
};

/**
 * A page of one cursor before it is saved. `patient` is the id of the one Patient whose resources
 * were requested.
 */
export type LanePage = {
  row: LedgerRow;
  type: PulledType;
  page: Page;
  patient?: string;
};

/**
 * Rows of one page: kept ones, quarantined ones, and kept ones that carry an identifier in our
 * system which is not ours.
 */
export type CheckedPage = {
  row: LedgerRow;
  type: PulledType;
  keep: EhrResource[];
  refused: QuarantineRow[];
  strangers: EhrResource[];
};

/** Sorts the resources of a page into kept and quarantined rows. */
export function checkPage({ row, type, page, patient = '' }: LanePage, from: Source): CheckedPage {
  const source = { ...from, patient };
  const repeated = mapDefined(page.invalid, ({ reason, resource, element }) =>
    resource === undefined
      ? undefined
      : repeatedSafely({ reason, resource, ...withoutUndefined({ element }) }, type, source),
  );
  const checked = [
    ...page.resources.map((resource) => checkSafely(resource, type, source)),
    ...repeated,
  ];
  const keep = mapDefined(checked, (one) => (one.kind === 'keep' ? one.row : undefined));
  const refused = mapDefined(checked, (one) => (one.kind === 'quarantine' ? one.row : undefined));
  const system = source.identity?.system ?? '';
  const strangers = keep.filter(
    ({ body }) => body.includes(system) && isUnderOurName(JSON.parse(body), source.identity),
  );
  const entries = page.invalid.filter((invalid) => invalid.resource === undefined);
  const unread = entries.map((invalid) => unreadRow(invalid, type, source));
  const bounded = withinBounds([...refused, ...unread], type, source);
  return { row, type, keep, strangers, refused: bounded };
}

/** The number of quarantined rows of one page. The others become one row with their number. */
const refusedAtMost = 1_000;

/** Limits the quarantined rows of a page. Rows that may be a person's refusal are all listed. */
function withinBounds(
  refused: readonly QuarantineRow[],
  type: PulledType,
  source: Source,
): QuarantineRow[] {
  const mayBeNo = (row: QuarantineRow) => permitting.has(type) && row.code !== 'unexpected-type';
  const others = refused.filter((row) => !mayBeNo(row));
  const left = others.slice(refusedAtMost);
  if (left.length === 0) return [...refused];
  const codes = [...new Set(left.map((row) => row.code))].join(', ');
  const rest = quarantineRow({ id: `and-${left.length}-more` }, type, source, 'more-of-the-same', {
    count: left.length,
    codes,
  });
  return [...refused.filter(mayBeNo), ...others.slice(0, refusedAtMost), rest];
}

/**
 * Returns the quarantine row of an entry that is not a resource, or of a record that the EHR cannot
 * show. It names the person where known, because it may be that person's refusal.
 */
function unreadRow(
  { entry, reason, facts }: Page['invalid'][number],
  type: PulledType,
  source: Source,
): QuarantineRow {
  const row = quarantineRow(entry, type, source, reason, facts);
  return facts?.patient === undefined ? row : { ...row, person: personId(source, facts.patient) };
}

function checkSafely(resource: unknown, type: PulledType, source: Source): Checked {
  try {
    return checkResource(resource as Parameters<typeof checkResource>[0], type, source);
  } catch {
    return { kind: 'quarantine', row: quarantineRow(resource, type, source, 'unreadable') };
  }
}

function repeatedSafely(repeated: Repeated, type: PulledType, source: Source): Checked {
  try {
    return checkRepeated(repeated, type, source);
  } catch {
    return {
      kind: 'quarantine',
      row: quarantineRow(repeated.resource, type, source, repeated.reason),
    };
  }
}
