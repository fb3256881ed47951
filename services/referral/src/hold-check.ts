import type { Clock } from '@loopwell/kit';
import { holds, type Tx } from '@loopwell/store';

/**
 * How long loaded holds are kept, in milliseconds. A hold stops the rest of a large batch within a
 * second or two.
 */
const keptMs = 500;

/**
 * Makes the check, right before each send, whether sends to a partner were held since the decision.
 */
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
      // A failed check gives no permission: the caller fails, and the next one loads the holds
      // again.
      if (kept === current) kept = undefined;
      throw error;
    }
  };
}
