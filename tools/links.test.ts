import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const pages = globSync(['*.md', '{docs,docker,infra}/*.md', 'packages/*/README.md'], { cwd: root });
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Links of one page that lead nowhere: no file there, or no heading of that name. */
function brokenLinksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const broken: string[] = [];
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(root, page) : join(root, dirname(page), path);
    if (!existsSync(file)) broken.push(target);
    else if (anchor !== undefined) {
      const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)];
      if (!headings.some((heading) => anchorOf(heading[1] ?? '') === anchor)) broken.push(target);
    }
  }
  return broken;
}

it.each(pages)('each link of %s leads somewhere', (page) => {
  expect(brokenLinksOf(page)).toEqual([]);
});
