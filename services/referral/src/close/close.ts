import type { fhir4 } from '@loopwell/fhir';
import { isEndedAsHelp } from '@loopwell/sdoh';
import type { ReferralRow, TaskRow } from '@loopwell/store';

export type CloseInput = {
  referral: ReferralRow;
  tasks: readonly TaskRow[];
  serviceRequest: fhir4.ServiceRequest | undefined;
};

/** What the loop ended with, and the ServiceRequest that says so. */
export type Closing = {
  state: 'closed';
  serviceRequest: fhir4.ServiceRequest | undefined;
  task: TaskRow;
};

/**
 * Decides how a loop ended: closed when a partner's Task is completed, and then our ServiceRequest
 * is completed too. An outcome is not invented: without a completed Task there is nothing to decide
 * (undefined). A Task that failed closes nothing: the referral waits for a person, and its order
 * stays active.
 */
export function close({ referral, tasks, serviceRequest }: CloseInput): Closing | undefined {
  if (referral.state !== 'partner' && referral.state !== 'waiting') return undefined;
  const ended = tasks.findLast(isEndedAsHelp);
  if (!ended) return undefined;
  return {
    state: 'closed',
    serviceRequest: serviceRequest && { ...serviceRequest, status: 'completed' },
    task: ended,
  };
}
