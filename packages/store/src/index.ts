export { isDatabaseAway } from '@loopwell/kit';
export type { Access, AccessKind } from './access.ts';
export * as access from './access.ts';
export {
  type Accounts,
  hasReadAnything,
  readAccounts,
  readUnfinished,
  readUnreadNotes,
  type Waiting,
  waitingPlaces,
} from './accounts.ts';
export { conditionAlias, consentAlias, orderAlias } from './aliases.ts';
export type { AlteredCount, AlteredWrite } from './altered.ts';
export * as altered from './altered.ts';
export type { AnswerLine, AnswerRow } from './answers.ts';
export * as answers from './answers.ts';
export { deleteConnection, type Hanging, hangingOn } from './connection-end.ts';
export type { ConnectionNote, NoteKind } from './connection-notes.ts';
export * as connectionNotes from './connection-notes.ts';
export type { ConnectionSettings, CredentialsKind, SmartClient } from './connections.ts';
export * as connections from './connections.ts';
export type { CopyRow } from './copies.ts';
export * as copies from './copies.ts';
export { peopleInDanger } from './danger.ts';
export { type Database, insertRows, openDatabase, requireRow, type Tx } from './database.ts';
export {
  clockDiffers,
  clockMeasure,
  type DatabaseClock,
  openDatabaseClock,
  readNow,
} from './database-clock.ts';
export type { PartnerRow } from './directory.ts';
export * as directory from './directory.ts';
export * as forms from './forms.ts';
export type { Unread } from './gaps.ts';
export * as gaps from './gaps.ts';
export type { Gauge } from './gauges.ts';
export * as gauges from './gauges.ts';
export type { Hold, Holdable } from './holds.ts';
export * as holds from './holds.ts';
export * as installation from './installation.ts';
export type { Connection, Lane } from './lanes.ts';
export * as lanes from './lanes.ts';
export type { DueRow, HistoryLine, LedgerRow, Settled, Settlement, WaitsFor } from './ledger.ts';
export * as ledger from './ledger.ts';
export { wake } from './ledger.ts';
export type { ListedRow, ListedState } from './listed.ts';
export * as listed from './listed.ts';
export { lockOrder } from './lock-order.ts';
export type { Look } from './looks.ts';
export * as looks from './looks.ts';
export type { EvidenceRow, MadeRow, ScreeningRow } from './made.ts';
export * as made from './made.ts';
export { migrate } from './migrate.ts';
export type { Count, HeldWork, LaneStatus, PartnerStatus, QuarantineCount } from './operations.ts';
export * as operations from './operations.ts';
export type { OperatorAction, RowKey } from './operator.ts';
export * as operator from './operator.ts';
export * as partnerBearers from './partner-bearers.ts';
export type { Prospects } from './prospects.ts';
export * as prospects from './prospects.ts';
export type { PulledRow, QuarantineRow } from './pulled.ts';
export * as pulled from './pulled.ts';
export * as readiness from './readiness.ts';
export * as receivers from './receivers.ts';
export type { RecodeProgress } from './recodes.ts';
export * as recodes from './recodes.ts';
export type { DecisionRow, NeedRow, NextAsked, ReferralPatch, ReferralRow } from './referrals.ts';
export * as referrals from './referrals.ts';
export type {
  ConditionBody,
  DecisionLine,
  EvidenceLine,
  PersonScreening,
  ReviewCursor,
  ReviewRow,
  WorklistCount,
  WorklistSort,
} from './reviews.ts';
export * as reviews from './reviews.ts';
export {
  keyBytes,
  keysOf,
  placeOfBearer,
  placeOfConnection,
  type Secrets,
  secretsWith,
} from './secrets.ts';
export type { GateCount, ParkedRow, Refusal, StageStatus } from './status.ts';
export * as status from './status.ts';
export type { ReceiptRow, ReceiptSettlement, TaskPatch, TaskRow } from './tasks.ts';
export * as tasks from './tasks.ts';
export type { Moment } from './traces.ts';
export * as traces from './traces.ts';
