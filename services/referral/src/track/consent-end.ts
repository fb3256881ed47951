import { newId } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { isUntaken } from '@loopwell/sdoh';
import { consentEnds, ledger, type Tx } from '@loopwell/store';
import type { Polled } from './polled-task.ts';
import type { TrackResult } from './track.ts';

/**
 * Notes until when the consents of untaken Tasks last, and has `refer` look at those whose consent
 * has ended: it recalls them. A referral that `refer` has in hand already is left to it.
 */
export async function noteConsentEnds(
  tx: Tx,
  batch: readonly Polled[],
  results: ReadonlyMap<string, TrackResult>,
  now: Date,
): Promise<Nudge[]> {
  const untaken = batch.filter(({ task }) => {
    const after = results.get(task.id)?.task ?? task;
    return after.live && isUntaken(after.status);
  });
  const ends = await consentEnds(
    tx,
    untaken.map(({ task }) => task.id),
  );
  for (const polled of untaken) polled.consentUntil = ends.get(polled.task.id)?.until;
  const ended = untaken.filter(({ task, consentUntil }) => {
    const isOver = consentUntil !== undefined && consentUntil.getTime() <= now.getTime();
    return isOver && ends.get(task.id)?.isAsked === false;
  });
  if (ended.length === 0) return [];
  const work = { stage: 'refer', batch: newId() } as const;
  await ledger.due(
    tx,
    ended.map(({ row, task }) => ({
      ...work,
      tenant: row.tenant,
      subject: task.referral,
      person: task.person,
      trace: row.trace,
    })),
  );
  return [work];
}
