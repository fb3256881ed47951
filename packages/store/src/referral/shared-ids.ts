import { deriveId } from '@loopwell/kit';

/**
 * Ids of ours under which partners read what belongs to an EHR: ids of two EHRs may collide, and an
 * EHR's own ids are nobody else's business. Write-back turns them into the EHR's ids again. Each
 * recipient of a Consent has a copy of its own, so that none learns of another.
 */
export const consentAlias = (
  tenant: string,
  connection: string,
  sourceId: string,
  recipient: string,
): string => deriveId(tenant, 'consent', connection, sourceId, recipient);

/** A Condition that the EHR holds: the same for every recipient, for it names none. */
export const conditionAlias = (tenant: string, connection: string, sourceId: string): string =>
  deriveId(tenant, 'ehr-condition', connection, sourceId);

/** Our name for an order that the EHR holds, by which ours says what it is based on. */
export const orderAlias = (tenant: string, connection: string, sourceId: string): string =>
  deriveId(tenant, 'ehr-order', connection, sourceId);
