import { AppError, errorRecord, type Log } from '@loopwell/kit';
import type { Job, Queue, Worker } from 'bullmq';
import type { Nudge, NudgeFunction } from '../ledger-port.ts';
import type { Stage } from '../stages.ts';
import type { QueueBackend, QueueOptions, Queues } from './queue.ts';

const jobOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: { count: 1_000 },
} as const;

/**
 * How long a nudge may take, how long a slower queue is left alone, and how long closing may take,
 * in milliseconds. Closing has less time than the process has for all of its ending, since a queue
 * whose server was away a moment ago may not close at all.
 */
const [nudgeMs, silenceMs, closeMs] = [3_000, 10_000, 4_000];

type Reporting = { on: (event: 'error', listener: (error: Error) => void) => unknown };
type QueueLike = Pick<Queue<Nudge>, 'add' | 'close' | 'getJobCounts'> & Reporting;
type WorkerLike = Pick<Worker<Nudge>, 'close'> & Reporting;

/** The functions in which the backends differ. */
type Makers = {
  queue: (name: string) => QueueLike;
  worker: (
    name: string,
    concurrency: number,
    run: (job: Job<Nudge>) => Promise<void>,
  ) => WorkerLike;
};

/** Makes the queues of all stages as the pipeline uses them, on either backend. */
export function wireQueues(backend: QueueBackend, options: QueueOptions, make: Makers): Queues {
  const report = (error: Error) =>
    options.log.warn('The queue reports a failure', { name: error.name, backend });
  const queues = new Map<Stage, QueueLike>();
  for (const stage of options.stages) {
    const queue = make.queue(queueName(options.tenant, stage));
    queue.on('error', report);
    queues.set(stage, queue);
  }
  const workers: WorkerLike[] = [];
  const { nudge, refused, lastCause } = nudging(queues, options.log);
  return {
    backend,
    nudge,
    refused: () => [...refused].map(([cause, count]) => ({ cause, count })),
    takesNone() {
      const cause = lastCause();
      return cause === undefined ? undefined : `the last one was refused (${cause})`;
    },
    work(stage, concurrency, work) {
      const name = queueName(options.tenant, stage);
      const worker = make.worker(name, concurrency, (job) => work(job.data).catch(forgetWords));
      worker.on('error', report);
      workers.push(worker);
    },
    counts: () => countJobs(queues),
    close: () => closeAll(backend, workers, [...queues.values()], options.log),
  };
}

/** Names the queue of a stage of a tenant. No stage has a dot, so that no two share a name. */
const queueName = (tenant: string, stage: Stage): string => `${tenant}.${stage}`;

/** Counts the jobs by stage and state. */
async function countJobs(queues: ReadonlyMap<Stage, QueueLike>) {
  const counted = [...queues].map(
    async ([stage, queue]) => [stage, await queue.getJobCounts()] as const,
  );
  return Object.fromEntries(await Promise.all(counted));
}

/**
 * Makes the function that adds nudges, and counts those that were refused, by the code of the
 * cause.
 */
function nudging(queues: ReadonlyMap<Stage, QueueLike>, log: Log) {
  const refused = new Map<string, number>();
  let silentUntil = 0;
  let lastCause: string | undefined;
  const add = async (stage: Stage, nudges: readonly Nudge[]): Promise<void> => {
    // One by one: for PostgreSQL a bulk makes and drops temporary tables, which costs more than ten
    // single jobs. There is rarely more than one.
    const jobs = nudges.map(({ batch }) =>
      queues.get(stage)?.add(stage, { stage, batch }, jobOptions),
    );
    const added = Promise.all(jobs);
    try {
      await Promise.race([added, expire(nudgeMs)]);
      lastCause = undefined;
    } catch (error) {
      lastCause = causeOf(error);
      refused.set(lastCause, (refused.get(lastCause) ?? 0) + nudges.length);
      silentUntil = performance.now() + silenceMs;
      log.error('A nudge was not taken', error, { stage });
    }
    added.catch(() => {});
  };
  /**
   * Adds nudges. A nudge that gets lost costs seconds, not work: the reconciler finds the rows. So
   * failures are noted, not thrown. A queue that does not answer is left alone for a while, so that
   * it does not hold up each batch and pile up nudges.
   */
  const nudge: NudgeFunction = async (nudges) => {
    for (const [stage, ofStage] of Map.groupBy(nudges, (each) => each.stage)) {
      if (performance.now() < silentUntil) return;
      await add(stage, ofStage);
    }
  };
  return { nudge, refused, lastCause: () => lastCause };
}

/** Closes the workers and then the queues, within a time limit. */
async function closeAll(
  backend: QueueBackend,
  workers: readonly WorkerLike[],
  queues: readonly QueueLike[],
  log: Log,
): Promise<void> {
  // Close the workers before the queues: a running batch may still nudge its next stage.
  const closing = async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all(queues.map((queue) => queue.close()));
  };
  const closed = closing();
  // A backend that is away must not keep us from ending: its jobs are nudges, and the ledger has
  // the work.
  await Promise.race([closed, expire(closeMs)]).catch((error) =>
    log.error('The queue could not be closed', error, { backend }),
  );
  closed.catch(() => {});
}

/** Makes the error for a backend that cannot be reached or does not let us in. */
export function unreachable(what: 'PostgreSQL' | 'Redis', cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return new AppError(
    'CONFIG_INVALID',
    `${what} at QUEUE_URL cannot be reached or does not let us in`,
    { cause, facts: { code } },
  );
}

/**
 * Returns the code of an error: of PostgreSQL (`42501`), of a socket (`ECONNREFUSED`), or one of
 * ours. It never returns words, which may quote something.
 */
function causeOf(error: unknown): string {
  const { code, facts } = errorRecord(error);
  return typeof facts.code === 'string' && /^[A-Z0-9_]{2,40}$/.test(facts.code) ? facts.code : code;
}

/**
 * Throws an error that holds only the code of another. BullMQ keeps the message of a failed job,
 * and a message of a database may quote what it was given. The log has the original error.
 */
function forgetWords(error: unknown): never {
  throw new AppError(
    'REMOTE_UNAVAILABLE',
    `The work could not be done now (${errorRecord(error).code})`,
  );
}

/** Rejects after some milliseconds. */
function expire(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(
      () => reject(new AppError('REMOTE_UNAVAILABLE', 'The queue did not answer in time')),
      ms,
    ).unref();
  });
}
