import { AppError } from '@loopwell/kit';
import { csvLine, isSafetyCategory } from '@loopwell/sdoh';
import { type Database, type EquityFact, equityFacts } from '@loopwell/store';
import type { CommandDefinition } from '../../command-line/definition.ts';
import type { Environment } from '../../command-line/environment.ts';
import { lookIntoHelp, lookIntoOption } from '../../command-line/shared-options.ts';
import { withDatabase } from '../../run/data-directory.ts';
import { printLine } from '../../terminal/standard-streams.ts';

type FactOptions = { dataDir?: string; from?: string; to?: string; csv: boolean };

/** `loopwell equity-facts`: who is offered help, asked, and helped; no names and no ids. */
export const equityFactsCommand: CommandDefinition = {
  name: 'equity-facts',
  description: 'facts about equity, one line for each need: JSON, without names and ids',
  options: [
    lookIntoOption,
    { flags: '--from <month>', description: 'first month of the answers, such as 2026-09' },
    { flags: '--to <month>', description: 'last month of the answers' },
    { flags: '--csv', description: 'as CSV, with a line of headings', default: false },
  ],
  helpText: lookIntoHelp,
  run: showFacts,
};

const [ofNeed, ofAsking, ofHelp] = [
  ['month', 'category', 'language', 'needsInterpreter', 'offered', 'notAskedUnsafe'],
  ['askedIn', 'askedInterpreter', 'askedBy', 'wanted', 'no', 'signed', 'tries'],
  ['textNotReviewed', 'partnerSaysHelped', 'personSaysHelped'],
] as const;
const columns = [...ofNeed, ...ofAsking, ...ofHelp] as const;

const monthForm = /^(19|20|21)\d\d-(0[1-9]|1[0-2])$/;

async function showFacts(options: FactOptions, environment: Environment): Promise<number> {
  const { from, to } = options;
  for (const [name, month] of [
    ['--from', from],
    ['--to', to],
  ] as const)
    if (month !== undefined && !monthForm.test(month))
      throw new AppError('REQUEST_INVALID', `${name} must be a month such as 2026-09`);
  if (from !== undefined && to !== undefined && from > to)
    throw new AppError('REQUEST_INVALID', '--to must not be before --from');
  return withDatabase(options, environment, async (db) => {
    if (options.csv) printLine(columns.join(','));
    let count = 0;
    for await (const fact of allFacts(db, { from, to })) {
      count += 1;
      printLine(options.csv ? csvOf(fact) : JSON.stringify(fact));
    }
    if (count === 0) process.stderr.write('There are no needs that fit.\n');
    return 0;
  });
}

/** How many facts are read at once. */
const pageSize = 1_000;

async function* allFacts(
  db: Database,
  ask: { from?: string | undefined; to?: string | undefined },
): AsyncGenerator<EquityFact> {
  for (let offset = 0; ; offset += pageSize) {
    const page = await equityFacts.listEquityFacts(db, { ...ask, limit: pageSize, offset });
    for (const fact of page)
      yield isSafetyCategory(fact.category) ? { ...fact, category: 'withheld' } : fact;
    if (page.length < pageSize) return;
  }
}

function csvOf({ asked, helped, ...fact }: EquityFact): string {
  const row = {
    ...fact,
    askedIn: asked?.language ?? null,
    askedInterpreter: asked?.interpreter ?? null,
    askedBy: asked?.by ?? null,
    partnerSaysHelped: helped.partnerSays,
    personSaysHelped: helped.personSays,
  };
  const cells = columns.map((column) => {
    const cell = row[column];
    return typeof cell === 'boolean' ? String(cell) : cell;
  });
  return csvLine(cells).trimEnd();
}
