import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareTables, type TableVersion, tablesFrom, tableVersion } from '@loopwell/enrichment';
import { AppError } from '@loopwell/kit';
import { type ListedRow, listRows } from '@loopwell/sdoh';
import type { CommandGroup } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { openProgressLine } from '../terminal/progress-line.ts';
import { printLine } from '../terminal/standard-streams.ts';
import { comparisonLines } from './recode.ts';

const tablesArgument = '"current", or a folder with one JSON file for each instrument';

/** `loopwell codes`: lists, keeps and compares versions of the tables. */
export const codesCommands: CommandGroup = {
  name: 'codes',
  description: 'versions of the tables: list, keep, compare',
  commands: [
    {
      name: 'list',
      description:
        'which tables there are: version, validity, source, how many rows, and which no ' +
        'source verifies',
      arguments: [{ name: '[tables]', description: tablesArgument, default: 'current' }],
      options: [
        {
          flags: '--rows',
          description: 'each row too, with its own source, version and validity',
          default: false,
        },
        jsonOption,
      ],
      run: listTables,
    },
    {
      name: 'export',
      description:
        'write the tables of this release to an empty folder, to be kept and compared ' +
        'with later ones',
      arguments: [{ name: '<folder>', description: 'is made when it is not there' }],
      options: [],
      run: exportTables,
    },
    {
      name: 'diff',
      description:
        "what one version of the tables and another make of everybody's answers, and for " +
        'whom that differs',
      arguments: [
        { name: '<old>', description: tablesArgument },
        { name: '<new>', description: 'the same' },
      ],
      options: [lookIntoOption, jsonOption],
      helpText: lookIntoHelp,
      run: compareVersions,
    },
  ],
};

/**
 * `loopwell codes list`: prints the tables with their versions and sources, and with `--rows` each
 * row with its own.
 */
async function listTables(
  name: string,
  options: { rows: boolean; json: boolean },
): Promise<number> {
  const tables = tablesFrom(readTables(name));
  if (options.json) printLine(JSON.stringify(tables.map((table) => listedTable(table, options))));
  else printLine(tables.map((table) => tableText(table, options)).join('\n\n'));
  return 0;
}

type Table = ReturnType<typeof tablesFrom>[number];

function listedTable(table: Table, options: { rows: boolean }): object {
  const version = tableVersion(table);
  return options.rows ? { ...version, rows: listRows(table) } : version;
}

function tableText(table: Table, options: { rows: boolean }): string {
  const rows = options.rows ? listRows(table) : [];
  return [...tableLines(tableVersion(table)), ...rows.map(rowLine)].join('\n');
}

/**
 * `loopwell codes export`: writes the tables of this release as files, for comparison with later
 * ones.
 */
async function exportTables(folder: string): Promise<number> {
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
    `${tables.length} tables were written to ${folder}; compare with: loopwell codes diff ` +
      `${folder} current\n`,
  );
  return 0;
}

/** `loopwell codes diff`: compares what two versions of the tables make of everyone's answers. */
async function compareVersions(
  from: string,
  to: string,
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  const tables = { from: tablesFrom(readTables(from)), to: tablesFrom(readTables(to)) };
  const changed = changedTables(tables.from.map(tableVersion), tables.to.map(tableVersion));
  warnOfSameVersions(changed);
  return withDatabase(options, environment, async (db) => {
    const progress = openProgressLine('people compared');
    const comparison = await compareTables(db, db.tenant, tables, progress.show);
    progress.end();
    const versions = { from: versionsById(tables.from), to: versionsById(tables.to) };
    if (options.json) {
      printLine(JSON.stringify({ ...versions, tables: changed, ...comparison }));
      return 0;
    }
    const lines = comparisonLines(comparison, 'Nothing was changed.');
    printLine([`From ${from} to ${to}.`, ...changed.map(changeLine), ...lines].join('\n'));
    return 0;
  });
}

const versionsById = (tables: readonly Table[]): Record<string, string> =>
  Object.fromEntries(tables.map((table) => [table.id, table.version]));

/** A table that differs. It has only one version when only one of the two sides has it. */
type ChangedTable = { id: string; from?: string; to?: string };

/** Lists tables that differ, with their versions. */
function changedTables(from: readonly TableVersion[], to: readonly TableVersion[]): ChangedTable[] {
  const ids = [...new Set([...from, ...to].map((table) => table.id))].sort();
  const changed: ChangedTable[] = [];
  for (const id of ids) {
    const before = from.find((table) => table.id === id);
    const after = to.find((table) => table.id === id);
    if (before?.fingerprint === after?.fingerprint) continue;
    const table: ChangedTable = { id };
    if (before) table.from = before.version;
    if (after) table.to = after.version;
    changed.push(table);
  }
  return changed;
}

/**
 * Warns of tables that changed without a new version, because their versions cannot be told apart.
 */
function warnOfSameVersions(changed: readonly ChangedTable[]): void {
  for (const table of changed) {
    if (table.from !== table.to) continue;
    process.stderr.write(
      `${table.id} is ${table.to} in both and differs: give what changed a new version.\n`,
    );
  }
}

const changeLine = ({ id, from, to }: ChangedTable) =>
  `Table ${id}: ${from ?? 'none'} becomes ${to ?? 'none'}.`;

/**
 * Reads the tables of a folder, one JSON file each (`rows.json` of an instrument, under any name).
 * `current` means the tables of this release.
 * @throws AppError REQUEST_INVALID for a folder without tables, or with a file that is not a table
 */
function readTables(name: string): unknown[] | 'current' {
  if (name === 'current') return 'current';
  try {
    return listTableFiles(name).map((file) => JSON.parse(readFileSync(file, 'utf8')) as unknown);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'REQUEST_INVALID',
      `${name} is no folder of tables; give "current" or a folder with one JSON file for ` +
        'each instrument',
    );
  }
}

/**
 * Lists the JSON files of a folder, without fixtures.
 * @throws AppError REQUEST_INVALID for a folder without JSON files
 */
function listTableFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const tableNames = names.filter((name) => name.endsWith('.json') && !name.includes('fixtures'));
  if (tableNames.length === 0) throw new AppError('REQUEST_INVALID', `${folder} holds no tables`);
  return tableNames.sort().map((name) => join(folder, name));
}

type Validity = { validFrom: string; validTo?: string | undefined };

const validityText = ({ validFrom, validTo }: Validity): string =>
  `${validFrom || 'any day'}${validTo ? ` to ${validTo}` : ' on'}`;

function tableLines(table: TableVersion): string[] {
  const { id, version, fingerprint, name, questions, answers, verified, unverified } = table;
  return [
    `${id} ${version} (${fingerprint}), in force from ${validityText(table)}: ${name}`,
    `  ${questions} questions, ${answers} answers; ${verified} rows verified, ${unverified} not`,
    `  Source: ${table.source || 'not said'}`,
  ];
}

/** Returns a row with tabs between its columns, for a spreadsheet. */
function rowLine(row: ListedRow): string {
  const { question, answer, display, version, source, verified, need } = row;
  const codes = [need?.category, need?.snomed, need?.icd10cm];
  return [
    '',
    answer ? `${question}/${answer}` : question,
    display,
    codes.filter((code) => code !== undefined).join(' '),
    verified ? '' : 'unverified',
    version,
    validityText(row),
    source,
  ].join('\t');
}
