import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { madeColumns, madeRowsOf } from './made-rows.ts';

const textOf = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

describe('the floor of the bench', () => {
  it('is frozen: neither its tables nor its rows change', () => {
    expect({ tables: hashOf(textOf('tables.sql')), rows: hashOf(textOf('rows.json')) }).toEqual({
      tables: '0b23ce9bb8a09fa4',
      rows: 'a44266c9a9111f73',
    });
  });

  it('imports nothing of the product', () => {
    const sources = [textOf('made-rows.ts'), textOf('../floor-process.ts')];
    for (const source of sources) expect(source).not.toMatch(/@loopwell\/|services\/|packages\//);
  });

  it('makes rows of as many columns as are inserted, with ids that no two people share', () => {
    const ids = new Set<unknown>();
    let count = 0;
    for (let person = 0; person < 600; person += 1) {
      const made = madeRowsOf(person);
      for (const [table, columns] of Object.entries(madeColumns))
        for (const row of made[table] ?? []) expect(row).toHaveLength(columns.length);
      for (const row of made.own_resource ?? []) ids.add(row[0]);
      count += made.own_resource?.length ?? 0;
    }
    expect(count).toBe(4_900);
    expect(ids.size).toBe(count);
  });
});
