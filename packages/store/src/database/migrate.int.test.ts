import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { testDatabase } from '@loopwell/testing';
import { expect, it } from 'vitest';
import { openDatabase } from './database.ts';

const folder = new URL('../migrations/', import.meta.url);

it('makes work again of what earlier releases ended without asking anybody', async () => {
  const scratch = await testDatabase();
  const db = openDatabase({ url: scratch.url, max: 1 });
  try {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
    const run = async (some: readonly string[]) => {
      for (const name of some) await db.query(await readFile(new URL(name, folder), 'utf8'));
    };
    await db.query('create schema if not exists loopwell');
    await run(files.filter((name) => name < '0018'));
    const [person, other] = [randomUUID(), randomUUID()];
    const referral = async (of: string, category: string, episode: number, state: string) => {
      const id = randomUUID();
      await db.query(
        `insert into referral (id, tenant, connection, person, category, episode, state, unambiguous, sensitive, conditions, since, trace)
         values ($1, 'o', 'c', $2, $3, $4, $5, true, false, '[]', '2026-01-01', $1)`,
        [id, of, category, episode, state],
      );
      return id;
    };
    const task = (id: string, status: string) =>
      db.query(
        `insert into task (id, tenant, referral, person, attempt, partner, channel, address, receipt_key, status, live)
         values ($1, 'o', $2, $1, 1, 'p', 'fhir-rest', 'https://p.example', $3, $4, false)`,
        [randomUUID(), id, randomUUID(), status],
      );
    const declined = await referral(person, 'food-insecurity', 1, 'failed');
    const failed = await referral(other, 'food-insecurity', 1, 'failed');
    const before = await referral(person, 'homelessness', 1, 'failed');
    const again = await referral(person, 'homelessness', 2, 'waiting');
    const helped = await referral(other, 'homelessness', 1, 'closed');
    await task(declined, 'rejected');
    await task(failed, 'failed');
    await run(files.filter((name) => name >= '0018'));
    const { rows } = await db.query<{
      id: string;
      state: string;
      gate: string | null;
      without_help: string | null;
    }>('select id, state, gate, without_help from referral');
    const of = (id: string) => rows.find((row) => row.id === id);
    expect(of(declined)).toMatchObject({
      state: 'waiting',
      gate: 'withoutHelp',
      without_help: 'all-declined',
    });
    expect(of(failed)).toMatchObject({
      state: 'waiting',
      gate: 'withoutHelp',
      without_help: 'partner-failed',
    });
    expect([of(before)?.state, of(again)?.state, of(helped)?.state]).toEqual([
      'failed',
      'waiting',
      'closed',
    ]);
    const due = await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer' and waits_for = 'worker' order by 1",
    );
    expect(due.rows.map((row) => row.subject)).toEqual([declined, failed].sort());
  } finally {
    await db.close();
    await scratch.close();
  }
});
