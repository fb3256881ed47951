import type { fhir4 } from '@loopwell/fhir';
import type { ReferralRow, TaskRow } from '@loopwell/store';

export type CloseInput = { referral: ReferralRow; tasks: readonly TaskRow[]; serviceRequest: fhir4.ServiceRequest | undefined };

/** What the loop ended with, and the ServiceRequest that says so. */
export type Closing = { state: 'closed' | 'failed'; serviceRequest: fhir4.ServiceRequest | undefined; task: string };

/**
 * Decides how a loop ended: closed when a partner's Task is completed, and then our ServiceRequest is completed too;
 * failed when the partner tried and could not. An outcome is not invented: without an ended Task there is nothing to
 * decide (undefined).
 */
export function close({ referral, tasks, serviceRequest }: CloseInput): Closing | undefined {
  if (referral.state !== 'partner' && referral.state !== 'waiting') return undefined;
  const ended = tasks.findLast((task) => task.status === 'completed' || task.status === 'failed');
  if (!ended) return undefined;
  if (ended.status === 'failed') {
    return { state: 'failed', serviceRequest: withStatus(serviceRequest, 'revoked'), task: ended.id };
  }
  return { state: 'closed', serviceRequest: withStatus(serviceRequest, 'completed'), task: ended.id };
}

function withStatus(request: fhir4.ServiceRequest | undefined, status: 'completed' | 'revoked'): fhir4.ServiceRequest | undefined {
  return request ? { ...request, status } : undefined;
}
