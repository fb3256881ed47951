/** What others use of the contact rule, as one group. */

export {
  defaultTryBudget,
  parseTryBudget,
  type TryBudget,
  tryBudgetText,
} from '../../terminology/try-budget-text.ts';
export {
  type DecidedNo,
  type DecidedNoFields,
  endsReferral,
  noOfDecision,
  personsNoReason,
  saysPersonsNo,
} from './decided-no.ts';
export {
  type ContactAnswer,
  type ContactAsk,
  type ContactFacts,
  type ContactRule,
  countedReach,
  mayContact,
  type SeenInPerson,
} from './may-contact.ts';
export {
  brokenNoRule,
  doesNoStand,
  findNo,
  findNoToHelp,
  isNoAbout,
  isNoKind,
  isPlaceRefused,
  type NewNo,
  type NoKind,
  type NoProblem,
  type NoSayer,
  nextNoEnd,
  noKinds,
  noSayers,
  type PersonNo,
} from './person-no.ts';
export {
  type ContactChannel,
  type ContactTry,
  type TryOutcome,
  type TryStanding,
  tryOutcomes,
  tryStanding,
} from './try-budget.ts';
