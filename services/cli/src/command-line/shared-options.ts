import type { OptionDefinition } from './definition.ts';
import {
  parseDuration,
  parseIdentifierSystem,
  parsePort,
  parseTimeZone,
} from './option-parsers.ts';

/** Options that several commands have, each declared once. */

/** For commands that look into the data directory of a run. */
export const lookIntoOption: OptionDefinition = {
  flags: '--data-dir <folder>',
  description: 'data directory to look into',
};

/** The help of commands that have `lookIntoOption`. */
export const lookIntoHelp = `
Without --data-dir it looks into what was started in this folder and runs; when nothing runs, into the one of .loopwell/run,
.loopwell/load and .loopwell/start that was used last. It says on stderr which.`;

/** For results that a script reads. */
export const jsonOption: OptionDefinition = {
  flags: '--json',
  description: 'as one JSON object',
  default: false,
};

/** Totals of a run for a script. */
export const jsonTotalsOption: OptionDefinition = {
  ...jsonOption,
  description: 'print the totals as one JSON object',
};

/** Who acts, for the history. `verb` says what the person does. */
export const byOption = (verb: string): OptionDefinition => ({
  flags: '--by <name>',
  description: `who ${verb} (default: the name of this system account)`,
});

/** Why, for the history. */
export const reasonOption: OptionDefinition = { flags: '--reason <text>', description: 'why' };

/** For commands that have pages or deadlines. */
export const timeZoneOption: OptionDefinition = {
  flags: '--time-zone <name>',
  description: "the site's time zone, such as America/Chicago (default: the machine's)",
  variable: 'TIME_ZONE',
  parse: parseTimeZone,
};

/** For commands that give identifiers to resources. */
export const identifierSystemOption: OptionDefinition = {
  flags: '--identifier-system <uri>',
  description:
    'system of our identifiers, chosen once for a database (default: a urn:uuid: of its own)',
  variable: 'IDENTIFIER_SYSTEM',
  parse: parseIdentifierSystem,
};

/** Where the pages and APIs listen. */
export const listenOptions: readonly OptionDefinition[] = [
  { flags: '--host <host>', description: 'address to listen on', default: '127.0.0.1' },
  {
    flags: '--port <port>',
    description: 'port to listen on (default: 8800, or a free one)',
    parse: parsePort,
  },
];

/** When a run with `--once` ends in any case. */
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

/** The help of commands whose exit status says what is left. */
export const exitStatusHelp = `
Exit status: 0 nothing waits, is quarantined or was refused, and no answer needs a person to look at it;
             3 something does, and is listed on stderr; 1 could not run (a file that is of no use included); 2 wrong usage.`;
