import { type Comparison, compareWithStored, recodeEverybody } from '@loopwell/enrichment';
import type { Database } from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { requirePrincipal } from '../command-line/principal.ts';
import {
  byOption,
  jsonOption,
  lookIntoHelp,
  lookIntoOption,
} from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { openProgressLine } from '../terminal/progress-line.ts';
import { printLine } from '../terminal/standard-streams.ts';

type RecodeOptions = {
  dataDir?: string;
  json: boolean;
  apply: boolean;
  by?: string;
};

/**
 * `loopwell recode`: shows what coding everyone again with the tables of this release would change.
 * With --apply it makes everyone due; the workers of this run or the next one do the work.
 */
export const recodeCommand: CommandDefinition = {
  name: 'recode',
  description:
    'what coding everybody anew with the tables of this release would change; what ' +
    'people decided is kept',
  options: [
    lookIntoOption,
    jsonOption,
    {
      flags: '--apply',
      description: 'do it: everybody is due, and a run codes them',
      default: false,
    },
    byOption('applies it'),
  ],
  helpText: lookIntoHelp,
  run: recode,
};

async function recode(options: RecodeOptions, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const text = options.apply
      ? await makeEveryoneDue(db, options)
      : await compareEveryone(db, options);
    printLine(text);
    return 0;
  });
}

async function makeEveryoneDue(db: Database, options: RecodeOptions): Promise<string> {
  const principal = { id: requirePrincipal(options), tenant: db.tenant };
  const progress = openProgressLine('people made due');
  // A nudge only wakes workers up. Without one, the reconciler finds the rows within seconds.
  const nudgeNobody = async () => {};
  const people = await recodeEverybody(db, principal, nudgeNobody, progress.show);
  progress.end();
  if (options.json) return JSON.stringify({ people });
  return (
    `${people} people are due to be coded again. A run does it; status shows how many are ` +
    'left (code).'
  );
}

async function compareEveryone(db: Database, options: RecodeOptions): Promise<string> {
  const progress = openProgressLine('people compared');
  const comparison = await compareWithStored(db, db.tenant, { progress: progress.show });
  progress.end();
  if (options.json) return JSON.stringify(comparison);
  return comparisonLines(comparison, 'Nothing was changed; --apply does it.').join('\n');
}

/**
 * Returns the result of a comparison in sentences: totals, totals by instrument, and examples.
 * `conclusion` is the last line.
 */
export function comparisonLines(comparison: Comparison, conclusion: string): string[] {
  const { people, changed, counts, instruments, examples } = comparison;
  const changes = countList(counts);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${people} people compared, ${changed} of them would change${changes === '' ? '' : `: ${changes}`}.`,
    ...Object.entries(instruments).map(([id, byKind]) => `${id}: ${countList(byKind)}`),
    ...examples.map(exampleLine),
  ];
  if (total > examples.length) lines.push(`… and ${total - examples.length} more.`);
  lines.push(conclusion);
  return lines;
}

function countList(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

function exampleLine(example: Comparison['examples'][number]): string {
  const { what, condition, person, from, to } = example;
  const codes = from && to ? `${from} becomes ${to}` : from || to;
  const suffix = codes ? `, ${codes}` : '';
  return `- ${what}: Condition ${condition} of person ${person}${suffix}`;
}
