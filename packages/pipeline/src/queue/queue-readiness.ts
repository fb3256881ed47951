import type { Queues } from './queue.ts';

/**
 * Checks for `/ready` whether the queue is away, and says so in a sentence. Work goes on without
 * the queue; the sentence informs the operator.
 */
export async function queueAway(queues: Queues): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), 2_000);
  });
  const queue = `The queue (${queues.backend})`;
  try {
    await Promise.race([queues.counts(), late]);
    const reason = queues.takesNone();
    return reason && `${queue} takes no nudge: ${reason}; the reconciler goes on without it`;
  } catch {
    return `${queue} does not answer; the reconciler goes on without it`;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Counts for Prometheus the nudges that were not taken. Each costs seconds, since the reconciler
 * finds the work.
 */
export function nudgeMeasures(
  queues: Queues,
): { name: string; help: string; labels: Record<string, string>; amount: number }[] {
  const help = 'Nudges that the queue did not take since the start, by the code of the cause';
  const refused = queues.refused();
  const shown = refused.length > 0 ? refused : [{ cause: 'none', count: 0 }];
  return shown.map(({ cause, count }) => ({
    name: 'loopwell_nudges_refused',
    help,
    labels: { backend: queues.backend, cause },
    amount: count,
  }));
}
