import { type StageWork, startRunner, watchLeftAlone } from '@loopwell/pipeline';
import { clockMoves, installation, readiness, receivers } from '@loopwell/store';
import { type Closing, createClosing } from './closing.ts';
import type { Wired } from './module.ts';
import type { HostOptions } from './options.ts';
import type { HostParts } from './parts.ts';

/** `started` ends when every stage is being worked, and fails when a service cannot start. */
export type Work = { started: Promise<void>; close: () => Promise<void> };

/** Starts services and stages of this process as soon as the database is migrated. */
export function startWork(options: HostOptions, parts: HostParts, wired: readonly Wired[]): Work {
  const stopping = new AbortController();
  const running = createClosing();
  const started = start(options, parts, wired, { running, signal: stopping.signal });
  return {
    started,
    async close(): Promise<void> {
      stopping.abort();
      // Requests that only read end at once, so that stopping does not wait for another server.
      parts.outbound.stop();
      for (const service of wired) await service.close?.();
      await started.catch(() => undefined);
      await running.close();
    },
  };
}

async function start(
  options: HostOptions,
  parts: HostParts,
  wired: readonly Wired[],
  { running, signal }: { running: Closing; signal: AbortSignal },
): Promise<void> {
  const { identifierSystem, timing, log } = options;
  const { db, queues, outbound, stages } = parts;
  await readiness.untilMigrated(db, (sentence) => log.warn(sentence), signal);
  if (signal.aborted) return;
  if (stages.length > 0) await installation.chooseIdentifierSystem(db, identifierSystem);
  await parts.site.seed();
  for (const service of wired) await service.start?.();
  const works = worksOf(parts, wired);
  if (works.length === 0) return;
  const read = () => receivers.heldReceivers(db);
  const leftAlone = await watchLeftAlone(read, outbound.receivers.leaveAlone, { log });
  running.add(leftAlone.close);
  const runner = startRunner({ queues, works, intervalMs: timing.reconcileMs, log });
  running.add(runner.close);
  if (!options.mayMoveClock) running.add(endWhenMoved(parts, runner.close, log));
}

/** How often it is looked whether the clock was moved: sooner than a move that is announced. */
const lookMs = 300;

/**
 * Ends the work of a process as soon as the clock of its database is moved, since it may be about
 * real people.
 *
 * @returns ends looking
 */
function endWhenMoved(
  { clock }: HostParts,
  end: () => Promise<void>,
  log: HostOptions['log'],
): () => Promise<void> {
  const timer = setInterval(() => {
    if (!clock.isMoved()) return;
    clearInterval(timer);
    log.error(clockMoves.movedClockSentence, undefined);
    void end();
  }, lookMs).unref();
  return async () => clearInterval(timer);
}

/** Lists the works of the services whose stages this process works. */
const worksOf = ({ stages }: HostParts, wired: readonly Wired[]): StageWork[] =>
  wired.flatMap(({ works = [] }) => works.filter(({ stage }) => stages.includes(stage)));
