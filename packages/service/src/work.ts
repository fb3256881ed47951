import { type StageWork, startRunner, watchLeftAlone } from '@loopwell/pipeline';
import { installation, readiness, receivers } from '@loopwell/store';
import { createClosing } from './closing.ts';
import type { Wired } from './module.ts';
import type { HostOptions } from './options.ts';
import type { HostParts } from './parts.ts';

/** `started` ends when every stage is being worked, and fails when a service cannot start. */
export type Work = { started: Promise<void>; close: () => Promise<void> };

/** Starts services and stages of this process as soon as the database is migrated. */
export function startWork(
  { identifierSystem, timing, log }: HostOptions,
  { db, queues, outbound, stages }: HostParts,
  wired: readonly Wired[],
): Work {
  const works = wired
    .flatMap((service): readonly StageWork[] => service.works ?? [])
    .filter((work) => stages.includes(work.stage));
  const stopping = new AbortController();
  const running = createClosing();
  const start = async (): Promise<void> => {
    await readiness.untilMigrated(db, (sentence) => log.warn(sentence), stopping.signal);
    if (stopping.signal.aborted) return;
    if (stages.length > 0) await installation.chooseIdentifierSystem(db, identifierSystem);
    for (const service of wired) await service.start?.();
    if (works.length === 0) return;
    const read = () => receivers.heldReceivers(db);
    const leftAlone = await watchLeftAlone(read, outbound.receivers.leaveAlone, { log });
    running.add(leftAlone.close);
    const runner = startRunner({ queues, works, intervalMs: timing.reconcileMs, log });
    running.add(runner.close);
  };
  const started = start();
  return {
    started,
    async close(): Promise<void> {
      stopping.abort();
      // What only reads ends at once, so that nobody who stops waits for somebody else's server.
      outbound.stop();
      for (const service of wired) await service.close?.();
      await started.catch(() => undefined);
      await running.close();
    },
  };
}
