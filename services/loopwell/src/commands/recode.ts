import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, compareShelves, compareWithStored, recodeEverybody, shelfFrom } from '@loopwell/enrichment';
import { AppError } from '@loopwell/kit';
import { organisation } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { withDatabase } from './data-dir.ts';
import { progressLine } from './progress.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/**
 * `loopwell recode`: shows what coding everybody anew with the tables of today would change; with --apply makes everybody
 * due, and the workers of the next or the present run do it.
 */
export async function recodeCommand(
  options: { dataDir?: string; json: boolean; apply: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const progress = progressLine(options.apply ? 'people made due' : 'people compared');
    if (options.apply) {
      // The queue only wakes workers up; without a nudge the reconciler finds the rows within seconds.
      const people = await recodeEverybody(db, organisation, async () => {}, progress.tell);
      progress.end();
      print(options.json ? JSON.stringify({ people }) : `${people} people are due to be coded anew; a run does it.`);
      return 0;
    }
    const comparison = await compareWithStored(db, organisation, progress.tell);
    progress.end();
    print(options.json ? JSON.stringify(comparison) : lines(comparison, 'Nothing was changed; --apply does it.').join('\n'));
    return 0;
  });
}

/** `loopwell codes diff`: what one version of the tables and another make of everybody's answers. */
export async function codesDiffCommand(
  from: string,
  to: string,
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  const shelves = { from: shelfFrom(readTables(from)), to: shelfFrom(readTables(to)) };
  return withDatabase(options, environment, async (db) => {
    const progress = progressLine('people compared');
    const comparison = await compareShelves(db, organisation, { from: shelves.from.shelf, to: shelves.to.shelf }, progress.tell);
    progress.end();
    const versions = { from: shelves.from.versions, to: shelves.to.versions };
    if (options.json) print(JSON.stringify({ ...versions, ...comparison }));
    else print([`From ${from} to ${to}.`, ...lines(comparison, 'Nothing was changed.')].join('\n'));
    return 0;
  });
}

/**
 * Tables of a folder, one JSON file each (`rows.json` of an instrument, under any name); `current` for those of this release.
 *
 * @throws AppError REQUEST_INVALID for a folder that has none, or a file that is no table
 */
function readTables(name: string): unknown[] | 'current' {
  if (name === 'current') return 'current';
  try {
    const files = readdirSync(name, { recursive: true, encoding: 'utf8' }).filter(
      (one) => one.endsWith('.json') && !one.includes('fixtures'),
    );
    if (files.length === 0) throw new AppError('REQUEST_INVALID', `${name} holds no tables`);
    return files.sort().map((one) => JSON.parse(readFileSync(join(name, one), 'utf8')) as unknown);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'REQUEST_INVALID',
      `${name} is no folder of tables; give "current" or a folder with one JSON file for each instrument`,
    );
  }
}

function lines({ people, changed, counts, examples }: Comparison, last: string): string[] {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const how = Object.entries(counts).map(([what, n]) => `${n} ${what}`);
  return [
    `${people} people compared, ${changed} of them would change${how.length > 0 ? `: ${how.join(', ')}` : ''}.`,
    ...examples.map((one) => `- ${one.what}: Condition ${one.condition} of person ${one.person}${codes(one)}`),
    ...(total > examples.length ? [`… and ${total - examples.length} more.`] : []),
    last,
  ];
}

const codes = ({ from, to }: { from: string; to: string }) =>
  from && to ? `, ${from} becomes ${to}` : from || to ? `, ${from || to}` : '';
