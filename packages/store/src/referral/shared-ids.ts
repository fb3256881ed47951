import { deriveId } from '@loopwell/kit';

/**
 * Derives the id of ours under which one recipient reads a Consent of an EHR. Aliases are needed
 * since ids of two EHRs may collide, and since an EHR's own ids are not for partners. Write-back
 * turns them into the EHR's ids again. Each recipient of a Consent has a copy of its own, so that
 * none learns of another.
 */
export const consentAlias = (
  tenant: string,
  connection: string,
  sourceId: string,
  recipient: string,
): string => deriveId(tenant, 'consent', connection, sourceId, recipient);

/**
 * Derives the id of ours for a Condition that the EHR holds. It is the same for every recipient,
 * for it names none.
 */
export const conditionAlias = (tenant: string, connection: string, sourceId: string): string =>
  deriveId(tenant, 'ehr-condition', connection, sourceId);

/**
 * Derives the id of ours for an order that the EHR holds, which our own order names as what it is
 * based on.
 */
export const orderAlias = (tenant: string, connection: string, sourceId: string): string =>
  deriveId(tenant, 'ehr-order', connection, sourceId);
