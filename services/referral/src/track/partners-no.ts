import { type Clock, dayIn, deriveId, timeZoneOf } from '@loopwell/kit';
import { isFinal, personReasonAmong } from '@loopwell/sdoh';
import type { NewNoRow } from '@loopwell/store';
import type { Followed } from '../answers/followed-tasks.ts';
import { principal } from './our-words.ts';
import type { Look } from './track.ts';

/**
 * Makes the person's no of an answer by which a partner says that the person declined; undefined
 * for any other answer. It counts after the Task has ended, too. Nobody calls to check. DECISIONS
 * D162.
 */
export function noOfAnswer(
  { task, referral }: Followed,
  { row, step }: Look,
  clock: Clock,
): NewNoRow | undefined {
  const isTaken = step.kind === 'ended' || step.kind === 'late';
  const codes = JSON.parse(row.codes) as { system: string; code: string }[];
  const hasDeclined = personReasonAmong(codes) === 'person-declined';
  if (!isTaken || !hasDeclined || !isFinal(row.status) || row.status === 'completed')
    return undefined;
  return {
    tenant: task.tenant,
    id: deriveId(task.tenant, 'no', task.id),
    person: task.person,
    kind: 'not-this-help',
    category: referral.category,
    partner: null,
    until: null,
    said_on: dayIn(timeZoneOf(clock), row.said_at ?? row.received_at),
    said_by: 'person',
    said_to: `partner:${task.partner}`,
    note: null,
    referral: referral.id,
    recorded_by: row.recorded_by === principal ? row.who : row.recorded_by,
  };
}
