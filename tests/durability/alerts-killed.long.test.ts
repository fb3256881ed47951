import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newId } from '@loopwell/kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type Database,
  dutyAlerts,
  migrate,
  onDuty,
  openDatabase,
} from '../../packages/store/src/index.ts';
import { queueUrl, testDatabase } from '../../packages/testing/src/index.ts';
import type { CaughtMail } from '../../services/sandbox/src/index.ts';
import type { AlertWorkerOptions } from './alert-worker.ts';
import { startProcess, type TestProcess } from './process.ts';

/**
 * The worker that tells people on duty is killed between a receipt and its mail, twenty times at
 * random moments. The mail server is a process of its own; what its inbox holds is what counts.
 */
const [tenant, kills, slowestMs] = ['lakes', 20, 600];
const text = 'Someone needs you. Open the list or call 612-555-0100.';
const sandboxFile = fileURLToPath(new URL('../../services/sandbox/src/main.ts', import.meta.url));
const workerFile = fileURLToPath(new URL('alert-worker.ts', import.meta.url));

let scratch: { url: string; close: () => Promise<void> };
let db: Database;
let folder: string;
const running: TestProcess[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loopwell-alerts-'));
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 4 });
});
afterEach(async () => {
  for (const process of running.splice(0)) await process.kill();
  await db.close();
  await scratch.close();
  rmSync(folder, { recursive: true, force: true });
});

const fileOf = (name: string, content: object): string => {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
};
const start = (file: string, environment: Record<string, string>): TestProcess => {
  const process = startProcess(file, environment);
  running.push(process);
  return process;
};

async function openSandbox() {
  const options = { port: 0, host: '127.0.0.1', ehrs: [], partners: [] };
  const sandbox = start(sandboxFile, { SANDBOX_OPTIONS: fileOf('sandbox', options) });
  const { address, mailUrl } = (await sandbox.ready) as { address: string; mailUrl: string };
  await fetch(`${address}/outbox/mail/manner`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ does: 'takes', upToMs: slowestMs }),
  });
  const inbox = async () => (await (await fetch(`${address}/outbox/mail`)).json()) as CaughtMail[];
  return { mailUrl, inbox };
}

type Receipt = { id: string; alerts: string[]; state: string; attempts: number };
const receipts = async () =>
  (
    await db.query<Receipt>(
      'select id, alerts, state, attempts from duty_message where tenant = $tenant',
    )
  ).rows;

it('never leaves anybody untold', { timeout: 600_000 }, async () => {
  const { mailUrl, inbox } = await openSandbox();
  await db.tx((tx) =>
    onDuty.changeOnDuty(tx, {
      people: [{ name: 'Ada', email: 'ada@clinic.org' }],
      phone: '612-555-0100',
      by: 'person:lead',
    }),
  );
  const options: AlertWorkerOptions = {
    ...{ tenant, mailUrl, databaseUrl: scratch.url, queueUrl: queueUrl(scratch.url) },
    leaseMs: 300,
  };
  const environment = { ALERT_WORKER: fileOf('worker', options) };
  const raise = async () => {
    const source = newId();
    const cause = { person: newId(), kind: 'see-first' as const, answeredAt: new Date(), source };
    await db.tx((tx) => dutyAlerts.raiseAlerts(tx, [cause]));
    return source;
  };
  const hasReceipt = async (source: string) =>
    (
      await db.query(
        `select 1 from duty_alert a join duty_message m on m.tenant = $tenant and a.id = any(m.alerts)
          where a.tenant = $tenant and a.source = $1`,
        [source],
      )
    ).rows.length > 0;

  let between = 0;
  let worker = start(workerFile, environment);
  for (let kill = 0; kill < kills; kill += 1) {
    await worker.ready;
    worker.signal('SIGUSR2');
    const next = start(workerFile, environment);
    const before = (await inbox()).length;
    const source = await raise();
    await expect.poll(() => hasReceipt(source), { interval: 10, timeout: 60_000 }).toBe(true);
    await sleep(Math.random() * slowestMs);
    await worker.kill();
    if ((await inbox()).length === before) between += 1;
    worker = next;
  }
  await worker.ready;
  worker.signal('SIGUSR2');
  const untold = async () =>
    (await db.query('select 1 from duty_alert where tenant = $tenant and told_at is null')).rows
      .length;
  await expect.poll(untold, { timeout: 60_000 }).toBe(0);

  const mails = await inbox();
  const ids = new Set(mails.map(({ id }) => id));
  const delivered = (await receipts()).filter(({ id }) => ids.has(`<${id}@clinic.org>`));
  const told = new Set(delivered.flatMap(({ alerts }) => alerts));
  expect(told.size).toBe(kills);
  expect(new Set(mails.map((mail) => mail.text))).toEqual(new Set([text]));
  // Kills that came before the mail arrived: without them this test would show nothing.
  expect(between).toBeGreaterThan(kills / 4);
});
