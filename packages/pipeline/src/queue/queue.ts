import type { Log } from '@loopwell/kit';
import type { Nudge, NudgeFunction } from '../ledger-port.ts';
import type { Stage } from '../stages.ts';

/**
 * The backends of the queue, told by the scheme of one address. The queue is a nudge: it wakes
 * workers in milliseconds, fans out over processes, and may be wiped at any time. A nudge holds
 * `{ stage, batch }` and nothing else.
 */
export type QueueBackend = 'postgres' | 'redis';

/** The queues of all stages of one process. */
export type Queues = {
  backend: QueueBackend;
  nudge: NudgeFunction;
  /** Starts a BullMQ worker for a stage; `work` resolves when nothing of that batch is left. */
  work: (stage: Stage, concurrency: number, work: (nudge: Nudge) => Promise<void>) => void;
  /** Jobs by state and stage, for metrics. */
  counts: () => Promise<Record<string, Record<string, number>>>;
  /** Nudges that were not taken since the start, by the code of the cause. */
  refused: () => readonly { cause: string; count: number }[];
  /** Says why no nudge can be taken now, where that is known. */
  takesNone: () => string | undefined;
  close: () => Promise<void>;
};

/**
 * The settings of queues. `url` names the backend. `tenant` is in each queue's name, so that no
 * worker takes the nudges of another tenant. `prefix` sets apart installations in one Redis.
 */
export type QueueOptions = {
  url: string;
  tenant: string;
  stages: readonly Stage[];
  log: Log;
  prefix?: string | undefined;
};
