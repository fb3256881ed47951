import { AppError, errorRecord } from '@loopwell/kit';
import { Command, CommanderError } from 'commander';
import { addAccessCommands } from './commands/access.ts';
import { loadCommand, runCommand } from './commands/run.ts';
import { duration, port, type RunOptions, withRunOptions } from './run/options.ts';
import type { Environment } from './run/session.ts';
import { exitStatus } from './run/result.ts';
import { startCommand, type StartOptions } from './commands/start.ts';
import { holdCommand, releaseCommand, statusCommand, traceCommand } from './commands/look.ts';

/** The command line. Returns the exit status: 0 fine, 1 could not run, 2 wrong usage, 3 something waits or was refused. */
export async function main(argv: readonly string[], environment: Environment): Promise<number> {
  let status = 0;
  const program = new Command('loopwell').description('Finds social needs in health records and gets people helped').exitOverride().configureOutput({ writeOut: (text) => process.stderr.write(text) });
  const action = <A extends unknown[]>(work: (...args: A) => Promise<number>) => async (...args: A) => {
    status = await work(...args);
  };
  withRunOptions(program.command('run').description('run the journey against your servers'))
    .requiredOption('--ehr <base>', 'FHIR base of the EHR')
    .action(action((options: RunOptions) => runCommand(options, environment)));
  withRunOptions(program.command('load').description('serve files from the sandbox EHR, then run on them').argument('<files...>'))
    .action(action((files: string[], options: RunOptions) => loadCommand(files, options, environment)));
  program
    .command('start')
    .description('the whole journey on made-up people, on embedded storage')
    .option('--once', 'end when the sandbox has played to the end', false)
    .option('--fresh', 'start over', false)
    .option('--json', 'print the accounts as JSON', false)
    .option('--people <n>', 'how many people to make up', Number, 200)
    .option('--port <port>', 'port to listen on', port)
    .option('--timeout <duration>', 'under --once: end in any case', duration, 600_000)
    .option('--data-dir <folder>', 'where everything is kept')
    .action(action((options: StartOptions) => startCommand(options, environment)));
  const looks = (name: string, description: string) => program.command(name).description(description).option('--data-dir <folder>', 'data directory to look into');
  looks('status', 'what is where, what waits for whom and since when').option('--json', 'as JSON', false).action(action((options) => statusCommand(options, environment)));
  looks('trace', 'one timeline of an Encounter, Condition or Task').argument('<id>').option('--json', 'as JSON', false).action(action((id: string, options) => traceCommand(id, options, environment)));
  const hold = looks('hold', 'stops everything outgoing').argument('<what>', 'sends').argument('[scope...]', 'all | partner X | ehr X').option('--reason <text>', 'why');
  hold.action(action((what: string, scope: string[], options) => holdCommand(what, scope, options, environment)));
  const release = looks('release', 'lets go again; shows first what would go').argument('[scope...]', 'all | partner X | ehr X').option('--show', 'only show what would go', false);
  release.action(action((scope: string[], options) => releaseCommand(scope, options, environment)));
  addAccessCommands(program, action, environment);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitStatus.usage;
  const record = errorRecord(error);
  const facts = Object.entries(record.facts).filter(([, value]) => value !== undefined);
  const detail = facts.length > 0 ? ` (${facts.map(([name, value]) => `${name}: ${value}`).join(', ')})` : '';
  process.stderr.write(`${error instanceof AppError ? error.message : 'Something went wrong'}${detail}\n`);
  return exitStatus.couldNotRun;
}
