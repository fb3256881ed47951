import { AppError, newId } from '@loopwell/kit';
import { deleteConnection, hangingOn, holds } from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { requirePrincipal } from '../command-line/principal.ts';
import { byOption, lookIntoHelp, lookIntoOption } from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { printLine } from '../terminal/standard-streams.ts';
import { requireScope } from './hold-scope.ts';

type DisconnectOptions = { dataDir?: string; by?: string; yes: boolean };

/**
 * `loopwell disconnect X`: deletes the connection to an EHR. Without --yes it only says what
 * depends on it.
 */
export const disconnectCommand: CommandDefinition = {
  name: 'disconnect',
  description: 'delete the connection to an EHR for good; says first what hangs on it',
  arguments: [{ name: '<connection>', description: 'id or FHIR base of the EHR' }],
  options: [
    lookIntoOption,
    { flags: '--yes', description: 'it is meant', default: false },
    byOption('deletes'),
  ],
  helpText: lookIntoHelp,
  run: disconnect,
};

async function disconnect(
  connection: string,
  options: DisconnectOptions,
  environment: Environment,
): Promise<number> {
  const principal = requirePrincipal(options);
  return withDatabase(options, environment, async (db) => {
    const holdables = await holds.holdables(db, db.tenant);
    const scope = requireScope({ kind: 'connection', name: connection }, holdables);
    const id = scope.slice('connection:'.length);
    const { liveTasks, openReferrals, lanes, unwritten, resources } = await hangingOn(db, id);
    printLine(
      `${id}: ${resources} resources were read and stay; ${lanes} cursors and the secret ` +
        `go; ${unwritten} resources are not written any more.`,
    );
    if (openReferrals + liveTasks > 0)
      printLine(
        `${openReferrals} referrals are open and ${liveTasks} Tasks are out: close or take ` +
          'them back first.',
      );
    if (!options.yes)
      throw new AppError(
        'REQUEST_INVALID',
        'Nothing was deleted. This cannot be undone: say --yes if you mean it',
      );
    await db.tx((tx) => deleteConnection(tx, { tenant: tx.tenant, principal, trace: newId() }, id));
    printLine(`Deleted: ${id}`);
    return 0;
  });
}
