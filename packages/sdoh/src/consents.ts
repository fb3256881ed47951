/** What the domain says of consents. */

export { consentChangesAfter } from './referral/consent/consent-changes.ts';
export {
  type ConsentParts,
  type ConsentProblem,
  consentProblems,
  isStructured,
} from './referral/consent/consent-checks.ts';
export {
  type ConsentPolicy,
  hipaaAuthorization,
  parseConsentPolicy,
} from './referral/consent/consent-policy.ts';
export {
  type ConsentScope,
  namesForPartTwo,
  patientElements,
} from './referral/consent/consent-scope.ts';
export {
  type ConsentStanding,
  type ConsentState,
  consentQuestion,
  consentStanding,
} from './referral/consent/consent-standing.ts';
export {
  type ConsentsOnFile,
  consentsOnFile,
  type QuarantinedConsent,
  whyNotYet,
} from './referral/consent/consents-on-file.ts';
export { doubtWords, partTwoWords, unshownWords } from './referral/consent/doubt-words.ts';
export {
  type ConsentAnswer,
  type ConsentDoubt,
  type ConsentQuestion,
  evaluateConsent,
} from './referral/consent/evaluate-consent.ts';
export { partTwoNotice, withPartTwoNotice } from './referral/consent/part-two-notice.ts';
export {
  consentOfRecord,
  type RecordedConsent,
  recordedConsentIn,
  scopeFor,
} from './referral/consent/recorded-consent.ts';
export { type SentConsent, sentConsent } from './referral/consent/sent-consent.ts';
export { minimumConsent } from './referral/minimum-consent.ts';
