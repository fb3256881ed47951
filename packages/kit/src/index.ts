export {
  type Clock,
  clockIn,
  dayIn,
  instantIn,
  parseDurationMs,
  sleep,
  systemClock,
  timeOfDayIn,
  timeZoneOf,
  timeZoneProblem,
  todayAt,
  withOffsetOf,
} from './clock.ts';
export { readConfig } from './config.ts';
export {
  AppError,
  type AppErrorOptions,
  type ErrorCode,
  errorCodes,
  errorRecord,
  type Facts,
  isDatabaseAway,
} from './errors.ts';
export { deriveId, fingerprint, newId, newSecret } from './ids.ts';
export { createLog, type Log, type LogLevel, silentLog } from './log.ts';
