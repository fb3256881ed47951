import { AppError, newId } from '@loopwell/kit';
import { closeGaps, type Database, ledger } from '@loopwell/store';
import type { Operator } from '../work/work.ts';

/**
 * Closes a type of an EHR that could not be read, so that it counts as read: the EHR does not have
 * it, or its total is wrong.
 * @throws AppError NOT_FOUND where nothing is open
 */
export async function closeUnread(db: Database, who: Operator, body: unknown): Promise<void> {
  const { connection, type } = body as { connection?: unknown; type?: unknown };
  if (typeof connection !== 'string' || typeof type !== 'string')
    throw new AppError('REQUEST_INVALID', 'Say which connection and type');
  const { tenant } = who;
  await db.tx(async (tx) => {
    const cursors = await closeGaps(tx, { tenant, connection, type, by: who.id });
    if (cursors === 0) throw new AppError('NOT_FOUND', 'Nothing of this type is open');
    const line = {
      tenant,
      stage: 'pull',
      subject: `connection:${connection}`,
      trace: newId(),
      principal: who.id,
    };
    await ledger.appendHistory(tx, [
      { ...line, outcome: 'unread-closed', facts: { type, cursors } },
    ]);
  });
}
