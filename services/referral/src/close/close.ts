import type { fhir4 } from '@loopwell/fhir';
import { isEndedAsHelp } from '@loopwell/sdoh';
import type { ReferralRow, TaskRow } from '@loopwell/store';

/** A referral with its Tasks and its ServiceRequest. */
export type CloseInput = {
  referral: ReferralRow;
  tasks: readonly TaskRow[];
  serviceRequest: fhir4.ServiceRequest | undefined;
};

/** The end of a loop: the state, the ServiceRequest that says so, and the Task that ended it. */
export type Closing = {
  state: 'closed';
  serviceRequest: fhir4.ServiceRequest | undefined;
  task: TaskRow;
};

/**
 * Decides how a loop ended. It is closed if a partner's Task is completed, and then our
 * ServiceRequest is completed too. Without a completed Task it gives undefined, because no outcome
 * is invented. A failed Task closes nothing: the referral waits for a person, and its order stays
 * active.
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
