/** What others use of the contact rule, as one group. */
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
  defaultTryBudget,
  parseTryBudget,
  type TryBudget,
  type TryOutcome,
  type TryStanding,
  tryBudgetText,
  tryOutcomes,
  tryStanding,
} from './try-budget.ts';
