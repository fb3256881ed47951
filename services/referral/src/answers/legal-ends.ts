import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import { needsReason } from '@loopwell/sdoh';
import { partnerProfiles, type Tx } from '@loopwell/store';
import type { Followed } from './followed-tasks.ts';

/**
 * Copies a Task with which legal help ends without what it newly says beside its status: nothing is
 * learned from the no of such a partner. What our Task sent before stays. Other Tasks stay as they
 * are.
 */
export async function withoutLegalWords(
  tx: Tx,
  { task, referral }: Followed,
  sent: fhir4.Task,
): Promise<fhir4.Task> {
  if (!needsReason(sent.status)) return sent;
  if (!(await partnerProfiles.isLegalHelp(tx, task.partner, referral.category))) return sent;
  const { statusReason: _, businessStatus, note, output, extension, ...quiet } = sent;
  const ours = JSON.parse(task.body) as fhir4.Task;
  const { resourceType } = sent;
  const before = { businessStatus: ours.businessStatus, note: ours.note, output: ours.output };
  return { ...withoutUndefined({ ...quiet, ...before }), resourceType } as fhir4.Task;
}
