import { randomBytes } from 'node:crypto';
import { wire } from '@loopwell/intake';
import { newId, silentLog, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, stageNames, startRunner } from '@loopwell/pipeline';
import { startSandbox } from '@loopwell/sandbox';
import {
  connections,
  ledger,
  migrate,
  openDatabase,
  placeOfConnection,
  pullCursors,
  secretsWith,
} from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { expect, it } from 'vitest';

it('a key that does not fit parks nothing, and the right one brings everything back by itself', {
  timeout: 180_000,
}, async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  const db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
  const sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [{ name: 'a', token: 'ehr-bearer' }],
    partners: [],
  });
  const [right, wrong] = [
    secretsWith(randomBytes(32).toString('hex')),
    secretsWith(randomBytes(32).toString('hex')),
  ];
  const place = { tenant: 'o', id: 'a' };
  const types = ['Patient', 'Encounter', 'Condition'];
  await db.tx(async (tx) => {
    const settings = {
      base: sandbox.ehrBase('a'),
      quirks: 'plain-r4',
      client: {},
      patients: [],
      aliases: [],
      since: null,
    };
    const secret = right.seal('ehr-bearer', placeOfConnection(place));
    await connections.saveConnectionSettings(tx, {
      ...place,
      ...settings,
      credentials: 'bearer',
      secret,
    });
    const cursors = types.map((type) => ({
      id: newId(),
      tenant: 'o',
      connection: 'a',
      type,
      scope: '',
      since: null,
    }));
    await pullCursors.addCursors(tx, cursors);
    await ledger.due(
      tx,
      cursors.map((lane) => ({
        tenant: 'o',
        stage: 'pull',
        subject: lane.id,
        batch: newId(),
        trace: newId(),
      })),
    );
  });
  const queues = await openQueues({
    tenant: 'o',
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  const workWith = async (secrets: typeof right, until: () => Promise<boolean>) => {
    const outbound = createOutbound({
      allowedPrivateOrigins: [sandbox.address],
      requestTimeoutMs: 20_000,
    });
    const settings = {
      writeBack: false,
      once: false,
      overlapMs: 0,
      marginMs: 0,
      coalesceMs: 10,
      intervalMs: 60_000,
      leaseMs: 30_000,
    };
    const intake = wire(settings, [], {
      db,
      nudge: queues.nudge,
      outbound,
      clock: systemClock,
      log: silentLog,
      secrets,
      tell: () => {},
    });
    const runner = startRunner({ queues, works: intake.works, intervalMs: 200, log: silentLog });
    await expect.poll(until, { timeout: 60_000 }).toBe(true);
    await intake.close();
    await runner.close();
    await outbound.close();
  };
  const rows = async () =>
    (
      await db.query<{ waits_for: string; error_code: string | null; attempts: number }>(
        'select waits_for, error_code, attempts from ledger',
      )
    ).rows;
  try {
    await workWith(wrong, async () => (await rows()).every((one) => one.waits_for === 'operator'));
    expect(await rows()).toEqual(
      types.map(() => ({ waits_for: 'operator', error_code: null, attempts: 0 })),
    );
    // As time passes by.
    await db.query("update ledger set due = now() where waits_for = 'operator'");
    await workWith(right, async () => (await rows()).every((one) => one.waits_for === 'ehr'));
  } finally {
    await queues.close();
    await sandbox.close();
    await db.close();
    await scratch.close();
  }
});
