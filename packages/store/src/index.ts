export { type Database, insertRows, isDatabaseAway, openDatabase, requireRow, type Tx } from './database.ts';
export * as ledger from './ledger.ts';
export type { DueRow, HistoryLine, LedgerRow, Settled, Settlement, WaitsFor } from './ledger.ts';
export { migrate } from './migrate.ts';
