import type { Log } from '@loopwell/kit';
import { type Outbound, originBeingRead, receiverSentences } from '@loopwell/outbound';
import { type Database, receivers } from '@loopwell/store';
import { type Closing, createClosing } from './closing.ts';
import { openDoors } from './doors.ts';
import type { HostOptions } from './options.ts';
import { openParts } from './parts.ts';
import { startWork } from './work.ts';

/** Services that run in one process. DECISIONS D32, DECISIONS D125. */
export type Host = {
  log: Log;
  db: Database;
  address: string;
  /** `METHOD path` of every route that there is. */
  routes: ReadonlySet<string>;
  /**
   * Lists the servers that work waits for, each in a sentence. After a stop, it is the list as it
   * was then.
   */
  waitsFor: () => readonly string[];
  /** Ages of the oldest request of each server, in seconds. */
  oldestRequests: () => number[];
  /** Notes whose answer was being read when the process ended over a failure. */
  noteEnd: (code: string) => Promise<void>;
  /**
   * Ends the work first, then the doors: a partner that is sent something may read it until then.
   */
  close: () => Promise<void>;
};

/**
 * Opens database, clock, queue and the way out once, mounts every service on one port and starts
 * their work. What was opened is closed again when something after it fails.
 *
 * @throws AppError CONFIG_INVALID when the database cannot be reached, has other identifiers, or
 *   the port is taken
 */
export async function openHost(options: HostOptions): Promise<Host> {
  const closing = createClosing();
  try {
    return await openAll(options, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** Opens the parts, the doors and the work, in this order. */
async function openAll(options: HostOptions, closing: Closing): Promise<Host> {
  const parts = await openParts(options, closing);
  const { db, outbound } = parts;
  const waitsFor = endAsking(outbound, options.signal);
  const { address, routes, wired } = await openDoors(options, parts, closing);
  const work = startWork(options, parts, wired);
  closing.add(work.close);
  if (options.migrates) await work.started;
  return {
    log: options.log,
    db,
    address,
    routes,
    waitsFor,
    oldestRequests: () => [...outbound.traffic.longest().values()],
    noteEnd: (code) => receivers.noteEnd(db, originBeingRead(), code),
    close: closing.close,
  };
}

/**
 * Ends the requests to other servers when the signal is aborted.
 *
 * @returns gives the servers that work waits for, as they were at the abort
 */
function endAsking(outbound: Outbound, signal: AbortSignal | undefined): () => readonly string[] {
  let waited: readonly string[] | undefined;
  const stop = () => {
    waited = receiverSentences(outbound);
    outbound.stop();
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  return () => waited ?? receiverSentences(outbound);
}
