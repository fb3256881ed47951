import { readFileSync } from 'node:fs';
import { AppError, errorRecord } from '@loopwell/kit';
import { refuseFormerNames } from '@loopwell/service';
import { CommanderError } from 'commander';
import { buildProgram, variablesOf } from './command-line/build-program.ts';
import type { Environment } from './command-line/environment.ts';
import { accessCommands } from './commands/access.ts';
import { disclosuresCommand } from './commands/accounts/disclosures.ts';
import { equityFactsCommand } from './commands/accounts/equity-facts.ts';
import { eraseCommands } from './commands/accounts/erase.ts';
import { retentionCommand } from './commands/accounts/retention.ts';
import { signInCommands } from './commands/accounts/sign-ins.ts';
import { viewsCommand } from './commands/accounts/views.ts';
import { clockCommands } from './commands/clock.ts';
import { closeUnreadCommand } from './commands/close-unread.ts';
import { codeCommand } from './commands/code.ts';
import { codesCommands } from './commands/codes.ts';
import { disconnectCommand } from './commands/disconnect.ts';
import { holdCommands } from './commands/hold.ts';
import { loadCommand } from './commands/load.ts';
import { qualityCommand } from './commands/quality.ts';
import { recodeCommand } from './commands/recode.ts';
import { runCommand } from './commands/run.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { traceCommand } from './commands/trace.ts';
import { exitStatus } from './run/result.ts';

/** Lists all commands, in the order of the help. */
const commands = [
  startCommand,
  runCommand,
  loadCommand,
  codeCommand,
  qualityCommand,
  recodeCommand,
  codesCommands,
  statusCommand,
  traceCommand,
  disclosuresCommand,
  viewsCommand,
  ...eraseCommands,
  retentionCommand,
  equityFactsCommand,
  clockCommands,
  closeUnreadCommand,
  ...holdCommands,
  disconnectCommand,
  ...accessCommands,
  ...signInCommands,
];

/** Lists the environment variables that options read. */
export const optionVariables = variablesOf(commands);

/**
 * Parses the command line and runs the command that it names.
 *
 * @returns the exit status: 0 fine, 1 could not run, 2 wrong usage, 3 something waits or was
 *   refused
 */
export async function main(argv: readonly string[], environment: Environment): Promise<number> {
  let status: number = exitStatus.ok;
  const program = buildProgram(readVersion(), commands, async (command, call) => {
    refuseFormerNames(environment);
    status = await command.run(...call, environment);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    return reportError(error);
  }
}

function readVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * Prints the error in one sentence.
 * @returns the exit status: 2 for wrong usage, whichever part of the program noticed it
 */
function reportError(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  process.stderr.write(`${errorSentence(error)}\n`);
  const isWrongUsage = error instanceof AppError && error.code === 'REQUEST_INVALID';
  return isWrongUsage ? exitStatus.usage : exitStatus.couldNotRun;
}

const privateNetworkHint =
  '; --allow-private-networks opens the addresses that you name, on private networks and ' +
  'over plain http';

function errorSentence(error: unknown): string {
  const message = error instanceof AppError ? error.message : 'Something went wrong';
  const { facts } = errorRecord(error);
  const details = Object.entries(facts)
    .filter(([, fact]) => fact !== undefined)
    .map(([name, fact]) => `${name}: ${fact}`);
  const detail = details.length > 0 ? ` (${details.join(', ')})` : '';
  const isPrivate = facts.reason === 'private-network' || facts.reason === 'plain-http';
  return `${message}${detail}${isPrivate ? privateNetworkHint : ''}`;
}
