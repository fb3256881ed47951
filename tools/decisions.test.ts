import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'DECISIONS.md'), 'utf8');
const headings = [...text.matchAll(/^### (.*)$/gm)].map((match) => match[1] ?? '');
const numberOf = (heading: string) => /^D(\d+)\. /.exec(heading)?.[1];

/** Paths of the source files below a folder. */
function sourcesBelow(folder: string): string[] {
  const paths: string[] = [];
  for (const file of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${file.name}`;
    if (file.isDirectory() && file.name !== 'node_modules') paths.push(...sourcesBelow(path));
    else if (/\.(ts|sql|yaml|md)$/.test(file.name)) paths.push(path);
  }
  return paths;
}

/** Decisions about tests and CI, which no source follows: the queue witness, Node 24, two commands. */
const aboutChecks = ['69', '77', '113'];

/** Numbers of the decisions that source files name. */
function namedInSources(): (string | undefined)[] {
  const folders = ['packages', 'services', 'tests', 'tools', 'docs', 'infra', 'openapi'];
  return folders
    .flatMap(sourcesBelow)
    .flatMap((path) => [
      ...readFileSync(join(root, path), 'utf8').matchAll(/DECISIONS[\s*]+D(\d+)/g),
    ])
    .map((match) => match[1]);
}

it('each decision has a number of its own, and a date', () => {
  for (const heading of headings) expect(heading).toMatch(/^D\d+\. .+ \(20\d\d-\d\d-\d\d\)$/);
  const numbers = headings.map(numberOf);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('a decision that a file names exists', () => {
  const numbers = new Set(headings.map(numberOf));
  expect(namedInSources().filter((number) => !numbers.has(number))).toEqual([]);
});

it('the code names each decision that it follows', () => {
  const named = new Set(namedInSources());
  const unnamed = headings.map(numberOf).filter((number) => !named.has(number));
  expect(unnamed.filter((number) => !aboutChecks.includes(number ?? ''))).toEqual([]);
});
