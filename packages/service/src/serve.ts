import { AppError, errorRecord, type Log, sleep } from '@loopwell/kit';

/** A service that runs: where it listens, and how it ends. */
type Opened = {
  log: Log;
  address: string;
  close: () => Promise<void>;
  /**
   * Notes over what the process ends; asked where it happened, so that it can tell whose answer was
   * being read.
   */
  noteEnd?: (code: string) => Promise<void>;
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What is still in hand after this long goes on elsewhere when its lease has ended: nothing is lost
 * by stopping.
 */
const patienceMs = 10_000;

/**
 * Runs one service as the whole process. It ends with 0 after SIGINT, SIGTERM or SIGHUP, with 1 and
 * one sentence when it cannot start. A signal that comes while it opens ends the process at once:
 * nothing has been taken in hand yet.
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
 * Nobody knows what state a process is in after a failure that was handled nowhere: it says so in
 * one line, notes over whose answer it was, and ends with 1.
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

/** Static message and facts, as everywhere; the message of an unknown error is not shown. */
function sentenceOf(error: unknown): string {
  const { message, facts } = errorRecord(error);
  const shownFacts = Object.entries(facts).filter(([, value]) => value !== undefined);
  const detail = shownFacts.map(([name, value]) => `${name}: ${String(value)}`).join(', ');
  return `${error instanceof AppError ? message : 'It could not start'}${detail ? ` (${detail})` : ''}`;
}
