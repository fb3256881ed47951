import { shortOf } from '@loopwell/ehrs';
import { withoutUndefined } from '@loopwell/fhir';
import { errorRecord, newId } from '@loopwell/kit';
import type { Gap } from '@loopwell/sdoh';
import { gaps, ledger, type PullCursor, pullCursors, type Settled, type Tx } from '@loopwell/store';

/**
 * Statuses by which a server refuses a search or a type; 401 and 429 are about us.
 * DECISIONS D104. DECISIONS D118.
 */
const refusals: readonly number[] = [400, 403, 404, 405, 410, 422, 501];

/** Whether the EHR refused the search itself: not the token, not the capabilities, not a page. */
export function isRefusedSearch(error: unknown): boolean {
  const { code, facts } = errorRecord(error);
  // One record makes every search an error, whatever time is asked for: it is found patient by
  // patient.
  if (facts.byPatient === true) return true;
  return (
    code === 'REMOTE_REFUSED' &&
    facts.interaction === 'search' &&
    refusals.includes(Number(facts.status))
  );
}

export function refusalOf(error: unknown, kind: 'refused' | 'not-offered' = 'refused'): Gap {
  const { status, issueCode } = errorRecord(error).facts;
  return {
    kind,
    ...withoutUndefined({
      status: typeof status === 'number' ? status : undefined,
      issueCode: typeof issueCode === 'string' ? issueCode : undefined,
    }),
  };
}

const gapIn = (lane: PullCursor): Gap | undefined =>
  lane.gap === null ? undefined : (JSON.parse(lane.gap) as Gap);

/** The lane with a gap. What a person has closed stays closed while the reason is the same. */
export function withGap(lane: PullCursor, gap: Gap): PullCursor {
  const before = gapIn(lane);
  const isSame = before?.kind === gap.kind && before.status === gap.status && gap.kind !== 'short';
  return { ...lane, gap: JSON.stringify(gap), closed_by: isSame ? lane.closed_by : null };
}

/** Read to the end of a window: no gap is left, but a closed one whose totals nobody has mended. */
const withoutGap = (lane: PullCursor): PullCursor =>
  gapIn(lane)?.kind === 'short' && lane.closed_by !== null
    ? lane
    : { ...lane, gap: null, closed_by: null };

/**
 * What becomes of a lane whose window fell short: it is read again whole. Where a person has closed
 * as large a difference before, it counts as read.
 */
export function afterShort(lane: PullCursor, error: unknown, to: Date): PullCursor | undefined {
  const totals = shortOf(error);
  if (!totals) return undefined;
  const gapBefore = gapIn(lane);
  const isKnown = gapBefore?.kind === 'short' && lane.closed_by !== null;
  const again = { ...lane, window_from: null, window_to: null, next_url: null };
  if (
    isKnown &&
    totals.total - totals.received <= Number(gapBefore.total) - Number(gapBefore.given)
  )
    return { ...again, upto: to };
  const gap = { kind: 'short', total: totals.total, given: totals.received } as const;
  return withGap(again, { ...gap, to: to.toISOString() });
}

/** Nobody has this id: no Patient came for one that was named, and nothing else was asked for. */
export function afterPatient(lane: PullCursor): PullCursor {
  const isUnknown =
    lane.type === 'Patient' && lane.scope !== '' && lane.since === null && lane.resources === 0;
  return isUnknown ? withGap(lane, { kind: 'unknown-patient' }) : withoutGap(lane);
}

/**
 * Consents that could not be read, and are now: whoever waited for a no that may be missing is
 * looked at again.
 */
export async function wakeAtConsent(tx: Tx, before: PullCursor): Promise<void> {
  if (before.type !== 'Consent') return;
  const hadFailed = await pullCursors.noteRead(tx, before.id);
  if (before.gap === null && !hadFailed) return;
  await ledger.due(tx, await gaps.atConsent(tx, before.connection, newId(), before.scope));
}

const principal = 'system:intake';
/** How long an EHR that refuses is left before it is asked again. */
const askAgainMs = { short: 3_600_000, refused: 900_000 } as const;

/**
 * A lane with a gap is asked again by itself while running on, and by the next run under `--once`.
 */
export function settledGap(row: Settled['row'], lane: PullCursor, once: boolean): Settled {
  const { kind, status, total, given } = gapIn(lane) ?? { kind: 'refused' as const };
  const outcome = `not-read:${kind}`;
  const facts = { type: lane.type, status, total, given };
  if (once)
    return { row, principal, facts, settlement: { kind: 'wait', outcome, waitsFor: 'operator' } };
  const delayMs = kind === 'short' ? askAgainMs.short : askAgainMs.refused;
  return { row, principal, facts, settlement: { kind: 'wait', outcome, waitsFor: 'ehr', delayMs } };
}
