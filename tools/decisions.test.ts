import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'DECISIONS.md'), 'utf8');
const headings = [...text.matchAll(/^### (.*)$/gm)].map((match) => match[1] ?? '');
const numberOf = (heading: string) => /^D(\d+)\. /.exec(heading)?.[1];

it('each decision has a number of its own, and a date', () => {
  for (const heading of headings) expect(heading).toMatch(/^D\d+\. .+ \(20\d\d-\d\d-\d\d\)$/);
  const numbers = headings.map(numberOf);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('a decision that a file names exists', () => {
  const numbers = new Set(headings.map(numberOf));
  const sources = execFileSync(
    'git',
    ['grep', '-hoE', 'DECISIONS D[0-9]+', '--', '*.ts', '*.sql', '*.md', '*.yaml', '.ci/run'],
    { cwd: root, encoding: 'utf8' },
  );
  const named = [...sources.matchAll(/DECISIONS D(\d+)/g)].map((match) => match[1]);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((number) => !numbers.has(number))).toEqual([]);
});
