import { type DestinationStream, pino } from 'pino';
import { errorRecord, type Facts } from './errors.ts';

/**
 * Structured log that carries references only. Facts are ids, codes and numbers; there is no way to
 * log a resource or the message of an unknown error.
 */
export type Log = Record<'debug' | 'info' | 'warn', (message: string, facts?: Facts) => void> & {
  error: (message: string, thrown: unknown, facts?: Facts) => void;
  child: (facts: Facts) => Log;
};

/** The lowest level of lines that are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const secretFacts = ['authorization', 'token', 'secret', 'password', 'key'];

/**
 * Makes the log of a service.
 *
 * @param options.destination defaults to stderr, since stdout belongs to results
 */
export function createLog(options: {
  level?: LogLevel;
  service: string;
  destination?: DestinationStream;
}): Log {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service },
    redact: { paths: secretFacts, censor: '[secret]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const base = pino(settings, options.destination ?? pino.destination({ dest: 2, sync: true }));
  const wrap = (logger: typeof base): Log => ({
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, thrown, facts) =>
      logger.error({ ...facts, error: errorRecord(thrown) }, message),
    child: (facts) => wrap(logger.child(facts) as typeof base),
  });
  return wrap(base);
}

/** A log that writes nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};
