import { deriveId } from '@loopwell/kit';

/**
 * Ids of ours under which partners read what belongs to an EHR: ids of two EHRs may collide, and an EHR's own ids are
 * nobody else's business. Write-back turns them into the EHR's ids again. Each recipient of a Consent has a copy of its own,
 * so that none learns of another.
 */
export const consentAlias = (
  organisation: string,
  connection: string,
  sourceId: string,
  recipient: string,
): string => deriveId(organisation, 'consent', connection, sourceId, recipient);

/** A Condition that the EHR holds: the same for every recipient, for it names none. */
export const conditionAlias = (
  organisation: string,
  connection: string,
  sourceId: string,
): string => deriveId(organisation, 'ehr-condition', connection, sourceId);

/** Our name for an order that the EHR holds, by which ours says what it is based on. */
export const orderAlias = (organisation: string, connection: string, sourceId: string): string =>
  deriveId(organisation, 'ehr-order', connection, sourceId);
