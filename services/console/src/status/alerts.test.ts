import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { measureNames } from './measures.ts';

it('has every number that an alert rule asks for', () => {
  const rules = readFileSync(new URL('../../../../infra/prometheus/alerts.yaml', import.meta.url), 'utf8');
  const asked = new Set([...rules.matchAll(/\bloopwell_[a-z_]+/g)].map(([name]) => name).filter((name) => name !== 'loopwell_'));
  expect(asked.size).toBeGreaterThan(5);
  expect([...asked].filter((name) => !measureNames.includes(name))).toEqual([]);
});
