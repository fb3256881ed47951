import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareTables, type TableVersion, tablesFrom, tableVersion } from '@loopwell/enrichment';
import { AppError } from '@loopwell/kit';
import { type ListedRow, listRows } from '@loopwell/sdoh';
import { tenant } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { progressLine } from '../terminal/progress-line.ts';
import { withDatabase } from './data-directory.ts';
import { comparisonLines } from './recode.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/** `loopwell codes list`: which tables there are, of which version and source, and each row with its own. */
export async function codesListCommand(
  name: string,
  options: { rows: boolean; json: boolean },
): Promise<number> {
  const tables = tablesFrom(readTables(name));
  const listed = tables.map((table) => ({
    ...tableVersion(table),
    ...(options.rows ? { rows: listRows(table) } : {}),
  }));
  if (options.json) print(JSON.stringify(listed));
  else
    print(
      listed
        .map((one) => [...tableLines(one), ...(one.rows ?? []).map(rowLine)].join('\n'))
        .join('\n\n'),
    );
  return 0;
}

/** `loopwell codes export`: the tables of this release as files, to be kept and compared with later ones. */
export async function codesExportCommand(folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw new AppError(
      'REQUEST_INVALID',
      `${folder} is not empty: a folder holds one version of the tables and nothing else`,
    );
  const tables = tablesFrom('current');
  for (const table of tables)
    writeFileSync(join(folder, `${table.id}.json`), `${JSON.stringify(table, null, 1)}\n`, {
      flag: 'wx',
    });
  process.stderr.write(
    `${tables.length} tables were written to ${folder}; compare with: loopwell codes diff ${folder} current\n`,
  );
  return 0;
}

/** `loopwell codes diff`: what one version of the tables and another make of everybody's answers. */
export async function codesDiffCommand(
  from: string,
  to: string,
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  const tables = { from: tablesFrom(readTables(from)), to: tablesFrom(readTables(to)) };
  const changed = changedTables(tables.from.map(tableVersion), tables.to.map(tableVersion));
  for (const one of changed)
    if (one.from === one.to)
      process.stderr.write(
        `${one.id} is ${one.to} in both and differs: give what changed a new version.\n`,
      );
  return withDatabase(options, environment, async (db) => {
    const progress = progressLine('people compared');
    const comparison = await compareTables(db, tenant, tables, progress.tell);
    progress.end();
    const versions = (some: typeof tables.from) =>
      Object.fromEntries(some.map((one) => [one.id, one.version]));
    if (options.json)
      print(
        JSON.stringify({
          from: versions(tables.from),
          to: versions(tables.to),
          tables: changed,
          ...comparison,
        }),
      );
    else
      print(
        [
          `From ${from} to ${to}.`,
          ...changed.map(changeLine),
          ...comparisonLines(comparison, 'Nothing was changed.'),
        ].join('\n'),
      );
    return 0;
  });
}

type ChangedTable = { id: string; from?: string; to?: string };

/** Tables that are not the same in both, with their versions; one that is in one of them only has one. */
function changedTables(from: readonly TableVersion[], to: readonly TableVersion[]): ChangedTable[] {
  const ids = [...new Set([...from, ...to].map((one) => one.id))].sort();
  return ids.flatMap((id): ChangedTable[] => {
    const [before, after] = [from, to].map((some) => some.find((one) => one.id === id));
    if (before?.fingerprint === after?.fingerprint) return [];
    return [
      { id, ...(before ? { from: before.version } : {}), ...(after ? { to: after.version } : {}) },
    ];
  });
}

const changeLine = ({ id, from, to }: ChangedTable) =>
  `Table ${id}: ${from ?? 'none'} becomes ${to ?? 'none'}.`;

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

const validity = ({ validFrom, validTo }: { validFrom: string; validTo?: string }) =>
  `${validFrom || 'any day'}${validTo ? ` to ${validTo}` : ' on'}`;

function tableLines(one: TableVersion): string[] {
  return [
    `${one.id} ${one.version} (${one.fingerprint}), in force from ${validity(one)}: ${one.name}`,
    `  ${one.questions} questions, ${one.answers} answers; ${one.verified} rows verified, ${one.unverified} not`,
    `  Source: ${one.source || 'not said'}`,
  ];
}

function rowLine({
  question,
  answer,
  display,
  version,
  validFrom,
  validTo,
  source,
  verified,
  need,
}: ListedRow): string {
  const codes = need
    ? [need.category, need.snomed, need.icd10cm].filter((one) => one !== undefined).join(' ')
    : '';
  const days = validity({ validFrom, ...(validTo === undefined ? {} : { validTo }) });
  return [
    '',
    `${question}${answer ? `/${answer}` : ''}`,
    display,
    codes,
    verified ? '' : 'unverified',
    version,
    days,
    source,
  ].join('\t');
}
