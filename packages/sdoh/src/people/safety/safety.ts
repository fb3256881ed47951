/** The rules about the safety of people, as one group. */
export {
  type Danger,
  type DangerKind,
  dangerKinds,
  findKindProblems,
  gravestDanger,
  indexDangers,
  isSafetyCategory,
  readAloneLabels,
  readDangerKind,
} from './danger-kinds.ts';
export {
  endOfMustBy,
  findMustByProblem,
  isDay,
  latestPostponement,
  limitDeadline,
} from './must-by.ts';
export { type Appointment, nextAppointment } from './next-appointment.ts';
export {
  type ContactOverride,
  findRecordProblem,
  isSafetyAction,
  type RecordProblem,
  type SafetyAction,
  type SafetyAnswer,
  type SafetyRecord,
  type SafetyStanding,
  safetyActions,
  safetyStanding,
  whatRecordEnds,
} from './safety-standing.ts';
