import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBinaryExpression, type SourceFile } from 'typescript/unstable/ast';
import { parseFiles, visit } from '../style/source.ts';
import { textOf } from './sql.ts';
import { hole, isStatement } from './statement.ts';
import { type Unbound, unboundTables } from './tenant-sql.ts';

/** A place in the store that reads or writes rows without naming their tenant. */
export type UnboundPlace = Unbound & { file: string; line: number };

/** Tables that are of the database and of no tenant, each with the reason. */
const sharedTables: Readonly<Record<string, string>> = {
  clock: 'The clock of deadlines is of the database.',
  installation: 'One identifier system for a database.',
  receiver_end: 'A server and how a process ended: nothing of a tenant, and useful to all.',
};

/** Statements that name no tenant, by file and table, each with the reason. */
const exemptions: readonly { file: string; table: string; because: string }[] = [
  {
    file: 'packages/store/src/database/clock-moves.ts',
    table: 'connection',
    because: 'The clock is of all tenants, and an EHR of any of them keeps it from being moved.',
  },
  {
    file: 'packages/store/src/database/insert-rows.ts',
    table: hole,
    because: 'insertRows refuses rows without the tenant of the process when it runs.',
  },
];

const rowsFile = 'packages/store/src/database/rows.generated.ts';

/** Views with a tenant; the generated rows have tables only. */
const views = ['unread_cursor', 'running_totals'];

/** Lists the tables as the migrations made them, and whether each has a tenant. */
function tablesIn(root: string): { table: string; hasTenant: boolean }[] {
  const source = readFileSync(join(root, rowsFile), 'utf8');
  const types = source.matchAll(/^ {2}(\w+): \{\n((?: {4}.*\n)*)/gm);
  return [...types].map(([, table = '', columns = '']) => ({
    table,
    hasTenant: /^ {4}tenant: /m.test(columns),
  }));
}

/** Lists the tables without a tenant that no reason is given for. */
export const tablesWithoutTenant = (root: string): string[] =>
  tablesIn(root)
    .filter(({ table, hasTenant }) => !hasTenant && !(table in sharedTables))
    .map(({ table }) => table);

/** Lists the tables that have a tenant, as the migrations made them, the views, and what is
 * computed. */
export function tenantTables(root: string): Set<string> {
  const named = tablesIn(root).filter(({ hasTenant }) => hasTenant);
  return new Set([hole, ...views, ...named.map(({ table }) => table)]);
}

/** How a part of a statement begins that has no first word of its own. */
const fragment =
  /^[\s(]*(?:join|left join|cross join|from|using|where|and|or|exists|not|on conflict)\b/i;

/** Lists the places of one file, each with its line from 1. */
function placesIn(file: SourceFile, tables: ReadonlySet<string>) {
  const places: (Unbound & { line: number })[] = [];
  visit(file, (node) => {
    // A concatenation is read as a whole, not by its parts.
    if (isBinaryExpression(node.parent) && textOf(node.parent) !== '') return;
    const text = textOf(node);
    if (!isStatement(text) && !fragment.test(text) && !/\(\s*select\b/i.test(text)) return;
    const line = file.text.slice(0, node.getStart(file)).split('\n').length;
    for (const unbound of unboundTables(text, tables)) places.push({ ...unbound, line });
  });
  return places;
}

/**
 * Lists the statements of the store on tables with a tenant that do not name it for each of these
 * tables (DECISIONS D148).
 * @param texts of files that are not on the disk, by their paths
 */
export function statementsWithoutTenant(
  root: string,
  files: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): UnboundPlace[] {
  const paths = files.filter((file) => /^packages\/store\/src\/.*(?<!\.test)\.ts$/.test(file));
  const tables = tenantTables(root);
  const places = parseFiles(root, paths, texts).flatMap((parsed, index) =>
    placesIn(parsed, tables).map((place) => ({ ...place, file: paths[index] ?? '' })),
  );
  return places.filter(({ file, table }) => !isExempt(file, table));
}

const isExempt = (file: string, table: string) =>
  exemptions.some((each) => each.file === file && each.table === table);
