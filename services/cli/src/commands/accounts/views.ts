import { csvLine } from '@loopwell/sdoh';
import { type Database, type PersonView, personViews, type ViewSearch } from '@loopwell/store';
import type { CommandDefinition } from '../../command-line/definition.ts';
import type { Environment } from '../../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../../command-line/shared-options.ts';
import { withDatabase } from '../../run/data-directory.ts';
import { printLine } from '../../terminal/standard-streams.ts';
import { type AccountOptions, accountAskOf, accountOptions, pageSize } from './account-options.ts';

/** `loopwell views`: lists who was shown whom, by ids alone. DECISIONS D158. */
export const viewsCommand: CommandDefinition = {
  name: 'views',
  description: 'who here was shown which person, on which page',
  options: [
    lookIntoOption,
    ...accountOptions,
    { ...jsonOption, description: 'one JSON object a line' },
  ],
  helpText: lookIntoHelp,
  run: showViews,
};

const columns = ['at', 'by', 'person', 'patient', 'page', 'what'] as const;

async function showViews(options: AccountOptions, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const { by: principal, person, from, to } = await accountAskOf(db, options);
    if (options.csv) printLine(columns.join(','));
    let count = 0;
    for await (const view of allViews(db, { principal, person, from, to })) {
      count += 1;
      printLine(textOf(view, options));
    }
    if (count === 0) process.stderr.write('Nobody was shown anybody that fits.\n');
    return 0;
  });
}

/** Reads all views page by page. */
async function* allViews(
  db: Database,
  ask: Omit<ViewSearch, 'limit' | 'after'>,
): AsyncGenerator<PersonView> {
  let after: number | undefined;
  do {
    const search = { ...ask, after, limit: pageSize };
    const page = await db.tx((tx) => personViews.listViews(tx, search));
    yield* page;
    after = page.length === pageSize ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}

function textOf(view: PersonView, { csv, json }: AccountOptions): string {
  const { principal: by, person, patient, page, what } = view;
  const row = { at: view.at.toISOString(), by, person, patient, page, what };
  if (json) return JSON.stringify(row);
  if (csv) return csvLine(columns.map((column) => row[column])).trimEnd();
  return `${row.at}  ${by}  ${what} ${page}  person ${person}`;
}
