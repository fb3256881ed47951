import { readFileSync } from 'node:fs';
import { systems } from '@loopwell/fhir';
import { AppError, errorRecord } from '@loopwell/kit';
import { refuseFormerNames } from '@loopwell/service';
import { Command, CommanderError, Option } from 'commander';
import { addAccessCommands } from './commands/access.ts';
import { closeUnreadCommand } from './commands/close-unread.ts';
import { type CodeOptions, codeCommand } from './commands/code.ts';
import { codesDiffCommand, codesExportCommand, codesListCommand } from './commands/codes.ts';
import { disconnectCommand } from './commands/disconnect.ts';
import { holdCommand, pauseCommand, releaseCommand, resumeCommand } from './commands/hold.ts';
import { loadCommand } from './commands/load.ts';
import { qualityCommand } from './commands/quality.ts';
import { recodeCommand } from './commands/recode.ts';
import { runCommand } from './commands/run.ts';
import { type StartOptions, startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { traceCommand } from './commands/trace.ts';
import { duration, port, timeZone, webAddress, wholeNumber } from './command-line/option-parsers.ts';
import {
  defaultHost,
  identifierSystemOption,
  type RunOptions,
  timeZoneOption,
  withRunOptions,
} from './run/options.ts';
import { exitStatus } from './run/result.ts';
import type { Environment } from './run/session.ts';

type Action = <A extends unknown[]>(
  work: (...args: A) => Promise<number>,
) => (...args: A) => Promise<void>;

const exitHelp = `
Exit status: 0 nothing waits, is quarantined or was refused, and no answer needs a person to look at it;
             3 something does, and is listed on stderr; 1 could not run (a file that is of no use included); 2 wrong usage.`;

const dataDirHelp = `
Without --data-dir it looks into what was started in this folder and runs; when nothing runs, into the one of .loopwell/run,
.loopwell/load and .loopwell/start that was used last. It says on stderr which.`;

/** The command line. Returns the exit status: 0 fine, 1 could not run, 2 wrong usage, 3 something waits or was refused. */
export async function main(argv: readonly string[], environment: Environment): Promise<number> {
  let status = 0;
  const action: Action =
    (work) =>
    async (...args) => {
      refuseFormerNames(environment);
      status = await work(...args);
    };
  const program = new Command('loopwell')
    .description('Finds social needs in health records and gets people helped.')
    .version(version(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .showHelpAfterError('Try loopwell --help, or loopwell <command> --help.')
    .exitOverride();
  addRunCommands(program, action, environment);
  addCodeCommand(program, action);
  addHistoryCommands(program, action, environment);
  addLookCommands(program, action, environment);
  addAccessCommands(program, action, environment);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    return failed(error);
  }
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function addRunCommands(program: Command, action: Action, environment: Environment): void {
  program
    .command('start')
    .description(
      'the whole journey on made-up people, on embedded storage, with a sandbox EHR and sandbox partners',
    )
    .option(
      '--once',
      'end when the sandbox has played to the end: 0 when all ended as scripted, 1 otherwise',
      false,
    )
    .option('--fresh', 'start over', false)
    .option('--json', 'print the totals as one JSON object', false)
    .option('--people <n>', 'how many people to make up', wholeNumber, 200)
    .option('--host <host>', 'address to listen on', defaultHost)
    .option('--port <port>', 'port to listen on (default: 8800, or a free one)', port)
    .addOption(
      new Option('--timeout <duration>', 'under --once: end then in any case')
        .argParser(duration)
        .default(600_000, '600s'),
    )
    .addOption(timeZoneOption())
    .addOption(
      identifierSystemOption(
        'system of our identifiers, chosen once for a database (default: a urn:uuid: of its own)',
      ),
    )
    .option('--data-dir <folder>', 'where everything is kept (default: .loopwell/start)')
    .action(action((options: StartOptions) => startCommand(options, environment)));
  withRunOptions(
    program
      .command('run')
      .description(
        'the journey against your servers; without --send and --write-back it discloses nothing',
      )
      .requiredOption('--ehr <base>', 'FHIR base of the EHR', webAddress),
  )
    .addHelpText('after', exitHelp)
    .action(action((options: RunOptions) => runCommand(options, environment)));
  withRunOptions(
    program
      .command('load')
      .description('serve files from the sandbox EHR, then run on them')
      .argument('<files...>', 'Bundle or NDJSON files, gzipped or not, or folders of them'),
  )
    .addHelpText('after', exitHelp)
    .action(
      action((files: string[], options: RunOptions) => loadCommand(files, options, environment)),
    );
}

const codeHelp = `
A file holds Bundles, resources or lists of them: one JSON value, or one per line (NDJSON), gzipped or not. A Bundle is about
one Patient, a searchset perhaps about many; what stands in no Bundle is gathered by patient. Out comes one line for each
person: a FHIR Parameters with the transaction that could be posted ("return") and what was noticed ("issues"). Nothing is stored, fetched or sent.
Exit status: 0 all was read; 3 something could not be read, the rest was coded; 1 could not run; 2 wrong usage.`;

function addCodeCommand(program: Command, action: Action): void {
  program
    .command('code')
    .description(
      'code screenings without a server: FHIR Bundles in, what Loopwell makes of them out',
    )
    .argument(
      '[files...]',
      'files of Bundles or resources, JSON or NDJSON; - or nothing for standard input',
    )
    .option('--concept-map <file>', "FHIR ConceptMap from the site's own codes to LOINC")
    .addOption(
      identifierSystemOption(
        `system of the identifiers of new resources (default: ${systems.loopwellId})`,
      ),
    )
    .option(
      '--negative',
      'NEG on answers that say that there is no need, for receivers that demand it',
    )
    .option('--no-icd10cm', 'no ICD-10-CM code beside a SNOMED CT finding: a clinician adds it')
    .addOption(
      new Option(
        '--time-zone <name>',
        "the site's time zone, such as America/Chicago, for times that are written without one",
      )
        .env('TIME_ZONE')
        .argParser(timeZone),
    )
    .addHelpText('after', codeHelp)
    .action(action((files: string[], options: CodeOptions) => codeCommand(files, options)));
}

function addHistoryCommands(program: Command, action: Action, environment: Environment): void {
  const inData = (command: Command) =>
    command
      .option('--data-dir <folder>', 'data directory to look into')
      .option('--json', 'as one JSON object', false)
      .addHelpText('after', dataDirHelp);
  inData(
    program
      .command('quality')
      .description('what arrives from each EHR and what can be made of it: a data-quality report'),
  ).action(action((options) => qualityCommand(options, environment)));
  inData(
    program
      .command('recode')
      .description(
        'what coding everybody anew with the tables of this release would change; what people decided is kept',
      )
      .option('--apply', 'do it: everybody is due, and a run codes them', false)
      .option('--by <name>', 'who applies it (default: the name of this system account)'),
  ).action(action((options) => recodeCommand(options, environment)));
  addCodesCommands(
    program.command('codes').description('versions of the tables: list, keep, compare'),
    inData,
    action,
    environment,
  );
}

function addCodesCommands(
  codes: Command,
  inData: (command: Command) => Command,
  action: Action,
  environment: Environment,
): void {
  codes
    .command('list')
    .description(
      'which tables there are: version, validity, source, how many rows, and which no source verifies',
    )
    .argument(
      '[tables]',
      '"current", or a folder with one JSON file for each instrument',
      'current',
    )
    .option('--rows', 'each row too, with its own source, version and validity', false)
    .option('--json', 'as one JSON object', false)
    .action(action((name: string, options) => codesListCommand(name, options)));
  codes
    .command('export')
    .description(
      'write the tables of this release to an empty folder, to be kept and compared with later ones',
    )
    .argument('<folder>', 'is made when it is not there')
    .action(action((folder: string) => codesExportCommand(folder)));
  inData(
    codes
      .command('diff')
      .description(
        "what one version of the tables and another make of everybody's answers, and for whom that differs",
      )
      .argument('<old>', '"current", or a folder with one JSON file for each instrument')
      .argument('<new>', 'the same'),
  ).action(
    action((from: string, to: string, options) => codesDiffCommand(from, to, options, environment)),
  );
}

function addLookCommands(program: Command, action: Action, environment: Environment): void {
  const look = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--data-dir <folder>', 'data directory to look into')
      .addHelpText('after', dataDirHelp);
  look('status', 'what is where, what waits for whom and since when, what is quarantined and why')
    .option('--json', 'as one JSON object', false)
    .action(action((options) => statusCommand(options, environment)));
  look(
    'trace',
    'one timeline: pulled, screened, coded, approved by whom, consent, sent, answered, written back',
  )
    .argument(
      '<id>',
      "id of an Encounter, Condition or Task, ours, the EHR's or the partner's, with or without its type",
    )
    .option('--json', 'as one JSON object', false)
    .action(action((id: string, options) => traceCommand(id, options, environment)));
  look(
    'close-unread',
    'a type that the EHR does not give, or not as it says, counts as read; without a type: what is not read',
  )
    .argument('[type]', 'resource type')
    .option('--ehr <id>', 'id or base of the EHR, where several have it open')
    .option('--by <name>', 'who closes it (default: the name of this system account)')
    .action(
      action((type: string | undefined, options) => closeUnreadCommand(type, options, environment)),
    );
  look('hold', 'stop everything outgoing within seconds; pulling goes on')
    .argument('<sends...>', 'sends [all | partner X | ehr X | receiver <address>]')
    .option('--reason <text>', 'why')
    .option('--by <name>', 'who holds (default: the name of this system account)')
    .action(action((words: string[], options) => holdCommand(words, options, environment)));
  look('release', 'let it go again; shows first what would go')
    .argument('[scope...]', '[sends] all | partner X | ehr X | connection X | receiver <address>')
    .option('--show', 'only show what would go', false)
    .option('--reason <text>', 'why')
    .option('--by <name>', 'who releases (default: the name of this system account)')
    .action(action((words: string[], options) => releaseCommand(words, options, environment)));
  look('pause', 'neither read an EHR nor write to it until it is resumed; what is stored stays')
    .argument('<connection>', 'id or FHIR base of the EHR')
    .option('--reason <text>', 'why')
    .option('--by <name>', 'who pauses (default: the name of this system account)')
    .action(
      action((connection: string, options) => pauseCommand(connection, options, environment)),
    );
  look('disconnect', 'delete the connection to an EHR for good; says first what hangs on it')
    .argument('<connection>', 'id or FHIR base of the EHR')
    .option('--yes', 'it is meant', false)
    .option('--by <name>', 'who deletes (default: the name of this system account)')
    .action(
      action((connection: string, options) => disconnectCommand(connection, options, environment)),
    );
  look('resume', 'read a paused EHR again, from where it stopped')
    .argument('<connection>', 'id or FHIR base of the EHR')
    .option('--reason <text>', 'why')
    .option('--by <name>', 'who resumes (default: the name of this system account)')
    .action(
      action((connection: string, options) => resumeCommand(connection, options, environment)),
    );
}

const privateHint =
  '; --allow-private-networks opens the addresses that you name, on private networks and over plain http';

/** Says what was wrong in one sentence. Wrong usage has its own status, whoever finds it. */
function failed(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  const record = errorRecord(error);
  const facts = Object.entries(record.facts).filter(([, value]) => value !== undefined);
  const detail =
    facts.length > 0 ? ` (${facts.map(([name, value]) => `${name}: ${value}`).join(', ')})` : '';
  const hint =
    record.facts.reason === 'private-network' || record.facts.reason === 'plain-http'
      ? privateHint
      : '';
  process.stderr.write(
    `${error instanceof AppError ? error.message : 'Something went wrong'}${detail}${hint}\n`,
  );
  return error instanceof AppError && error.code === 'REQUEST_INVALID'
    ? exitStatus.usage
    : exitStatus.couldNotRun;
}
