import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bareClocksInSql } from './clock.ts';
import { patientBodiesRead } from './patient-bodies.ts';
import { sqlOutsideTheStore } from './sql.ts';
import { taskMovesElsewhere } from './task-moves.ts';
import { statementsWithoutTenant, tablesWithoutTenant } from './tenant.ts';

/** One import (or one file) that breaks a rule, by the rule's name. */
export type Breach = { rule: string; from: string; to?: string };

type Report = {
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
  modules: { source: string }[];
};

const folders = ['packages', 'services', 'openapi', 'tools', 'tests', 'docker'];
const kitFilesAtMost = 6;

/**
 * Reads all sources below `root` and tells which imports break the rules. A dependency-cruiser that
 * finds no fitting TypeScript reads no TypeScript and finds nothing wrong; so a source that it did
 * not read is a breach too.
 *
 * @throws Error when dependency-cruiser gives no report
 */
export function cruise(root: string): { files: number; problems: Breach[] } {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
  const { stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', 'depcruise'), args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!stdout.startsWith('{'))
    throw new Error(`dependency-cruiser gave no report: ${stderr.slice(0, 500)}`);
  const report = JSON.parse(stdout) as Report;
  const breaches = report.summary.violations.map(
    (one): Breach => ({ rule: one.rule.name, from: one.from, to: one.to }),
  );
  const read = new Set(report.modules.map((one) => one.source));
  const sources = folders.flatMap((folder) => sourcesIn(root, folder));
  const unread = sources
    .filter((file) => !read.has(file))
    .map((from): Breach => ({ rule: 'every-source-is-read', from }));
  const sql = sqlOutsideTheStore(root, sources).map(
    ({ file, line }): Breach => ({ rule: 'sql-only-in-the-store', from: file, to: `line ${line}` }),
  );
  const clocks = bareClocksInSql(root, sources).map(
    ({ file, line }): Breach => ({
      rule: 'one-clock-for-deadlines',
      from: file,
      to: `line ${line}`,
    }),
  );
  const moves = taskMovesElsewhere(root, sources).map(
    ({ file, line }): Breach => ({
      rule: 'tasks-move-in-one-place',
      from: file,
      to: `line ${line}`,
    }),
  );
  const people = patients(root, sources);
  const texts = [...sql, ...clocks, ...moves, ...tenants(root, sources), ...people];
  const problems = [...breaches, ...unread, ...kitSize(root), ...texts];
  return { files: sources.length, problems };
}

/** Patient bodies are read in folders of people alone. */
function patients(root: string, sources: readonly string[]): Breach[] {
  return patientBodiesRead(root, sources).map(({ file, line }) => ({
    rule: 'patients-are-read-by-people',
    from: file,
    to: `line ${line}`,
  }));
}

/** Each table has a tenant, and each statement names it for each table. */
function tenants(root: string, sources: readonly string[]): Breach[] {
  const statements = statementsWithoutTenant(root, sources).map(
    ({ file, line, table, why }): Breach => ({
      rule: 'statements-name-the-tenant',
      from: file,
      to: `line ${line}: ${table} has ${why}`,
    }),
  );
  const tables = tablesWithoutTenant(root).map(
    (to): Breach => ({ rule: 'tables-have-a-tenant', from: 'packages/store/src/migrations', to }),
  );
  return [...statements, ...tables];
}

function sourcesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((file) => {
    const path = `${folder}/${file.name}`;
    if (file.isDirectory())
      return /^(node_modules|dist|generated)$/.test(file.name) ? [] : sourcesIn(root, path);
    return /\.[cm]?[jt]s$/.test(file.name) ? [path] : [];
  });
}

/**
 * The leaf stays small: what is not errors, config, log, clock or ids belongs to whoever needs it.
 */
function kitSize(root: string): Breach[] {
  const files = sourcesIn(root, 'packages/kit/src').filter((file) => !file.endsWith('.test.ts'));
  return files.length > kitFilesAtMost
    ? [{ rule: 'kit-has-six-files-at-most', from: 'packages/kit/src', to: `${files.length} files` }]
    : [];
}
