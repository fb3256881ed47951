import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const rules = [
  ...textOf('infra/prometheus/alerts.yaml').matchAll(/- alert: (\w+)\n([\s\S]*?)runbook: (\S+)/g),
];
const runbook = new Map(
  textOf('docs/operations.md')
    .split(/^### /m)
    .map((part) => [part.split('\n')[0] ?? '', part.split(/^## /m)[0] ?? ''] as const),
);

describe('the runbook of the alerts', () => {
  it('has a part for each rule, and no other', () => {
    expect(rules.length).toBeGreaterThan(20);
    expect([...runbook.keys()].filter((name) => name.startsWith('Loopwell')).sort()).toEqual(
      rules.map(([, name]) => name).sort(),
    );
  });

  it.each(rules.map(([, name = '', , link = '']) => [name, link]))(
    '%s says what it means, who acts, what to do, and when it is over',
    (name, link) => {
      expect(link).toBe(`docs/operations.md#${name.toLowerCase()}`);
      const [meaning = '', rest = ''] = (runbook.get(name) ?? '')
        .slice(name.length)
        .split('**Who:**');
      expect(meaning.trim().length).toBeGreaterThan(20);
      expect(rest).toMatch(/\S[\s\S]*\*\*Do:\*\*\s+\S[\s\S]*\*\*Over\s+when\*\*\s+\S/);
    },
  );
});
