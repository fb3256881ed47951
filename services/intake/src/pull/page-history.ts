import type { EhrResource, LedgerRow } from '@loopwell/store';
import type { CheckedPage } from './check/check-page.ts';

/** What names a resource of one EHR. */
export type Named = { type: string; sourceId: string };

/**
 * Lists the history lines of checked pages. A page that brought nothing new gives none, because
 * history would grow by every cursor and interval.
 */
export function linesOf(
  checked: readonly CheckedPage[],
  isChanged: (row: Named) => boolean,
  isNews: (row: Named) => boolean,
) {
  const withNews = checked.filter(
    ({ keep, refused }) => keep.some(isChanged) || refused.some(isNews),
  );
  const pageLines = withNews.map(({ row, type, keep, refused }) =>
    historyOf(row, type, keep.length, refused.length),
  );
  const strangerLines = checked.flatMap(({ row, strangers }) =>
    strangers.filter(isChanged).map((stranger) => strangerLine(row, stranger)),
  );
  return [...pageLines, ...strangerLines];
}

/**
 * Returns the history line for the person's timeline that another party uses identifiers in our
 * system.
 */
function strangerLine(row: LedgerRow, { type, sourceId, person }: EhrResource) {
  const facts = { type, id: sourceId };
  return {
    tenant: row.tenant,
    stage: 'pull',
    subject: person,
    person,
    outcome: 'identifier-not-ours',
    trace: row.trace,
    principal: 'system:intake',
    facts,
  };
}

function historyOf(row: LedgerRow, type: string, kept: number, quarantined: number) {
  return {
    tenant: row.tenant,
    stage: 'pull',
    subject: row.subject,
    outcome: 'page',
    trace: row.trace,
    principal: 'system:intake',
    facts: { type, kept, quarantined },
  };
}
