import { AppError, errorRecord, type Log, sleep } from '@loopwell/kit';

/** A running service: its log, its address, and how it ends. */
type Opened = {
  log: Log;
  address: string;
  close: () => Promise<void>;
  /**
   * Notes the error with which the process ends. It is called where the error happened, so that it
   * can tell whose answer was being read.
   */
  noteEnd?: (code: string) => Promise<void>;
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * How long the process waits for work in hand. Work that takes longer goes on elsewhere when its
 * lease has ended, so that stopping loses nothing.
 */
const patienceMs = 10_000;

/**
 * Runs one service as the whole process. The process ends with 0 after SIGINT, SIGTERM or SIGHUP,
 * and with 1 and one sentence when it cannot start. A signal that comes while it opens ends the
 * process at once, since no work has been taken in hand yet.
 */
export async function serve(open: () => Promise<Opened>): Promise<void> {
  const leave = () => process.exit(0);
  for (const name of signals) process.on(name, leave);
  const opened = await open().catch((error: unknown) => {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exit(1);
  });
  for (const name of signals) {
    process.off(name, leave);
    process.on(name, () => void stop(opened));
  }
  endOnUncaught({
    noteEnd: opened.noteEnd,
    say: (error) => opened.log.error('A failure was handled nowhere', error),
  });
  opened.log.info('Listening', { address: opened.address });
}

/** How long noting the end may take. */
const noteMs = 3_000;

/**
 * Ends the process with 1 after a failure that was handled nowhere, since its state is unknown
 * then. It says so in one line and notes over whose answer it was.
 *
 * @returns takes the handlers away again
 */
export function endOnUncaught({
  noteEnd,
  say,
}: {
  noteEnd: Opened['noteEnd'];
  say: (error: unknown) => void;
}): () => void {
  let isEnding = false;
  const end = (error: unknown) => {
    if (isEnding) return;
    isEnding = true;
    say(error);
    const { code, facts } = errorRecord(error);
    const noted = Promise.resolve(
      noteEnd?.(typeof facts.code === 'string' ? facts.code : code),
    ).catch(() => {});
    void Promise.race([noted, sleep(noteMs)]).finally(() => process.exit(1));
  };
  const names = ['uncaughtException', 'unhandledRejection'] as const;
  for (const name of names) process.on(name, end);
  return () => {
    for (const name of names) process.off(name, end);
  };
}

let stopping = false;

/** Closes the service and ends the process. A second signal ends it at once. */
async function stop({ log, close }: Opened): Promise<void> {
  if (stopping) process.exit(130);
  stopping = true;
  setTimeout(() => {
    log.warn('Not everything ended in time; what is left goes on when its lease has ended');
    process.exit(0);
  }, patienceMs).unref();
  try {
    await close();
  } catch (error) {
    log.error('Something did not close', error);
    process.exit(1);
  }
  log.info('Stopped');
  process.exit(0);
}

/**
 * Writes an error as its static message and facts. The message of an unknown error is not shown.
 */
function sentenceOf(error: unknown): string {
  const { message, facts } = errorRecord(error);
  const shownFacts = Object.entries(facts).filter(([, value]) => value !== undefined);
  const detail = shownFacts.map(([name, value]) => `${name}: ${String(value)}`).join(', ');
  return `${error instanceof AppError ? message : 'It could not start'}${detail ? ` (${detail})` : ''}`;
}
