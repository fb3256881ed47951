import { mapDefined, withoutUndefined } from '@loopwell/fhir';
import { AppError, newId } from '@loopwell/kit';
import {
  connections,
  type Database,
  deleteConnection,
  type Hanging,
  type Hold,
  hangingOn,
  holds,
  ledger,
  type Tx,
} from '@loopwell/store';
import { connectionJson } from './configure-connection.ts';

type Who = { id: string; tenant: string };

/** Returns the pauses of connections by the connections' ids. DECISIONS D115. */
export async function pausesOf(tx: Tx, tenant: string): Promise<Map<string, Hold>> {
  const all = await holds.loadHolds(tx, tenant);
  return new Map(
    mapDefined(all, (hold) =>
      hold.scope.startsWith('connection:')
        ? ([hold.scope.slice('connection:'.length), hold] as const)
        : undefined,
    ),
  );
}

/**
 * Returns a connection as the API shows it.
 * @throws AppError NOT_FOUND, also for another tenant's connection
 */
export async function shownConnection(tx: Tx, tenant: string, id: string): Promise<object> {
  const connectionSettings = await connections.loadConnection(tx, id);
  if (!connectionSettings || connectionSettings.tenant !== tenant)
    throw new AppError('NOT_FOUND', 'There is no such connection');
  return connectionJson(connectionSettings, (await pausesOf(tx, tenant)).get(id));
}

/**
 * Pauses reading from and writing to a connection. Both check the pause before each page and each
 * write. A second pause replaces the person and the reason.
 */
export async function pause(
  db: Database,
  who: Who,
  id: string,
  reason: string | undefined,
): Promise<object> {
  return db.tx(async (tx) => {
    await shownConnection(tx, who.tenant, id);
    await holds.addHold(tx, {
      tenant: who.tenant,
      scope: `connection:${id}`,
      principal: who.id,
      ...withoutUndefined({ reason: reason || undefined }),
    });
    await tell(tx, who, id, 'paused');
    return shownConnection(tx, who.tenant, id);
  });
}

/**
 * Ends the pause of a connection.
 * @throws AppError CONFLICT when it is not paused
 */
export async function resume(db: Database, who: Who, id: string): Promise<object> {
  return db.tx(async (tx) => {
    await shownConnection(tx, who.tenant, id);
    const wish = {
      tenant: who.tenant,
      scope: `connection:${id}`,
      principal: who.id,
      batch: newId(),
    };
    if (!(await holds.letGo(tx, wish)))
      throw new AppError('CONFLICT', 'This connection is not paused');
    await tell(tx, who, id, 'resumed');
    return shownConnection(tx, who.tenant, id);
  });
}

const tell = (tx: Tx, { tenant, id: principal }: Who, id: string, outcome: 'paused' | 'resumed') =>
  ledger.appendHistory(tx, [
    {
      tenant,
      stage: 'pull',
      subject: `connection:${id}`,
      outcome,
      trace: newId(),
      principal,
    },
  ]);

/**
 * Deletes a connection when the caller confirms. Without the confirmation the error says what
 * depends on it.
 * @throws AppError CONFLICT without the confirmation, or while referrals of its people are open
 */
export async function remove(
  db: Database,
  who: Who,
  id: string,
  isMeant: boolean,
): Promise<{ id: string; deleted: Hanging }> {
  return db.tx(async (tx) => {
    await shownConnection(tx, who.tenant, id);
    if (!isMeant) {
      const message =
        'This cannot be undone: cursors and secret go, what waits to be written there is ' +
        'not written; what was read, coded and sent stays. Ask again with ?confirm=<id> ' +
        'if you mean it';
      throw new AppError('CONFLICT', message, {
        facts: { connection: id, ...(await hangingOn(tx, id)) },
      });
    }
    return {
      id,
      deleted: await deleteConnection(
        tx,
        { tenant: who.tenant, principal: who.id, trace: newId() },
        id,
      ),
    };
  });
}
