import { appendHistory } from '../database/history.ts';
import { awaitStage, claim, claimLease, due, holdLeases, renewLease, wake } from './ledger.ts';
import { settleWork } from './settle-work.ts';

/** The ledger as one object, which the pipeline takes as its port. */
export const ledger = {
  appendHistory,
  awaitStage,
  claim,
  claimLease,
  due,
  holdLeases,
  renewLease,
  settle: settleWork,
  wake,
};
