export { type Agreement, agreementOf, isTakenBack, orderOf } from './agreement.ts';
export { type AgreementDoubt, agreementDoubts } from './agreement-doubts.ts';
export { answersOfObservation, answersOfResponse } from './answers.ts';
export { type AnswerSoFar, answersSoFar } from './answers-so-far.ts';
export { codeBundle, codeResources, shapeProblem, unread } from './bundle/code-bundle.ts';
export { isReadType } from './bundle/entries.ts';
export { outcomeOf } from './bundle/outcome.ts';
export type { Site } from './bundle/read-bundle.ts';
export { addBusinessDays } from './business-days.ts';
export { codePerson } from './coding.ts';
export { type MapProblem, readConceptMap, type Translations, translated } from './concept-map.ts';
export { choiceProvenance, conditionCodesOf, withChosenCode } from './condition-codes.ts';
export {
  type ConsentAnswer,
  type ConsentDoubt,
  type ConsentQuestion,
  evaluateConsent,
} from './consent/consent.ts';
export {
  type ConsentsOnFile,
  consentsOnFile,
  type QuarantinedConsent,
  whyNotYet,
} from './consent/on-file.ts';
export { type ConsentPolicy, hipaaAuthorization, parseConsentPolicy } from './consent/policy.ts';
export { consentOfRecord, type RecordedConsent } from './consent/recorded.ts';
export { type SentConsent, sentConsent } from './consent/sent.ts';
export {
  type ConsentStanding,
  type ConsentState,
  consentQuestion,
  consentStanding,
} from './consent/standing.ts';
export { doubtWords, unshownWords } from './consent/words.ts';
export { contains, endOf, localDateOf, startOf } from './dates.ts';
export { deviceOf } from './device.ts';
export {
  type DirectoryPartner,
  endpointAddress,
  type ParsedDirectory,
  parseDirectory,
} from './directory.ts';
export { endedOrder, isEndedSo, type OrderEnd, orderEnd, showsEnd } from './ehr-order.ts';
export { encounterOf } from './encounters.ts';
export { reached, readable } from './flaws.ts';
export { withoutFuture } from './future.ts';
export { goalCodeOf } from './goal-codes.ts';
export { icd10cmOn, icd10cmRows } from './icd10cm.ts';
export {
  type Identity,
  identityOf,
  isOurs,
  isUnderOurName,
  ourIdentifier,
  valuesInSystem,
} from './identity.ts';
export { type ExtraRule, firstOf, instrumentOf, type Read } from './instrument-table.ts';
export { issue } from './issue.ts';
export { type ListedRow, rowsOf } from './listed-rows.ts';
export { mayLeave, minimumCondition } from './minimum-condition.ts';
export { minimumConsent } from './minimum-consent.ts';
export { minimumPatient } from './minimum-patient.ts';
export type * from './model.ts';
export {
  answerKey,
  keptBody,
  notesOf,
  type Oddity,
  odditiesOf,
  type PartnerNote,
  type PersonReason,
  personReasonOf,
  readAnswer,
  saysSomething,
  stoppingOddities,
  unreadableWords,
} from './partner-answer.ts';
export {
  procedureOfCode,
  type ReadOutput,
  type ShownOutput,
  saysAnything,
  shownOutput,
  targetOf,
} from './partner-outputs.ts';
export { type NoHelp, ownProcedure, whyDoubted, whyNoHelp } from './partner-procedure.ts';
export {
  type AgeStanding,
  ageStanding,
  type PatientStanding,
  patientStanding,
} from './patient-standing.ts';
export { addToQuality, emptyQuality, neverSeen, type Quality } from './quality.ts';
export { onFileSentence, questionLabel, verdictOf } from './quality-verdict.ts';
export {
  type Gap,
  type GapKind,
  isOpen,
  type NothingRead,
  type Noticed,
  type ReadingGap,
  type SearchForm,
  sayForm,
  sayGap,
  sayNoticed,
} from './reading.ts';
export { buildServiceRequest, buildTask, orderForPartner, type ReferralParts } from './referral.ts';
export { type Restriction, restrictionOf } from './restriction.ts';
export { screeningsOf } from './screenings.ts';
export { sdohccCategories } from './sdohcc-categories.ts';
export { generalServiceCodes, serviceCodesOf, serviceToSuggest } from './service-codes.ts';
export { mayBeScreening } from './single-observations.ts';
export type { SiteChoices } from './site-choices.ts';
export type { InstrumentTable } from './table-rows.ts';
export {
  canMoveTask,
  isFinal,
  isTaken,
  isTaskStatus,
  isUntaken,
  type Judgement,
  judgeReported,
  pathOf,
  taskMoves,
} from './task-moves.ts';
export { nextAmong, turnsAmong } from './turns.ts';
export {
  afterAllTurns,
  hadTurn,
  isEndedAsHelp,
  isWithoutHelp,
  needsPersonAfter,
  type WithoutHelp,
  withoutHelpWords,
} from './without-help.ts';
export { screeningQuestionsIn, worded } from './worded.ts';
export { looseHash, plain, wordsHash } from './words.ts';
