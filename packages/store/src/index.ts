export { isDatabaseAway } from '@loopwell/kit';
export type { Access, AccessKind } from './access/access-tokens.ts';
export * as access from './access/access-tokens.ts';
export type { NamedPartner, PartnerRead } from './access/disclosure-account.ts';
export * as disclosures from './access/disclosure-account.ts';
export type { GrantRow, GrantWish, Suspension } from './access/disclosure-grants.ts';
export * as grants from './access/disclosure-grants.ts';
export type { AskedFact, EquityFact, EquitySearch } from './access/equity-facts.ts';
export * as equityFacts from './access/equity-facts.ts';
export type { CopyElsewhere, Erasure, ErasureView } from './access/erase/erase-person.ts';
export * as erasures from './access/erase/erase-person.ts';
export { erasedAmong } from './access/erase/erased-patients.ts';
export type { LegalDemand, NewDemand } from './access/erase/legal-demands.ts';
export * as legalDemands from './access/erase/legal-demands.ts';
export type { KeepTimes, RetentionNotice } from './access/erase/retention.ts';
export * as retention from './access/erase/retention.ts';
export type { Granted, Reader } from './access/granted-reads.ts';
export * as grantedReads from './access/granted-reads.ts';
export * as partnerAccess from './access/partner-access.ts';
export type {
  CodeSender,
  DoorEvent,
  GivenCode,
  HelperRole,
  HelperSession,
  LinkedPartner,
  NamedCode,
  NewHelper,
  PartnerHelper,
  PeopleChange,
  SecondWay,
} from './access/partner-door/partner-door.ts';
export * as partnerDoor from './access/partner-door/partner-door.ts';
export type { Basis } from './access/partner-procedures.ts';
export * as partnerProcedures from './access/partner-procedures.ts';
export type { PeopleShown, PersonView, ViewKind, ViewSearch } from './access/person-views.ts';
export * as personViews from './access/person-views.ts';
export { logViews } from './access/person-views.ts';
export type {
  DisclosurePage,
  DisclosurePlace,
  DisclosureSearch,
} from './access/placed-disclosures.ts';
export type { RestrictedChart, Viewer } from './access/restricted-charts.ts';
export * as restrictedCharts from './access/restricted-charts.ts';
export { hiddenPatients, mayView, requireView } from './access/restricted-charts.ts';
export * as sealedForms from './access/sealed-forms.ts';
export type { SignIn } from './access/sign-ins.ts';
export * as signIns from './access/sign-ins.ts';
export { referralsOfSamePeople, unrecallable } from './access/taken-back.ts';
export {
  answersInEvidence,
  type EvidenceAnswer,
  type EvidenceRow,
  instrumentsOfConditions,
  saveEvidence,
} from './coding/evidence.ts';
export type { OwnResource } from './coding/own-resources.ts';
export * as ownResources from './coding/own-resources.ts';
export type { ScreeningReview } from './coding/screening-reviews.ts';
export * as screeningReviews from './coding/screening-reviews.ts';
export { type ScreeningRow, saveScreenings } from './coding/screenings.ts';
export { createApplicationDatabase } from './database/application-database.ts';
export { refuseEarlierVersion } from './database/applied-migrations.ts';
export type { ClockState } from './database/clock-moves.ts';
export * as clockMoves from './database/clock-moves.ts';
export {
  type Database,
  inSavepoint,
  openDatabase,
  readSnapshot,
  requireRow,
  type Tx,
} from './database/database.ts';
export {
  clockDiffers,
  clockMeasure,
  type DatabaseClock,
  openDatabaseClock,
  readNow,
} from './database/database-clock.ts';
export type { HistoryLine } from './database/history.ts';
export { insertRows } from './database/insert-rows.ts';
export * as installation from './database/installation.ts';
export { migrate } from './database/migrate.ts';
export * as readiness from './database/readiness.ts';
export {
  keyBytes,
  keysOf,
  placeAtDoor,
  placeOfBearer,
  placeOfConnection,
  placeOfDutyWebhook,
  placeOfSetting,
  type Secrets,
  secretsWith,
} from './database/secrets.ts';
export type { SiteRow } from './database/site.ts';
export * as site from './database/site.ts';
export type { AlteredCount, AlteredWrite } from './ehr/altered-writes.ts';
export * as altered from './ehr/altered-writes.ts';
export { atConsent, closeGaps, peopleWithUnreadConsents } from './ehr/close-gaps.ts';
export type { ConnectionNote, NoteKind } from './ehr/connection-notes.ts';
export * as connectionNotes from './ehr/connection-notes.ts';
export * as connections from './ehr/connections.ts';
export {
  type Connection,
  type ConnectionSettings,
  type CredentialsKind,
  loadConnections,
  type SmartClient,
  saveConnection,
  saveMetadataStatus,
} from './ehr/connections.ts';
export { deleteConnection, type Hanging, hangingOn } from './ehr/delete-connection.ts';
export type { EhrResource, SavedResources } from './ehr/ehr-resources.ts';
export * as ehrResources from './ehr/ehr-resources.ts';
export { fulfilledOrders, saveOrderEnds } from './ehr/order-ends.ts';
export type { PullCursor } from './ehr/pull-cursors.ts';
export * as pullCursors from './ehr/pull-cursors.ts';
export {
  leaveQuarantine,
  type QuarantinedPaper,
  type QuarantineRow,
  quarantinedBodies,
  quarantinedPapers,
  saveQuarantine,
  unchangedInQuarantine,
} from './ehr/quarantine.ts';
export { type RefusedWrite, refusedWrites } from './ehr/refused-writes.ts';
export * as searchForms from './ehr/search-forms.ts';
export { tellEhr, writeBackDue } from './ehr/tell-ehr.ts';
export type { WriteBack } from './ehr/write-backs.ts';
export * as writeBacks from './ehr/write-backs.ts';
export { type GateWork, gateWork } from './ledger/gate-work.ts';
export type { DueRow, LedgerRow, WaitsFor } from './ledger/ledger.ts';
export { wake } from './ledger/ledger.ts';
export { ledger } from './ledger/ledger-functions.ts';
export { lockOrder } from './ledger/lock-order.ts';
export type { OperatorAction, RowKey } from './ledger/operator-actions.ts';
export * as operator from './ledger/operator-actions.ts';
export type { RecodeProgress } from './ledger/recode-progress.ts';
export * as recodes from './ledger/recode-progress.ts';
export type { Settled, Settlement } from './ledger/settle-work.ts';
export { tellByHand, tellByHandCode } from './ledger/tell-by-hand.ts';
export type { EverythingWithdrawn } from './people/consent-withdrawals.ts';
export * as contact from './people/contact/contact.ts';
export type { NewNoRow, NoRow } from './people/contact/nos.ts';
export type { NewTryRow, TryRow } from './people/contact/tries.ts';
export type { UnresolvedKeepOut } from './people/keep-outs.ts';
export * as people from './people/people.ts';
export type {
  AlertCause,
  AlertRound,
  AlertState,
  ClaimedAlert,
  OpenAlert,
} from './people/safety/duty-alerts.ts';
export * as dutyAlerts from './people/safety/duty-alerts.ts';
export type { DutyMessage, MessageOutcome, ShownMessage } from './people/safety/duty-messages.ts';
export * as dutyMessages from './people/safety/duty-messages.ts';
export type { OnDutyRow } from './people/safety/on-duty.ts';
export * as onDuty from './people/safety/on-duty.ts';
export * as safety from './people/safety/safety.ts';
export type { SafetyFacts } from './people/safety/safety-facts.ts';
export { peopleInDanger, peopleWithSafetyAnswers } from './people/safety/urgent-people.ts';
export type { AddedNeedRow } from './people/work/added-needs.ts';
export type { HouseholdRow } from './people/work/households.ts';
export * as work from './people/work/work.ts';
export * as leftToTell from './referral/calls/left-to-tell.ts';
export * as partnerCalls from './referral/calls/open-at-partners.ts';
export * as tickets from './referral/calls/tickets.ts';
export * as partnerAlerts from './referral/clocks/partner-alerts.ts';
export { peopleOfQuietPartners } from './referral/clocks/quiet-partners.ts';
export {
  type ConsentDecision,
  consentEnds,
  consentRecipients,
  consentsOfTasks,
  keepConsentDecisions,
  type TaskConsent,
} from './referral/consent-decisions.ts';
export type { NewUndo, UndoRow } from './referral/decisions/decision-undo.ts';
export * as undos from './referral/decisions/decision-undo.ts';
export { judgeAnew } from './referral/decisions/judge-anew.ts';
export type { Hold, Holdable } from './referral/holds.ts';
export * as holds from './referral/holds.ts';
export type {
  MessagePlace,
  MessageSettlement,
  PartnerMessage,
} from './referral/messages/partner-messages.ts';
export * as partnerMessages from './referral/messages/partner-messages.ts';
export type { MessageReport, PartnerText } from './referral/messages/partner-texts.ts';
export * as partnerTexts from './referral/messages/partner-texts.ts';
export { moveTasks, type TaskMove, type TaskMoveOutcome } from './referral/move-task.ts';
export * as pageAnswers from './referral/page-answers/page-answers.ts';
export { removeWords } from './referral/page-answers/remove-words.ts';
export type { InboxRow, NewAnswer, TakenAnswer } from './referral/partner-answers.ts';
export * as answers from './referral/partner-answers.ts';
export * as partnerBearers from './referral/partner-credentials.ts';
export type { DirectoryProblem, NewPartner, PartnerRow } from './referral/partner-directory.ts';
export * as directory from './referral/partner-directory.ts';
export * as intakes from './referral/partners/new-this-week.ts';
export type {
  NewProfileEdit,
  ProfileEdit,
  StoredProfile,
} from './referral/partners/partner-profiles.ts';
export * as partnerProfiles from './referral/partners/partner-profiles.ts';
export {
  intendReceipts,
  loadReceipts,
  type ReceiptRow,
  type ReceiptSettlement,
  settleReceipts,
} from './referral/receipts.ts';
export * as receivers from './referral/receiver-holds.ts';
export type {
  DecisionRow,
  NeedRow,
  NextAsked,
  ReferralPatch,
  ReferralRow,
} from './referral/referrals.ts';
export * as referrals from './referral/referrals.ts';
export { conditionAlias, consentAlias, orderAlias } from './referral/shared-ids.ts';
export type { DeliveryOutcome, TaskDelivery } from './referral/task-deliveries.ts';
export * as taskDeliveries from './referral/task-deliveries.ts';
export type { HubTask, TaskSearch } from './referral/task-search.ts';
export * as hubTasks from './referral/task-search.ts';
export type { NewTask, TaskPatch, TaskRow } from './referral/tasks.ts';
export * as tasks from './referral/tasks.ts';
export {
  type HelpByPartner,
  type HelpTotals,
  readHelpByPartner,
  readHelpTotals,
} from './reports/help-totals.ts';
export type { ListedRow, ListedState } from './reports/listed-referrals.ts';
export * as listedReferrals from './reports/listed-referrals.ts';
export type { Gauge } from './reports/monitoring-gauges.ts';
export * as gauges from './reports/monitoring-gauges.ts';
export type {
  Count,
  CursorStatus,
  HeldWork,
  PartnerStatus,
  QuarantineCount,
} from './reports/operations-counts.ts';
export * as operations from './reports/operations-counts.ts';
export type {
  ListCounts,
  ListedNeed,
  PeopleAsk,
  PeopleCursor,
  PeopleList,
  PeopleRow,
} from './reports/people-lists.ts';
export * as peopleLists from './reports/people-lists.ts';
export type { Unread } from './reports/reading-gaps.ts';
export * as gaps from './reports/reading-gaps.ts';
export { type RunPulse, readPulse } from './reports/run-pulse.ts';
export {
  hasReadAnything,
  type RunTotals,
  readRunTotals,
  readUnfinished,
  readUnreadNotes,
  type Waiting,
  waitingPlaces,
} from './reports/run-totals.ts';
export type { SendPreview } from './reports/send-preview.ts';
export * as sendPreview from './reports/send-preview.ts';
export type { GateCount, ParkedRow, Refusal, StageStatus } from './reports/stage-status.ts';
export * as status from './reports/stage-status.ts';
export type { Moment } from './reports/timeline.ts';
export { peopleOfTimeline, timelineOf } from './reports/timeline.ts';
export type {
  ConditionBody,
  DecisionLine,
  EvidenceLine,
  PersonScreening,
  ReviewCursor,
  ReviewRow,
  WorklistCount,
  WorklistSort,
} from './reports/worklist.ts';
export * as reviews from './reports/worklist.ts';
