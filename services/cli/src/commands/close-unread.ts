import { AppError, newId } from '@loopwell/kit';
import { closeGaps, type Database, gaps, ledger } from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { requirePrincipal } from '../command-line/principal.ts';
import { byOption, lookIntoHelp, lookIntoOption } from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { printLine } from '../terminal/standard-streams.ts';

type CloseOptions = { dataDir?: string; ehr?: string; by?: string };

/**
 * `loopwell close-unread`: closes a type, so that it counts as read. Without a type it lists the
 * open ones.
 */
export const closeUnreadCommand: CommandDefinition = {
  name: 'close-unread',
  description:
    'a type that the EHR does not give, or not as it says, counts as read; without a ' +
    'type: what is not read',
  arguments: [{ name: '[type]', description: 'resource type' }],
  options: [
    lookIntoOption,
    {
      flags: '--ehr <id>',
      description: 'id or base of the EHR, where several have it open',
    },
    byOption('closes it'),
  ],
  helpText: lookIntoHelp,
  run: closeUnread,
};

async function closeUnread(
  type: string | undefined,
  options: CloseOptions,
  environment: Environment,
): Promise<number> {
  const principal = requirePrincipal(options);
  return withDatabase(options, environment, async (db) => {
    const openTypes = await readOpenTypes(db);
    if (type === undefined) printOpenTypes(openTypes);
    else {
      const connection = requireConnection(openTypes, type, options.ehr);
      await closeType(db, { connection, type, principal });
      printLine(`Closed: ${type} of ${connection} counts as read`);
    }
    return 0;
  });
}

/** A type that an EHR does not give, or gives with a wrong total. */
type OpenType = ReturnType<typeof gaps.unreadOf>;

async function readOpenTypes(db: Database): Promise<OpenType[]> {
  const readingGaps = await db.tx((tx) => gaps.readGaps(tx, tx.tenant));
  return readingGaps.map(gaps.unreadOf).filter((unread) => unread.open);
}

function printOpenTypes(openTypes: readonly OpenType[]): void {
  for (const { connection, type, says } of openTypes) printLine(`${connection} ${type}: ${says}`);
  if (openTypes.length === 0) printLine('Everything that was asked for is read.');
}

/**
 * Returns the EHR that has the type open: the named one, or the only one.
 * @throws AppError NOT_FOUND when no EHR has the type open; REQUEST_INVALID when several have and
 *   none is named
 */
function requireConnection(openTypes: readonly OpenType[], type: string, ehr?: string): string {
  const matching = openTypes.filter(
    (open) =>
      open.type === type && (ehr === undefined || [open.connection, open.ehr].includes(ehr)),
  );
  const [connection, ...others] = new Set(matching.map((open) => open.connection));
  if (connection === undefined)
    throw new AppError(
      'NOT_FOUND',
      'Nothing of this type is open; without a type this command lists what is',
    );
  if (others.length > 0)
    throw new AppError(
      'REQUEST_INVALID',
      `Several EHRs have it open; name one with --ehr: ${[connection, ...others].join(', ')}`,
    );
  return connection;
}

async function closeType(
  db: Database,
  { connection, type, principal }: { connection: string; type: string; principal: string },
): Promise<void> {
  await db.tx(async (tx) => {
    const cursors = await closeGaps(tx, {
      tenant: tx.tenant,
      connection,
      type,
      by: principal,
    });
    await ledger.appendHistory(tx, [
      {
        tenant: tx.tenant,
        stage: 'pull',
        subject: `connection:${connection}`,
        trace: newId(),
        principal,
        outcome: 'unread-closed',
        facts: { type, cursors },
      },
    ]);
  });
}
