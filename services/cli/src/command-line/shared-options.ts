import type { OptionDefinition } from './definition.ts';
import {
  parseDuration,
  parseIdentifierSystem,
  parsePort,
  parseTimeZone,
} from './option-parsers.ts';

/** Options that several commands have, each declared once. */

/** The option of commands that read the data directory of a run. */
export const lookIntoOption: OptionDefinition = {
  flags: '--data-dir <folder>',
  description: 'data directory to look into',
};

/** The help text of commands that have `lookIntoOption`. */
export const lookIntoHelp = `
Without --data-dir it looks into what was started in this folder and runs; when nothing runs, into the one of .loopwell/run,
.loopwell/load and .loopwell/start that was used last. It says on stderr which.`;

/** The option that prints the result for a script. */
export const jsonOption: OptionDefinition = {
  flags: '--json',
  description: 'as one JSON object',
  default: false,
};

/** The option that prints the totals of a run for a script. */
export const jsonTotalsOption: OptionDefinition = {
  ...jsonOption,
  description: 'print the totals as one JSON object',
};

/**
 * Creates the option that names the acting person for the history. `verb` says what the person
 * does.
 */
export const byOption = (verb: string): OptionDefinition => ({
  flags: '--by <name>',
  description: `who ${verb} (default: the name of this system account)`,
});

/** The option that gives the reason for the history. */
export const reasonOption: OptionDefinition = { flags: '--reason <text>', description: 'why' };

/** The option for the site's time zone, for commands with pages or deadlines. */
export const timeZoneOption: OptionDefinition = {
  flags: '--time-zone <name>',
  description: "the site's time zone, such as America/Chicago (default: the machine's)",
  variable: 'TIME_ZONE',
  parse: parseTimeZone,
};

/** The option for the system of our identifiers, for commands that identify resources. */
export const identifierSystemOption: OptionDefinition = {
  flags: '--identifier-system <uri>',
  description:
    'system of our identifiers, chosen once for a database (default: a urn:uuid: of its own)',
  variable: 'IDENTIFIER_SYSTEM',
  parse: parseIdentifierSystem,
};

/** The options that say where the pages and APIs listen. */
export const listenOptions: readonly OptionDefinition[] = [
  { flags: '--host <host>', description: 'address to listen on', default: '127.0.0.1' },
  {
    flags: '--port <port>',
    description: 'port to listen on (default: 8800, or a free one)',
    parse: parsePort,
  },
];

/** The option that ends a run with `--once` after a time in any case. */
export const timeoutOption: OptionDefinition = {
  flags: '--timeout <duration>',
  description: 'under --once: end then in any case',
  parse: parseDuration,
  default: 600_000,
  defaultText: '600s',
};

/** Collects the values of an option that may be given several times. */
export const collect = (text: string, before: unknown): string[] => [
  ...(before as readonly string[]),
  text,
];

/** The help text of commands whose exit status says what is left. */
export const exitStatusHelp = `
Exit status: 0 nothing waits, is quarantined or was refused, and no answer needs a person to look at it;
             3 something does, and is listed on stderr; 1 could not run (a file that is of no use included); 2 wrong usage.`;
