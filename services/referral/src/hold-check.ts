import type { Clock } from '@loopwell/kit';
import { holds, type Tx } from '@loopwell/store';

/**
 * Read again after this long: a hold stops within a second or two what is on its way out of a large
 * batch.
 */
const keptMs = 500;

/** Says right before each send whether somebody has put a hold on it since it was decided. */
export function createHoldWatch(
  db: Tx,
  tenant: string,
  clock: Clock,
): (partner: string) => Promise<boolean> {
  let kept: { at: number; scopes: Promise<Set<string>> } | undefined;
  const read = async () => new Set((await holds.loadHolds(db, tenant)).map((one) => one.scope));
  return async (partner) => {
    const now = clock.now().getTime();
    if (!kept || Math.abs(now - kept.at) > keptMs) kept = { at: now, scopes: read() };
    const current = kept;
    try {
      const scopes = await current.scopes;
      return scopes.has('all') || scopes.has(`partner:${partner}`);
    } catch (error) {
      // Not knowing is no leave: whoever asked fails, and the next one asks anew.
      if (kept === current) kept = undefined;
      throw error;
    }
  };
}
