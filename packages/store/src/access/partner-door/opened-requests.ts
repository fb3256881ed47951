import type { Tx } from '../../database/database.ts';
import { logPartnerReads } from '../disclosure-account.ts';

/** A request that a helper of a partner is shown. */
export type OpenedRequest = {
  partner: string;
  helper: string;
  task: string;
  referral: string;
  /** The derived id of the Patient. */
  person: string;
};

/**
 * Records that a helper has opened a request, so that the account of disclosures names them. It is
 * called in the transaction that reads what is shown.
 */
export const logOpened = (tx: Tx, opened: OpenedRequest): Promise<void> =>
  logPartnerReads(tx, [{ ...opened, type: 'Task', resource: opened.task }]);
