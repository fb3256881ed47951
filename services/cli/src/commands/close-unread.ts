import { AppError, newId } from '@loopwell/kit';
import { gaps, ledger } from '@loopwell/store';
import { tenant } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { withDatabase } from './data-directory.ts';
import { principalOf } from './hold.ts';

type CloseOptions = { dataDir?: string; ehr?: string; by?: string };

const print = (text: string) => process.stdout.write(`${text}\n`);

/** `loopwell close-unread`: a person says that a type counts as read as it is; without a type it lists what is open. */
export async function closeUnreadCommand(
  type: string | undefined,
  options: CloseOptions,
  environment: Environment,
): Promise<number> {
  const principal = principalOf(options);
  return withDatabase(options, environment, async (db) => {
    const open = (await db.tx((tx) => gaps.readGaps(tx, tenant)))
      .map(gaps.unreadOf)
      .filter((one) => one.open);
    const meant = open.filter(
      (one) =>
        one.type === type &&
        (options.ehr === undefined || [one.connection, one.ehr].includes(options.ehr)),
    );
    if (type === undefined) {
      for (const one of open) print(`${one.connection} ${one.type}: ${one.says}`);
      if (open.length === 0) print('Everything that was asked for is read.');
      return 0;
    }
    const connections = [...new Set(meant.map((one) => one.connection))];
    if (connections.length === 0)
      throw new AppError(
        'NOT_FOUND',
        'Nothing of this type is open; without a type this command lists what is',
      );
    if (connections.length > 1)
      throw new AppError(
        'REQUEST_INVALID',
        `Several EHRs have it open; say which with --ehr: ${connections.join(', ')}`,
      );
    const [connection = ''] = connections;
    await db.tx(async (tx) => {
      const cursors = await gaps.closeGaps(tx, { tenant, connection, type, by: principal });
      const line = {
        tenant,
        stage: 'pull',
        subject: `connection:${connection}`,
        trace: newId(),
        principal,
      };
      await ledger.appendHistory(tx, [
        { ...line, outcome: 'unread-closed', facts: { type, cursors } },
      ]);
    });
    print(`Closed: ${type} of ${connection} counts as read`);
    return 0;
  });
}
