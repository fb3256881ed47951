export { codeBundle, codeResources, shapeProblem, unread } from './bundle/code-bundle.ts';
export { isReadType } from './bundle/entries.ts';
export { outcomeOf } from './bundle/outcome.ts';
export type { Site } from './bundle/read-bundle.ts';
export { codePerson } from './coding/code-person.ts';
export type * from './coding/person-coding.ts';
export type { Coding, EditionCoding } from './fhir-json/codings.ts';
export { contains, endOf, localDateOf, startOf } from './fhir-json/dates.ts';
export { readable } from './fhir-json/flaws.ts';
export { withoutFuture } from './fhir-json/future-times.ts';
export { looseHash, plain, wordsHash } from './fhir-json/text-matching.ts';
export { warnAbout } from './instrument/answer-issue.ts';
export { findFirstAnswer } from './instrument/contradictions.ts';
export { createInstrument, type ExtraRule } from './instrument/instrument-from-table.ts';
export { type ListedRow, listRows } from './instrument/table-listing.ts';
export type { InstrumentTable } from './instrument/table-schema.ts';
export type * from './model.ts';
export {
  type DueItem,
  type DueProblem,
  readDueCsv,
  readDueGroup,
} from './people/added/due-list.ts';
export { type CatalogNeed, findCatalogNeed, needCatalog } from './people/added/need-catalog.ts';
export * from './people/contact/contact.ts';
export * from './people/erase/legal-demand.ts';
export { type LinkStatements, linkStatements } from './people/link-statements.ts';
export { minimumPatient } from './people/minimum-patient.ts';
export { type PartnerView, patientForPartner } from './people/patient-for-partner.ts';
export {
  type AgeStanding,
  ageStanding,
  type PatientStanding,
  patientStanding,
} from './people/patient-standing.ts';
export {
  insuranceAnswer,
  recordNumbers,
  type Screener,
  screenerOf,
} from './people/person-facts.ts';
export { personProfile } from './people/person-profile.ts';
export type { PersonProfile } from './people/profile-model.ts';
export { type ProfileOnDay, profileOn } from './people/profile-on-day.ts';
export { shownAddresses } from './people/protected-address.ts';
export { contactCare, type PartnerReach } from './people/reach/contact-care.ts';
export {
  isKeptOut,
  isUnresolved,
  type KeepOut,
  type NamedPartner,
  partnersNamed,
} from './people/reach/keep-out.ts';
export {
  type AgreementProblem,
  doesAgreementHold,
  findAgreementProblem,
  minorRules,
  minorServices,
  minorSituations,
} from './people/reach/minor-services.ts';
export {
  type ContactStanding,
  contactStanding,
  type NextAsk,
  nextAsk,
  type RecordedReach,
  reachableText,
} from './people/reach/next-ask.ts';
export { contactForPartner } from './people/reach/partner-contact.ts';
export {
  phoneOwners,
  type ReachAsk,
  type ReachChoice,
  type ReachPermission,
  type ReachPhone,
  type ReachProblem,
  type ReachWay,
  reachPermission,
  reachProblems,
  reachWays,
  sayings,
} from './people/reach/reach-choice.ts';
export * from './people/safety/safety.ts';
export {
  type PersonSearch,
  personSearch,
  type SearchProblem,
  type SearchWish,
} from './people/search/person-search.ts';
export { foldIdentifier, type SearchTerm, searchTerms } from './people/search/search-terms.ts';
export * from './people/shown-person.ts';
export {
  linkedPatients,
  namedSuccessors,
  survivingPatients,
} from './people/surviving-patients.ts';
export { type AgreementDoubt, agreementDoubts } from './referral/agreement-doubts.ts';
export * from './referral/clocks/clocks.ts';
export * from './referral/consent/consents.ts';
export { nextWay, type TakenWay } from './referral/directory/next-way.ts';
export {
  type DirectoryPartner,
  type ParsedDirectory,
  parseDirectory,
  type ReachedPartner,
} from './referral/directory/partner-directory.ts';
export { endpointAddress } from './referral/directory/partner-endpoints.ts';
export { endedOrder, isEndedSo, type OrderEnd, orderEnd, showsEnd } from './referral/ehr-order.ts';
export * from './referral/ended-without-help.ts';
export { mayLeave, minimumCondition } from './referral/minimum-condition.ts';
export { minimumConsent } from './referral/minimum-consent.ts';
export { orderForPartner, partTwoNotice, withPartTwoNotice } from './referral/minimum-order.ts';
export {
  alertText,
  type DutyPerson,
  type OnDutyList,
  type OnDutyProblem,
  onDutyProblems,
} from './referral/on-duty/on-duty-list.ts';
export { alertsByPlace, nextPlaces } from './referral/on-duty/rounds.ts';
export * from './referral/partner-answer/answer-buttons.ts';
export { answerContent } from './referral/partner-answer/answer-content.ts';
export * from './referral/partner-answer/page/button-fields.ts';
export * from './referral/partner-answer/page/offered-buttons.ts';
export {
  type NoHelp,
  ownProcedure,
  whyDoubted,
  whyNoHelp,
} from './referral/partner-answer/partner-procedure.ts';
export * from './referral/partner-answer/partner-standing.ts';
export * from './referral/partner-answer/phone-answer.ts';
export {
  contentProblems,
  formProblems,
  type PostedProblem,
} from './referral/partner-answer/posted-procedure.ts';
export {
  answerKey,
  keptBody,
  notesOf,
  type PartnerNote,
  readAnswer,
  saysSomething,
} from './referral/partner-answer/read-answer.ts';
export {
  type HandedReason,
  handedAmong,
  type PersonReason,
  personReasonAmong,
  personReasonAnywhere,
  personReasonOf,
  personReasons,
} from './referral/partner-answer/reason-codes.ts';
export * from './referral/partner-answer/removed-words.ts';
export {
  movedBody,
  statementElements,
  statementOf,
  type TaskStatement,
} from './referral/partner-answer/task-body.ts';
export {
  type Oddity,
  odditiesOf,
  stoppingOddities,
} from './referral/partner-answer/task-oddities.ts';
export * from './referral/partner-answer/task-outputs.ts';
export * from './referral/partner-messages/message-words.ts';
export * from './referral/partner-messages/reply-words.ts';
export * from './referral/partner-profile/capacity.ts';
export * from './referral/partner-profile/helper-fields.ts';
export * from './referral/partner-profile/partner-kind.ts';
export * from './referral/partner-profile/partner-profile.ts';
export * from './referral/partner-profile/profile-texts.ts';
export * from './referral/partner-profile/standing-for-new.ts';
export { nextAmong, turnsAmong } from './referral/partner-turns.ts';
export * from './referral/partner-view/partner-view.ts';
export { type Agreement, agreementOf, isTakenBack, orderOf } from './referral/patient-agreement.ts';
export {
  buildServiceRequest,
  buildTask,
  type ReferralParts,
} from './referral/referral-resources.ts';
export {
  type Deadline,
  deadlineText,
  durationText,
  parseDeadline,
} from './referral/site/site-times.ts';
export {
  type SiteFields,
  type SiteSettings,
  siteDefaults,
  siteFieldNames,
  siteProblems,
  siteSettingsOf,
} from './referral/site-settings.ts';
export { standingGate } from './referral/standing-gate.ts';
export { judgePut, type PutProblem } from './referral/task-put.ts';
export {
  canMoveTask,
  isFinal,
  isTaken,
  isTaskStatus,
  isUntaken,
  type Judgment,
  judgeMove,
  judgeReported,
  type MoveJudgment,
  pathOf,
  type TaskMover,
  taskMoves,
} from './referral/task-state-machine.ts';
export * from './referral/undo-decision.ts';
export * from './reports/account-ask.ts';
export { csvLine } from './reports/csv.ts';
export { addToQuality, emptyQuality, neverSeen, type Quality } from './reports/data-quality.ts';
export * from './reports/disclosures.ts';
export * from './reports/period.ts';
export { onFileSentence, questionLabel, verdictOf } from './reports/quality-verdict.ts';
export * from './reports/reading-gaps.ts';
export {
  type AnswerSoFar,
  answersSoFar,
  type OpenedAnswer,
  openedAnswers,
} from './screening/answer-history.ts';
export { encounterOf } from './screening/encounters/match-encounter.ts';
export { reached } from './screening/flaw-reach.ts';
export { answersOfResponse } from './screening/form-answers.ts';
export { answersOfObservation } from './screening/observation-answers.ts';
export { mayBeScreening } from './screening/observations.ts';
export { screeningQuestionsIn, worded } from './screening/questions-by-wording.ts';
export { screeningsOf } from './screening/screenings.ts';
export {
  type MapProblem,
  readConceptMap,
  type Translations,
  translated,
} from './terminology/concept-map.ts';
export {
  choiceProvenance,
  conditionCodesOf,
  withChosenCode,
} from './terminology/condition-codes.ts';
export { goalCodeOf } from './terminology/goal-codes.ts';
export { icd10cmOn, icd10cmRows } from './terminology/icd10cm.ts';
export { restrictionOf } from './terminology/label-restriction.ts';
export { deviceOf } from './terminology/our-device.ts';
export * from './terminology/our-identifiers.ts';
export { safeAtHome } from './terminology/safe-at-home.ts';
export { sdohccCategories } from './terminology/sdohcc-categories.ts';
export * from './terminology/service-codes.ts';
