import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = read('docs/stable.md');
const methods = ['get', 'post', 'put', 'patch', 'delete'];

function describedRoutes(): string[] {
  const routes: string[] = [];
  for (const service of ['console', 'coordination', 'enrichment', 'intake', 'referral']) {
    const { paths } = parse(read(`openapi/${service}.yaml`)) as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths))
      for (const method of Object.keys(operations))
        if (methods.includes(method)) routes.push(`${method.toUpperCase()} ${path}`);
  }
  return routes.sort();
}

it('the page of stable names lists exactly the routes of the API', () => {
  const listed = [...page.matchAll(/^\| `([A-Z]+ \/api\/[^`]*)`/gm)].map((match) => match[1]);
  expect(listed.sort()).toEqual(describedRoutes());
});
