import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantedBreaches, plantedLint } from './breaches.ts';
import { type Breach, cruise } from './cruise.ts';

const root = join(import.meta.dirname, '..', '..');
const rules = (
  createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
    forbidden: { name: string }[];
  }
).forbidden;

/** The workspace without its results, its packages linked as they are here. */
function copyWorkspace(): string {
  const copy = mkdtempSync(join(tmpdir(), 'loopwell-layers-'));
  const keep = (path: string) => !/^(dist|\.turbo|\.loopwell|secrets)$/.test(basename(path));
  for (const name of ['packages', 'services', 'openapi', 'tools', 'tests', 'docker']) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: keep,
    });
  }
  for (const name of ['.dependency-cruiser.cjs', 'biome.json', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(copy, name));
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const target = join(root, 'node_modules', name);
    if (name === '@loopwell')
      cpSync(target, join(copy, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(target, join(copy, 'node_modules', name));
  }
  return copy;
}

describe('the rules of the house', () => {
  let copy: string;
  let before: Breach[];
  let after: Breach[];
  let lint: string;

  beforeAll(() => {
    copy = copyWorkspace();
    before = cruise(copy).problems;
    for (const { file, text } of plantedBreaches) writeFileSync(join(copy, file), text);
    after = cruise(copy).problems;
    for (const { file, text } of plantedLint) writeFileSync(join(copy, file), text);
    const files = plantedLint.map((one) => one.file);
    const args = [
      'lint',
      '--vcs-enabled=false',
      '--max-diagnostics=200',
      '--reporter=github',
      ...files,
    ];
    lint = spawnSync(join(copy, 'node_modules', '.bin', 'biome'), args, {
      cwd: copy,
      encoding: 'utf8',
    }).stdout;
  }, 120_000);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('are kept by the workspace as it stands', () => {
    expect(before).toEqual([]);
  });

  it('have each a planted breach', () => {
    const planted = new Set(plantedBreaches.map((one) => one.rule));
    expect(
      [
        ...rules.map((rule) => rule.name),
        'kit-has-six-files-at-most',
        'sql-only-in-the-store',
        'one-clock-for-deadlines',
        'patients-are-read-by-people',
        'tasks-move-in-one-place',
      ].filter((name) => !planted.has(name)),
    ).toEqual([]);
  });

  it.each(plantedBreaches.map((one) => [one.file, one.rule]))('report %s as %s', (file, rule) => {
    const reported = after
      .filter((one) => one.from === file || file.startsWith(`${one.from}/`))
      .map((one) => one.rule);
    expect(reported).toContain(rule);
  });

  it.each(plantedLint.map((one) => [one.file, one.rule]))(
    'let the linter report %s as %s',
    (file, rule) => {
      const lines = lint.split('\n').filter((line) => line.includes(file));
      expect(lines.join('\n')).toContain(rule);
    },
  );
});
