import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../program.ts';

let [printed, stderr] = ['', ''];
beforeEach(() => {
  [printed, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) =>
    Boolean((printed += String(text))),
  );
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
});
afterEach(() => vi.restoreAllMocks());

async function codes(...args: string[]) {
  [printed, stderr] = ['', ''];
  return { status: await main(['codes', ...args], {}), printed, said: stderr };
}

type Listed = {
  id: string;
  version: string;
  fingerprint: string;
  questions: number;
  answers: number;
  verified: number;
  unverified: number;
};
type Row = {
  question: string;
  answer?: string;
  source: string;
  version: string;
  validFrom: string;
  validTo?: string;
  verified: boolean;
};
const list = async (...args: string[]) =>
  JSON.parse((await codes('list', '--json', ...args)).printed) as (Listed & { rows?: Row[] })[];

describe('loopwell codes', () => {
  it('lists each table with its version and what no source verifies, and each row with source, version and validity', async () => {
    const tables = await list('--rows');
    expect(tables.map((one) => one.id)).toContain('prapare');
    for (const { rows = [], ...table } of tables) {
      expect([
        table.id,
        table.questions + table.answers,
        table.verified + table.unverified,
      ]).toEqual([table.id, rows.length, rows.length]);
      expect(rows.filter((row) => !row.verified)).toHaveLength(table.unverified);
      expect(
        rows.filter(
          (row) =>
            row.source === '' || row.version === '' || !/^\d{4}-\d{2}-\d{2}$/.test(row.validFrom),
        ),
      ).toEqual([]);
    }
    expect(tables.reduce((sum, one) => sum + one.unverified, 0)).toBeGreaterThan(0);
    expect((await codes('list', '--rows')).printed).toMatch(
      /^prapare 2026\.11 \([0-9a-f]{12}\), in force from 2025-10-01 on: /m,
    );
  });

  it('writes the tables to an empty folder, from which they come back the same', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'loopwell-codes-')), '2026.11');
    expect((await codes('export', folder)).status).toBe(0);
    const byId = (some: Listed[]) => [...some].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId(await list(folder))).toEqual(byId(await list()));
    expect(await codes('export', folder)).toMatchObject({
      status: 2,
      printed: '',
      said: expect.stringContaining('not empty'),
    });
    expect(readdirSync(folder)).toHaveLength((await list()).length);
  });

  it('gives a row what its table says, unless the row says otherwise, and refuses a day that is none', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'loopwell-codes-')), 'other');
    await codes('export', folder);
    const file = join(folder, 'hunger-vital-sign.json');
    const table = JSON.parse(readFileSync(file, 'utf8'));
    Object.assign(table.questions[0], { source: 'elsewhere', validTo: '2030-09-30' });
    Object.assign(table.questions[0].answers[0], { version: '2027.01', validFrom: '2026-10-01' });
    writeFileSync(file, JSON.stringify(table));
    const hunger = (await list('--rows', folder)).find((one) => one.id === 'hunger-vital-sign');
    const [question, first, second] = hunger?.rows ?? [];
    const closed = { source: 'elsewhere', validTo: '2030-09-30' };
    expect([question, first, second]).toMatchObject([
      { ...closed, version: '2026.11', validFrom: '2025-10-01' },
      { ...closed, version: '2027.01', validFrom: '2026-10-01' },
      { ...closed, version: '2026.11', validFrom: '2025-10-01' },
    ]);
    const fingerprint = (await list()).find((one) => one.id === 'hunger-vital-sign')?.fingerprint;
    expect([hunger?.version, hunger?.fingerprint]).not.toEqual(['2026.11', fingerprint]);
    table.questions[0].answers[0].validFrom = 'soon';
    writeFileSync(file, JSON.stringify(table));
    expect(await codes('list', folder)).toMatchObject({
      status: 2,
      said: expect.stringContaining('questions.0.answers.0.validFrom'),
    });
  });
});
