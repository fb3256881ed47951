import { type Log, sleep } from '@loopwell/kit';

/**
 * Keeps a process up to date about the servers that no process may ask until an operator releases
 * them.
 *
 * @param read their origins, as they are stored
 * @returns when they are known for the first time; a database that is away is asked again
 */
export async function watchLeftAlone(
  read: () => Promise<ReadonlySet<string>>,
  apply: (origins: ReadonlySet<string>) => void,
  { log, intervalMs = 5_000 }: { log: Log; intervalMs?: number },
): Promise<{ close: () => Promise<void> }> {
  const stopping = new AbortController();
  const look = () =>
    read().then(apply, (error) =>
      log.error('Servers that are left alone could not be read', error),
    );
  await look();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await sleep(intervalMs, stopping.signal);
      if (!stopping.signal.aborted) await look();
    }
  })();
  return {
    async close() {
      stopping.abort();
      await running;
    },
  };
}
