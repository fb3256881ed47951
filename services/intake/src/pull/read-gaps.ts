import { shortOf } from '@loopwell/ehrs';
import { withoutUndefined } from '@loopwell/fhir';
import { errorRecord, newId } from '@loopwell/kit';
import type { Gap } from '@loopwell/sdoh';
import {
  atConsent,
  ledger,
  type PullCursor,
  pullCursors,
  type Settled,
  type Tx,
} from '@loopwell/store';

/**
 * Statuses by which a server refuses a search or a type. 401 and 429 are about our access.
 * DECISIONS D104. DECISIONS D118.
 */
const refusals: readonly number[] = [400, 403, 404, 405, 410, 422, 501];

/**
 * Returns whether the EHR refused the search itself, and not the token, the capabilities or a page.
 */
export function isRefusedSearch(error: unknown): boolean {
  const { code, facts } = errorRecord(error);
  // One record makes every search fail, whatever time is asked for. It is found patient by patient.
  if (facts.byPatient === true) return true;
  return (
    code === 'REMOTE_REFUSED' &&
    facts.interaction === 'search' &&
    refusals.includes(Number(facts.status))
  );
}

/** Returns the gap that a refusal leaves, with the status and the issue code of the answer. */
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

/**
 * Returns the cursor with a gap. A gap that a person has closed stays closed while the reason is
 * the same.
 */
export function withGap(lane: PullCursor, gap: Gap): PullCursor {
  const before = gapIn(lane);
  const isSame = before?.kind === gap.kind && before.status === gap.status && gap.kind !== 'short';
  return { ...lane, gap: JSON.stringify(gap), closed_by: isSame ? lane.closed_by : null };
}

/**
 * Returns the cursor without its gap, after a window was read to its end. A closed gap about totals
 * that still differ stays.
 */
const withoutGap = (lane: PullCursor): PullCursor =>
  gapIn(lane)?.kind === 'short' && lane.closed_by !== null
    ? lane
    : { ...lane, gap: null, closed_by: null };

/**
 * Returns the cursor after a window that gave fewer rows than its total: it is read again whole. If
 * a person closed an equal or larger difference before, it counts as read. Undefined for another
 * error.
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

/**
 * Returns the cursor of a read window, with a gap when a named patient does not exist: the search
 * by id, without a start, gave no Patient.
 */
export function afterPatient(lane: PullCursor): PullCursor {
  const isUnknown =
    lane.type === 'Patient' && lane.scope !== '' && lane.since === null && lane.resources === 0;
  return isUnknown ? withGap(lane, { kind: 'unknown-patient' }) : withoutGap(lane);
}

/**
 * Makes people due again who wait at consent, when Consents that could not be read are read now.
 * They waited for a refusal that might be missing.
 */
export async function wakeAtConsent(tx: Tx, before: PullCursor): Promise<void> {
  if (before.type !== 'Consent') return;
  const hadFailed = await pullCursors.noteRead(tx, before.id);
  if (before.gap === null && !hadFailed) return;
  await ledger.due(tx, await atConsent(tx, before.connection, newId(), before.scope));
}

const principal = 'system:intake';
/** Milliseconds before an EHR that refuses is asked again. */
const askAgainMs = { short: 3_600_000, refused: 900_000 } as const;

/**
 * Returns how to settle a row whose cursor has a gap: it is tried again after a delay, or by the
 * next run under `--once`.
 */
export function settledGap(row: Settled['row'], lane: PullCursor, once: boolean): Settled {
  const { kind, status, total, given: givenCount } = gapIn(lane) ?? { kind: 'refused' as const };
  const outcome = `not-read:${kind}`;
  const facts = { type: lane.type, status, total, given: givenCount };
  if (once)
    return { row, principal, facts, settlement: { kind: 'wait', outcome, waitsFor: 'operator' } };
  const delayMs = kind === 'short' ? askAgainMs.short : askAgainMs.refused;
  return { row, principal, facts, settlement: { kind: 'wait', outcome, waitsFor: 'ehr', delayMs } };
}
