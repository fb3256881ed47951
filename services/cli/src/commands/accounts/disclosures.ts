import { type Disclosure, disclosureColumns, disclosureCsv } from '@loopwell/sdoh';
import { type Database, type DisclosureSearch, disclosures } from '@loopwell/store';
import type { CommandDefinition } from '../../command-line/definition.ts';
import type { Environment } from '../../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../../command-line/shared-options.ts';
import { withDatabase } from '../../run/data-directory.ts';
import { printLine } from '../../terminal/standard-streams.ts';
import { type AccountOptions, accountAskOf, accountOptions, pageSize } from './account-options.ts';

/** `loopwell disclosures`: lists what went out to partners, by ids alone. DECISIONS D168. */
export const disclosuresCommand: CommandDefinition = {
  name: 'disclosures',
  description: 'account of disclosures: what went out to partners, why, and what they read of it',
  options: [
    lookIntoOption,
    { flags: '--partner <partner>', description: 'a partner, by id or name' },
    ...accountOptions,
    { ...jsonOption, description: 'one JSON object a line' },
  ],
  helpText: `
--from and --to list what was sent, could be read, or was read in that time; reads are counted within it. The breach list of one partner
in one week: loopwell disclosures --partner <partner> --from 2026-11-23 --to 2026-11-29 --csv
${lookIntoHelp}`,
  run: showDisclosures,
};

async function showDisclosures(options: AccountOptions, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const ask = await accountAskOf(db, options);
    if (options.csv) printLine(disclosureColumns.join(','));
    let count = 0;
    for await (const disclosure of allDisclosures(db, ask)) {
      count += 1;
      printLine(textOf(disclosure, options));
    }
    if (count === 0) process.stderr.write('Nothing went out that fits.\n');
    return 0;
  });
}

/** Reads the whole account page by page. */
async function* allDisclosures(
  db: Database,
  ask: Omit<DisclosureSearch, 'limit' | 'after'>,
): AsyncGenerator<Disclosure> {
  let after: DisclosureSearch['after'];
  do {
    const search = { ...ask, after, limit: pageSize };
    const page = await db.tx((tx) => disclosures.listDisclosures(tx, search));
    yield* page.items;
    after = page.next;
  } while (after);
}

function textOf(disclosure: Disclosure, { csv, json }: AccountOptions): string {
  if (csv) return disclosureCsv(disclosure).trimEnd();
  if (json) return JSON.stringify(disclosure);
  return linesOf(disclosure).join('\n  ');
}

/** Writes one disclosure for people: who and to whom first, then why, then what came of it. */
function linesOf(disclosure: Disclosure): string[] {
  const { at, person, partner, partnerName, channel, state, elements } = disclosure;
  const { purpose, consent, approvedBy, reads, lastRead, endedAt, endedBy } = disclosure;
  const name = partnerName === null ? partner : `${partner} (${partnerName})`;
  const names = disclosure.openedBy ? `, opened by ${disclosure.openedBy.join(', ')}` : '';
  const read =
    lastRead === null ? 'never read' : `read ${reads} times, last ${iso(lastRead)}${names}`;
  const end = endedAt === null ? 'still open' : `ended ${iso(endedAt)} by ${endedBy}`;
  return [
    `${iso(at)}  person ${person}  to ${name}  ${channel} ${state}`,
    `elements: ${elements.join(', ') || 'none'}`,
    `for ${purpose ?? 'no recorded purpose'}, under ${consent ?? 'no recorded consent'}, ` +
      `approved by ${approvedBy ?? 'nobody'}`,
    `${read}; ${end}`,
  ];
}

const iso = (at: Date): string => at.toISOString();
