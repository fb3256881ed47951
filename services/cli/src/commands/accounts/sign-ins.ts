import { type SignIn, signIns } from '@loopwell/store';
import type { CommandDefinition } from '../../command-line/definition.ts';
import type { Environment } from '../../command-line/environment.ts';
import { requirePrincipal, requirePrincipalName } from '../../command-line/principal.ts';
import {
  byOption,
  jsonOption,
  lookIntoHelp,
  lookIntoOption,
} from '../../command-line/shared-options.ts';
import { withDatabase } from '../../run/data-directory.ts';
import { printLine } from '../../terminal/standard-streams.ts';

type SignInsOptions = { dataDir?: string; name?: string; json: boolean };

const nameOption = { flags: '--name <name>', description: 'of this person only' };

/** The commands that list sign-ins and end those of one person. */
export const signInCommands: readonly CommandDefinition[] = [
  {
    name: 'sign-ins',
    description: 'who is signed in, with which roles, and which links were made; the latest 500',
    options: [lookIntoOption, nameOption, { ...jsonOption, description: 'one JSON object a line' }],
    helpText: lookIntoHelp,
    run: showSignIns,
  },
  {
    name: 'sign-out',
    description: 'end all sessions of a person, and the links that were made for them',
    options: [
      lookIntoOption,
      { flags: '--name <name>', description: 'whose sessions end', isRequired: true },
      byOption('ends them'),
    ],
    helpText: lookIntoHelp,
    run: signOut,
  },
];

const principalOf = (name: string): string => `person:${requirePrincipalName('--name', name)}`;

async function showSignIns(options: SignInsOptions, environment: Environment): Promise<number> {
  const principal = options.name === undefined ? undefined : principalOf(options.name);
  return withDatabase(options, environment, async (db) => {
    const listed = await signIns.listSignIns(db, { principal, limit: 500 });
    for (const signIn of listed) printLine(options.json ? JSON.stringify(signIn) : lineOf(signIn));
    if (listed.length === 0) process.stderr.write('Nobody has signed in.\n');
    return 0;
  });
}

function lineOf(signIn: SignIn): string {
  const { at, principal, roles, kind } = signIn;
  const what = kind === 'session' ? 'signed in' : 'link made';
  return `${at.toISOString()}  ${principal}  ${what}  ${roles.join(' ')}  ${stateOf(signIn)}`;
}

function stateOf({ kind, isOpen, usedAt, endedAt, endedBy, expiresAt }: SignIn): string {
  const until = expiresAt?.toISOString() ?? 'ended';
  if (isOpen) return kind === 'session' ? `open, locks ${until}` : `not used, good until ${until}`;
  if (endedAt !== null) return `ended ${endedAt.toISOString()} by ${endedBy ?? 'nobody'}`;
  return usedAt === null ? `locked ${until}` : `used ${usedAt.toISOString()}`;
}

async function signOut(
  options: { dataDir?: string; name: string; by?: string },
  environment: Environment,
): Promise<number> {
  const ends = { principal: principalOf(options.name), by: requirePrincipal(options) };
  return withDatabase(options, environment, async (db) => {
    const count = await db.tx((tx) => signIns.endSignIns(tx, ends));
    printLine(`Ended: ${count}`);
    return 0;
  });
}
