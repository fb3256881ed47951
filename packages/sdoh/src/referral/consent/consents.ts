/** What the domain says of consents. */

export {
  type ConsentParts,
  type ConsentProblem,
  consentProblems,
  eachNeed,
  isStructured,
} from './consent-checks.ts';
export {
  type ConsentPolicy,
  hipaaAuthorization,
  parseConsentPolicy,
} from './consent-policy.ts';
export {
  type ConsentScope,
  namesForPartTwo,
  patientElements,
} from './consent-scope.ts';
export {
  type ConsentStanding,
  type ConsentState,
  consentQuestion,
  consentStanding,
} from './consent-standing.ts';
export {
  type ConsentsOnFile,
  consentsOnFile,
  type QuarantinedConsent,
  whyNotYet,
} from './consents-on-file.ts';
export { doubtWords, partTwoWords, unshownWords } from './doubt-words.ts';
export {
  type ConsentAnswer,
  type ConsentDoubt,
  type ConsentQuestion,
  evaluateConsent,
} from './evaluate-consent.ts';
export {
  consentOfRecord,
  excludedIn,
  type RecordedConsent,
  recordedConsentIn,
  scopeFor,
} from './recorded-consent.ts';
export { consentChangesAfter, type SentConsent, sentConsent } from './sent-consent.ts';
