import { type fhir4, systems } from '@loopwell/fhir';
import { access, readRunTotals, timelineOf } from '@loopwell/store';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { type Harness, openHarness, type Resource, until } from './harness.ts';
import { hungryPeople, pantryDirectory } from './population.ts';

const [first, second] = ['northside-food', 'southside-food'] as const;

/** Two pantries that serve the same need, one after the other. */
function twoPantries(baseOf: (name: string) => string): fhir4.Bundle {
  const bundle = pantryDirectory(baseOf);
  const other = JSON.parse(
    JSON.stringify(bundle.entry).replaceAll(first, second),
  ) as fhir4.BundleEntry[];
  return { ...bundle, entry: [...(bundle.entry ?? []), ...other] };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A concept with words in each of its places. */
const concept = (word: string, code = '710925007') => ({
  text: `${word} text`,
  coding: [
    { system: systems.snomed, code, display: `${word} display`, version: `${word} version` },
    { system: `${word} system`, code: `${word} code`, display: `${word} display` },
  ],
});

/** What a partner may write into its Task. */
const wordsInTask = (word: string) => ({
  statusReason: concept(word),
  businessStatus: concept(word),
  note: [{ text: `${word} note`, authorString: `${word} author` }],
  description: `${word} description`,
});

/** What it may write into a Procedure. */
const procedureOf = (word: string, task: Resource & { id: string }) => ({
  resourceType: 'Procedure',
  id: `help-for-${task.id}`,
  status: 'completed',
  statusReason: concept(word),
  category: concept(word),
  code: concept(word),
  subject: task.for as fhir4.Reference,
  performedString: `${word} performed`,
  performer: [
    { function: concept(word), actor: { reference: 'Practitioner/p', display: `${word} actor` } },
  ],
  reasonCode: [concept(word)],
  outcome: concept(word),
  note: [{ text: `${word} note` }],
});

type Kept = Resource & { id: string; status: string };
const tasksAt = (harness: Harness, name: string) => harness.dump<Kept>('partners', name, 'Task');

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

async function queueTables(harness: Harness): Promise<string[]> {
  const { rows } = await harness.db.query<{ name: string }>(
    "select format('bullmq.%I', tablename) as name from pg_tables where schemaname = 'bullmq'",
  );
  return rows.map((row) => row.name);
}

it("a partner's words reach no EHR, no other partner, no history, log, receipt, queue, metric or total", {
  timeout: 150_000,
}, async () => {
  const silent = (name: string) => ({ name, behavior: 'silent' as const, stepMs: 300 });
  const harness = await openHarness({
    ehrs: { clinic: hungryPeople(1) },
    partners: [silent(first), silent(second)],
    directory: twoPantries,
  });
  closing.push(harness.close);
  const worker = harness.startWorker({ port: await freePort(), acceptByMs: 600_000 });
  const { address } = await worker.ready;

  await until('the first partner has it', async () => (await tasksAt(harness, first)).length === 1);
  for (const task of await tasksAt(harness, first))
    await harness.partnerPuts(first, {
      ...task,
      status: 'rejected',
      ...wordsInTask('kanari-first'),
      output: [{ type: { text: 'x' }, valueString: 'kanari-first' }],
    });
  await until(
    'the second partner has it',
    async () => (await tasksAt(harness, second)).length === 1,
  );
  for (const task of await tasksAt(harness, second)) {
    const help = procedureOf('kanari-second', task);
    await harness.partnerPuts(second, help);
    const output = [
      {
        type: { text: 'kanari-second' },
        valueReference: { reference: `Procedure/${help.id}`, display: 'kanari-second' },
      },
      { type: { text: 'kanari-second' }, valueReference: { reference: 'Procedure/404' } },
    ];
    await harness.partnerPuts(second, {
      ...task,
      status: 'completed',
      ...wordsInTask('kanari-second'),
      output,
    });
  }
  const totals = () => harness.db.tx((tx) => readRunTotals(tx, 'default'));
  await until('the loop is closed and written back', async () => {
    const { referrals, writeBack } = await totals();
    return referrals.closed === 1 && writeBack.waiting === 0 && writeBack.done > 0;
  });
  await until(
    'the EHR has the Procedure',
    async () => (await harness.dump('ehr', 'clinic', 'Procedure')).length === 1,
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
  const ofEhr = await Promise.all(
    ['Procedure', 'ServiceRequest', 'Condition', 'Observation', 'Task'].map((type) =>
      harness.dump('ehr', 'clinic', type),
    ),
  );
  const places: Record<string, string> = {
    ehr: JSON.stringify(ofEhr),
    made: await textOf(harness, ['own_resource', 'own_resource_version', 'write_back']),
    first: JSON.stringify(await tasksAt(harness, first)).replaceAll('kanari-first', ''),
    second: JSON.stringify(await tasksAt(harness, second)).replaceAll('kanari-second', ''),
    logs: worker.errors(),
    metrics: await metrics.text(),
    history: await textOf(harness, ['history', 'ledger', 'decision']),
    receipts: await textOf(harness, ['receipt', 'consent_decision', 'task_delivery', 'referral']),
    quarantine: await textOf(harness, ['quarantine']),
    queue: await textOf(harness, await queueTables(harness)),
    totals: JSON.stringify(await totals()),
    timeline: JSON.stringify(
      await harness.db.tx((tx) => timelineOf(tx, 'default', 'hungry-0-visit')),
    ),
    urls: await (await fetch(`${harness.address}/admin/requests`)).text(),
  };
  // Nothing may have been logged, and on Redis the queue keeps nothing in the database.
  for (const [place, text] of Object.entries(places))
    if (!['logs', 'queue'].includes(place)) expect(text.length, place).toBeGreaterThan(20);
  expect(
    Object.entries(places).flatMap(([place, text]) => (text.includes('kanari') ? [place] : [])),
  ).toEqual([]);
  // The inbox and the Task itself hold them, for the care team and the Task's own partner.
  for (const table of ['partner_answer', 'task']) {
    const text = await textOf(harness, [table]);
    for (const words of ['kanari-first note', 'kanari-second note']) expect(text).toContain(words);
  }
  expect(places.timeline).toContain('with words');
});
