import { newId } from '@loopwell/kit';
import { access, directory, holds, wake } from '@loopwell/store';
import { expect, it } from 'vitest';
import { partnerRows } from '../../services/cli/src/input-files/partners-file.ts';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { type Harness, openHarness, type Resource, until } from './harness.ts';
import { populationOf, respondingDirectory, respondingPartners } from './population.ts';

/**
 * Workers, reviewers, operators, partners and an EHR that all change the same things at once.
 * PostgreSQL looks for a circle of waiters after 10 ms here; with one order of locks (CONVENTIONS,
 * "Data and side effects") there is none to be found.
 */
const tenant = 'default';
const rounds = 40;
const routes = [
  'POST /api/v1/reviews/decisions',
  'POST /api/v1/holds',
  'DELETE /api/v1/holds/:scope',
  'POST /api/v1/ledger/actions',
];

/** The same choices in each run: a row of numbers that look like chance. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

const today = new Date().toISOString().slice(0, 10);
const decisions = [
  { decision: 'approve' },
  { decision: 'agree', agreedOn: today, askedBy: 'a nurse' },
  { decision: 'recordConsent', dateTime: today, scope: 'to share', askedBy: 'a nurse' },
  { decision: 'withdrawConsent' },
  { decision: 'withdrawAgreement' },
  { decision: 'askNext' },
  { decision: 'refuse', reason: 'A drill' },
  { decision: 'closeWithoutHelp', reason: 'A drill' },
];

type Desk = (method: string, path: string, body?: object) => Promise<number>;

async function openDesk(harness: Harness, addresses: readonly string[]): Promise<Desk> {
  const secret = await harness.db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'service',
      principal: 'service:drill',
      roles: [],
      routes,
    }),
  );
  let turn = 0;
  return async (method, path, body) => {
    turn += 1;
    const response = await fetch(`${addresses[turn % addresses.length]}${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    await response.text();
    return response.status;
  };
}

/** Everybody who changes something, each in a line of their own. */
function people(
  harness: Harness,
  ask: Desk,
  resources: readonly Resource[],
  partnersAt: ReturnType<typeof partnerRows>,
) {
  const some = async (from: string, sides: number) =>
    (
      await harness.db.query<{ id: string }>(`select ${from} order by random() limit $1`, [sides])
    ).rows.map((one) => one.id);
  const consents = resources.filter((one) => one.resourceType === 'Consent');
  const answers = resources.filter((one) => one.resourceType === 'QuestionnaireResponse');
  const reviewer = (roll: (sides: number) => number) => async () => {
    const referrals = await some(
      "id from referral where state in ('waiting', 'partner')",
      1 + roll(6),
    );
    if (referrals.length === 0) return [];
    return [
      await ask('POST', '/api/v1/reviews/decisions', {
        referrals,
        ...decisions[roll(decisions.length)],
      }),
    ];
  };
  const operator = (roll: (sides: number) => number) => async () => {
    const scope =
      ['all', `partner:${partnersAt[0]?.id}`, 'ehr:clinic', 'connection:clinic'][roll(4)] ?? 'all';
    const set = await ask('POST', '/api/v1/holds', { scope });
    const rows = (
      await some("stage || ' ' || subject as id from ledger where stage <> 'pull'", 8)
    ).map((one) => one.split(' '));
    const action = {
      action: 'retry',
      reason: 'transient',
      rows: rows.map(([stage, subject]) => ({ stage, subject })),
    };
    const retried = rows.length > 0 ? await ask('POST', '/api/v1/ledger/actions', action) : 200;
    return [set, retried, await ask('DELETE', `/api/v1/holds/${encodeURIComponent(scope)}`)];
  };
  const librarian = (roll: (sides: number) => number) => async () => {
    await harness.db.tx(async (tx) => {
      await directory.saveDirectory(tx, tenant, roll(3) === 0 ? partnersAt.slice(1) : partnersAt);
      await wake(tx, tenant, newId());
    });
    return [];
  };
  const chart = (roll: (sides: number) => number) => async () => {
    const consent = {
      ...consents[roll(consents.length)],
      status: roll(2) === 0 ? 'inactive' : 'active',
    } as Resource;
    const answer = {
      ...answers[roll(answers.length)],
      status: roll(2) === 0 ? 'amended' : 'completed',
    } as Resource;
    await harness.put('clinic', [consent, answer]);
    return [];
  };
  return [
    reviewer(dice(1)),
    reviewer(dice(2)),
    reviewer(dice(3)),
    operator(dice(4)),
    librarian(dice(5)),
    chart(dice(6)),
    chart(dice(7)),
  ];
}

async function deadlocks(harness: Harness): Promise<number> {
  const { rows } = await harness.db.query<{ n: number }>(
    'select deadlocks as n from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]?.n);
}

it('nobody ever waits in a circle, whoever changes what at the same moment', {
  timeout: 600_000,
}, async () => {
  const { resources } = populationOf(60);
  const harness = await openHarness({
    ehrs: { clinic: resources },
    partners: respondingPartners,
    directory: respondingDirectory,
  });
  try {
    await harness.db.query(
      `alter database ${new URL(harness.databaseUrl).pathname.slice(1)} set deadlock_timeout = '10ms'`,
    );
    const ports = [await freePort(), await freePort()];
    const publicUrl = `http://127.0.0.1:${ports[0]}`;
    const common = { publicUrl, acceptByMs: 2_000, readsOn: true, reconcileMs: 200 };
    const workers = ports.map((port) => harness.startWorker({ ...common, port }));
    await Promise.all(workers.map((one) => one.ready));
    const before = await deadlocks(harness);
    const addresses = ports.map((port) => `http://127.0.0.1:${port}`);
    const isOpen = async () =>
      (await harness.db.query('select 1 from referral limit 20')).rows.length === 20;
    await until('there are referrals', isOpen, 180_000);
    const partnersAt = partnerRows(
      respondingDirectory((name) => `${harness.address}/partners/${name}/fhir`),
      tenant,
    );
    const statuses: number[] = [];
    const lines = people(harness, await openDesk(harness, addresses), resources, partnersAt).map(
      async (turn) => {
        for (let round = 0; round < rounds; round += 1) statuses.push(...(await turn()));
      },
    );
    // Somebody starts while the others are at it: all lanes are opened anew.
    const late = harness.startWorker({ ...common, port: await freePort() });
    await Promise.all([late.ready, ...lines]);
    for (const scope of await harness.db.tx((tx) => holds.loadHolds(tx, tenant)))
      expect(scope).toBeUndefined();
    expect([...workers, late].map((one) => one.exited())).toEqual([false, false, false]);
    await Promise.all([...workers, late].map((one) => one.kill()));
    const others = async () =>
      (
        await harness.db.query(
          "select 1 from pg_stat_activity where datname = current_database() and application_name not like 'loopwell'",
        )
      ).rows.length;
    await until('all sessions have ended', async () => (await others()) === 0);
    // Enough was really done for a circle to be found: decisions, releases and retries were taken.
    expect(statuses.filter((one) => one < 300).length).toBeGreaterThan(rounds);
    expect(statuses.filter((one) => one >= 500)).toEqual([]);
    expect((await deadlocks(harness)) - before).toBe(0);
  } finally {
    await harness.close();
  }
});
