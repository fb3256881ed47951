import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { access, readRunTotals, timelineOf } from '@loopwell/store';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { tasksAtPartners } from './counting.ts';
import { type Harness, openHarness, type Resource, until } from './harness.ts';
import { hungryPeople, pantryDirectory } from './population.ts';
import { hasRedisServer, startRedis } from './redis.ts';

const pantry = 'northside-food';
const onRedis = /^rediss?:/.test(process.env.QUEUE_URL ?? '');

/** What must show up nowhere but in records, and with whom they are shared. */
const canaries = [
  'Kanariname',
  'Kanarigiven',
  '1911-11-11',
  'KANARI-MRN',
  'Kanaristrasse',
  'kanari-phone',
  'kanari-answer',
  'kanari-goal',
  'kanari-words',
  'kanari-upset',
];

/** Marked people; some of their records cannot be read, by us or by the database. */
function markedPeople(): Resource[] {
  const marked = hungryPeople(8).map((resource): Resource => {
    if (resource.resourceType === 'Patient') {
      return {
        ...resource,
        name: [{ family: 'Kanariname', given: ['Kanarigiven'] }],
        birthDate: '1911-11-11',
        identifier: [{ system: 'urn:oid:1.2.3', value: `KANARI-MRN-${resource.id}` }],
        address: [{ line: ['77 Kanaristrasse'] }],
        telecom: [{ system: 'phone', value: 'kanari-phone' }],
      };
    }
    if (resource.resourceType === 'Goal')
      return { ...resource, description: { text: 'kanari-goal' } };
    if (resource.resourceType === 'Encounter')
      return { ...resource, reasonCode: [{ text: 'kanari-words' }] };
    if (resource.resourceType !== 'QuestionnaireResponse') return resource;
    return {
      ...resource,
      item: [
        ...(resource.item as object[]),
        { linkId: '/99999-9', text: 'kanari-words', answer: [{ valueString: 'kanari-answer' }] },
      ],
    };
  });
  const answers = marked.find((one) => one.resourceType === 'QuestionnaireResponse') as Resource;
  return [
    ...marked,
    {
      resourceType: 'Encounter',
      id: 'no-subject',
      status: 'finished',
      reasonCode: [{ text: 'kanari-words' }],
    } as unknown as Resource,
    {
      ...answers,
      id: 'odd-answers',
      item: [
        {
          linkId: '/88122-7',
          answer: [{ valueString: 'kanari-answer', valueCoding: { code: 'kanari-answer' } }],
        },
      ],
    },
    {
      resourceType: 'Observation',
      id: 'two-values',
      status: 'final',
      category: [{ coding: [{ code: 'survey' }] }],
      subject: { reference: 'Patient/hungry-1' },
      valueString: 'kanari-answer',
      valueInteger: 1,
    } as unknown as Resource,
    {
      resourceType: 'Observation',
      id: 'odd-subject',
      status: 'final',
      category: [{ coding: [{ code: 'survey' }] }],
      subject: { reference: 'Kanariname', display: 'Kanarigiven' },
    } as unknown as Resource,
  ];
}

/** All rows of some tables as text. */
async function textOf(harness: Harness, tables: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    tables.map(async (table) =>
      (await harness.db.query<{ text: string }>(`select t::text as text from ${table} t`)).rows.map(
        (row) => row.text,
      ),
    ),
  );
  return parts.flat().join('\n');
}

async function queueText(harness: Harness): Promise<string> {
  if (onRedis) {
    // Everything in one go, uncompressed.
    return spawnSync('redis-cli', ['-u', harness.queueUrl, '--rdb', '-'], {
      maxBuffer: 1 << 28,
    }).stdout.toString('latin1');
  }
  const { rows } = await harness.db.query<{ name: string }>(
    "select format('bullmq.%I', tablename) as name from pg_tables where schemaname = 'bullmq'",
  );
  return textOf(
    harness,
    rows.map((row) => row.name),
  );
}

function cli(harness: Harness, args: readonly string[]): string {
  const main = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    env: { ...process.env, DATABASE_URL: harness.databaseUrl, LOOPWELL_LOG: 'debug' },
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}

describe.skipIf(onRedis && !hasRedisServer)('what people have told', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('shows up in no queue, log, metric, trace, URL, receipt, history or error, however much goes wrong', {
    timeout: 150_000,
  }, async () => {
    const redis = onRedis ? await startRedis() : undefined;
    const harness = await openHarness({
      ehrs: { clinic: markedPeople() },
      partners: [{ name: pantry, behavior: 'finish', stepMs: 300 }],
      directory: pantryDirectory,
      ...(redis ? { queueUrl: redis.url } : {}),
    });
    closing.push(harness.close, async () => redis?.close());
    const quoting = {
      effect: 'status',
      issueCode: 'invalid',
      text: 'Kanariname, born 1911-11-11, said kanari-answer',
    };
    await harness.faults('partners', pantry, [
      { ...quoting, method: 'POST', path: '/Task', times: 1, status: 422 },
      { ...quoting, method: 'POST', path: '/Task', times: 1, status: 503 },
    ]);
    await harness.faults('ehr', 'clinic', [
      { ...quoting, method: 'GET', path: '/Observation', times: 2, status: 500 },
      { method: 'GET', path: '/Goal', times: 1, effect: 'truncated' },
      { ...quoting, method: 'POST', path: '/Condition', times: 1, status: 422 },
      { ...quoting, method: 'POST', path: '/Observation', times: 1, status: 500 },
    ]);
    const worker = harness.startWorker({ port: await freePort(), acceptByMs: 600_000 });
    const { address } = await worker.ready;
    // A database that is upset and quotes what it was given, as PostgreSQL does.
    await harness.db.query(`create function upset() returns trigger language plpgsql as $$ begin
        if new.person in (select person from ehr_resource where source_id = 'hungry-5') then raise exception 'kanari-upset about Kanariname %', new.person; end if;
        return new; end $$`);
    await harness.db.query(
      'create trigger upset before insert on receipt for each row execute function upset()',
    );
    await until(
      'six loops are closed',
      async () =>
        (await tasksAtPartners(harness, [pantry])).filter((one) => one.status === 'completed')
          .length === 6,
      60_000,
    );
    await until(
      'the upset row has failed',
      async () =>
        (await harness.db.query("select 1 from ledger where error_code = 'INTERNAL'")).rows.length >
        0,
    );
    await until(
      'what the EHR refused is listed',
      async () => (await harness.db.tx((tx) => readRunTotals(tx, 'default'))).writeBack.refused > 0,
    );

    const token = await harness.db.tx((tx) =>
      access.grantAccess(
        tx,
        {
          tenant: 'default',
          kind: 'service',
          principal: 'service:test',
          roles: [],
          routes: ['GET /metrics'],
        },
        { ttlMs: 600_000 },
      ),
    );
    const metrics = await fetch(`${address}/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(metrics.status).toBe(200);
    const requests = (await (await fetch(`${harness.address}/admin/requests`)).json()) as string[];
    const timelines = await Promise.all(
      ['hungry-1-visit', 'hungry-5-visit', 'no-subject'].map((id) =>
        harness.db.tx((tx) => timelineOf(tx, 'default', id)),
      ),
    );
    const odd = await fetch(`${address}/fhir/Patient/Kanariname`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const places: Record<string, string> = {
      queue: await queueText(harness),
      logs: worker.errors(),
      metrics: await metrics.text(),
      history: await textOf(harness, ['history']),
      ledger: await textOf(harness, ['ledger', 'pull_cursor']),
      receipts: await textOf(harness, ['receipt', 'consent_decision', 'write_back', 'task']),
      reasons: (
        await harness.db.query<{ text: string }>(
          "select concat_ws(' ', code, facts) as text from quarantine",
        )
      ).rows
        .map((row) => row.text)
        .join('\n'),
      urls: requests.join('\n'),
      timelines: JSON.stringify(timelines),
      errors: await odd.text(),
      status: cli(harness, ['status']),
      trace: cli(harness, ['trace', 'hungry-1-visit']) + cli(harness, ['trace', 'Nobody']),
    };
    // Only a place that was really looked into shows anything.
    for (const name of [
      'logs',
      'metrics',
      'history',
      'ledger',
      'receipts',
      'reasons',
      'urls',
      'timelines',
      'status',
      'trace',
    ])
      expect(places[name]?.length, name).toBeGreaterThan(20);
    const leaks = Object.entries(places).flatMap(([place, text]) =>
      canaries.filter((one) => text.includes(one)).map((one) => `${one} in ${place}`),
    );
    expect(leaks).toEqual([]);
  });
});
