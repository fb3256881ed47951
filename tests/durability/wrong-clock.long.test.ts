import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { type Harness, openHarness, type Resource, until } from './harness.ts';
import { hungryPeople, pantryDirectory } from './population.ts';

const pantry = 'northside-food';
const day = 86_400_000;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Hungry people whose consents end after so many milliseconds. */
const consenting = (ends: readonly number[]): Resource[] =>
  hungryPeople(ends.length).map((resource): Resource => {
    const index = ends.findIndex((_, at) => resource.id === `hungry-${at}-consent`);
    if (index < 0) return resource;
    return {
      ...resource,
      provision: {
        type: 'permit',
        period: { end: new Date(Date.now() + (ends[index] ?? 0)).toISOString() },
      },
    };
  });

async function openAt(offMs: number, ends: readonly number[]) {
  const partners = [{ name: pantry, behavior: 'silent' as const, stepMs: 300 }];
  const harness = await openHarness({
    ehrs: { clinic: consenting(ends) },
    partners,
    directory: pantryDirectory,
  });
  closing.push(harness.close);
  const worker = harness.startWorker({
    port: await freePort(),
    acceptByMs: day,
    clockOffMs: offMs,
  });
  return { harness, address: (await worker.ready).address };
}

/** Whose need is where, by Patient id. */
async function placesOf(harness: Harness): Promise<Record<string, string>> {
  const { rows } = await harness.db.query<{ id: string; place: string }>(
    `select p.source_id as id, coalesce(r.gate, r.state) as place from referral r
       join ehr_resource p on p.person = r.person and p.type = 'Patient' order by 1`,
  );
  return Object.fromEntries(rows.map((row) => [row.id, row.place]));
}

/** Every instant that anybody wrote, further away than an hour in either direction, by column. */
async function strangeTimes(harness: Harness): Promise<string[]> {
  const { rows: columns } = await harness.db.query<{ table: string; column: string }>(
    `select c.table_name as table, c.column_name as column from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'loopwell' and c.data_type = 'timestamp with time zone' and t.table_type = 'BASE TABLE' order by 1, 2`,
  );
  const times: string[] = [];
  for (const { table, column } of columns) {
    const { rows } = await harness.db.query(
      `select 1 from ${table} where isfinite(${column}) and abs(extract(epoch from ${column} - now())) > 3600 limit 1`,
    );
    if (rows.length > 0) times.push(`${table}.${column}`);
  }
  return times;
}

/** What lies ahead on purpose: a deadline, and the end of a consent. */
const ahead = [
  'consent_decision.until',
  'disclosure_grant.until',
  'referral.next_until',
  'task.accept_by',
  'task.half_at',
  'task.contact_by',
  'task.serve_by',
];

it('a clock two days behind lets nothing go on a consent that has ended', {
  timeout: 120_000,
}, async () => {
  const { harness, address } = await openAt(-2 * day, [-3_600_000, day]);
  await until(
    'the partner has one Task',
    async () => (await harness.dump('partners', pantry, 'Task')).length > 0,
  );
  const isSettled = async () =>
    Object.values(await placesOf(harness))
      .sort()
      .join() === 'consent,partner';
  await until('the other waits', isSettled);
  expect(await placesOf(harness)).toEqual({ 'hungry-0': 'consent', 'hungry-1': 'partner' });
  expect(await harness.dump('partners', pantry, 'Task')).toHaveLength(1);
  expect((await strangeTimes(harness)).filter((one) => !ahead.includes(one))).toEqual([]);
  const ready = await fetch(`${address}/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    expect.objectContaining({
      reasons: {
        clock: expect.stringMatching(
          /^The clock of this machine and the database's differ by 17\d{4} s/,
        ),
      },
    }),
  ]);
});

it('a clock two days ahead ends no consent and no deadline, and dates nothing two days ahead', {
  timeout: 120_000,
}, async () => {
  const { harness } = await openAt(2 * day, [day]);
  await until(
    'the partner has it',
    async () => (await harness.dump('partners', pantry, 'Task')).length > 0,
  );
  const looks = async () =>
    (
      (await (await fetch(`${harness.address}/admin/requests`)).text()).match(
        new RegExp(`partners/${pantry}/fhir/Task`, 'g'),
      ) ?? []
    ).length;
  const before = await looks();
  await until('it was looked at again', async () => (await looks()) > before + 2);
  expect(await placesOf(harness)).toEqual({ 'hungry-0': 'partner' });
  expect(
    (await harness.dump<Resource & { status: string }>('partners', pantry, 'Task')).map(
      (one) => one.status,
    ),
  ).toEqual(['requested']);
  expect((await strangeTimes(harness)).filter((one) => !ahead.includes(one))).toEqual([]);
  const { rows } = await harness.db.query<{ hours: number }>(
    'select round(extract(epoch from accept_by - now()) / 3600)::int as hours from task',
  );
  expect(rows).toEqual([{ hours: 24 }]);
  const wrongDay = new Date(Date.now() + 2 * day).toISOString().slice(0, 10);
  const bodies = [
    ...(await harness.dump('partners', pantry, 'Task')),
    ...(await harness.db.query('select body from own_resource')).rows,
  ];
  expect(JSON.stringify(bodies)).not.toContain(wrongDay);
});
