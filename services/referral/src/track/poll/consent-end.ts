import { isUntaken } from '@loopwell/sdoh';
import { consentEnds, type DueRow, type Tx } from '@loopwell/store';
import type { Polled } from './polled-task.ts';

/**
 * Notes until when the consents of untaken Tasks last, and lists the referrals whose consent has
 * ended: `refer` recalls them. A referral that `refer` has in hand already is left to it.
 */
export async function noteConsentEnds(
  tx: Tx,
  batch: readonly Polled[],
  now: Date,
): Promise<Omit<DueRow, 'stage' | 'batch'>[]> {
  const untaken = batch.filter(({ task }) => task.live && isUntaken(task.status));
  const ends = await consentEnds(
    tx,
    untaken.map(({ task }) => task.id),
  );
  for (const polled of untaken) polled.consentUntil = ends.get(polled.task.id)?.until;
  const ended = untaken.filter(({ task, consentUntil }) => {
    const isOver = consentUntil !== undefined && consentUntil.getTime() <= now.getTime();
    return isOver && ends.get(task.id)?.isAsked === false;
  });
  return ended.map(({ row, task }) => ({
    tenant: row.tenant,
    subject: task.referral,
    person: task.person,
    trace: row.trace,
  }));
}
