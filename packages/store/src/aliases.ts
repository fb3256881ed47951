import { deriveId } from '@loopwell/kit';

/**
 * Ids of ours under which partners read what belongs to an EHR: ids of two EHRs may collide, and an EHR's own ids are
 * nobody else's business. Write-back turns them into the EHR's ids again.
 */
export const consentAlias = (organisation: string, connection: string, sourceId: string): string =>
  deriveId(organisation, 'consent', connection, sourceId);

/** As `consentAlias`, for a Condition that the EHR holds. */
export const conditionAlias = (organisation: string, connection: string, sourceId: string): string =>
  deriveId(organisation, 'ehr-condition', connection, sourceId);
