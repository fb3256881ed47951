import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { fhir4 } from '@loopwell/fhir';
import { newId, newSecret, silentLog, sleep } from '@loopwell/kit';
import { openQueues, stageNames } from '@loopwell/pipeline';
import type { SandboxOptions } from '@loopwell/sandbox';
import { openDatabase, readPulse } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { partnerRows } from '../../services/cli/src/input-files/partners-file.ts';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { startProcess, type TestProcess } from './process.ts';
import type { WorkerOptions } from './worker.ts';

export type Resource = fhir4.Resource & Record<string, unknown>;
export type HarnessOptions = {
  /** Resources by name of their EHR. */
  ehrs: Record<string, readonly Resource[]>;
  partners: SandboxOptions['partners'];
  /** The directory, once the partners' addresses are known. */
  directory: (baseOf: (name: string) => string) => fhir4.Bundle;
  /** Instead of a database on the server of the tests. */
  database?: { url: string; close: () => Promise<void> };
  queueUrl?: string;
};

const workerEntry = fileURLToPath(new URL('./worker.ts', import.meta.url));

export type Harness = Awaited<ReturnType<typeof openHarness>>;

/**
 * A database, a queue, and a sandbox in a process of its own, whose stores are counted through its
 * own address. Workers are started into it.
 */
export async function openHarness(options: HarnessOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'loopwell-durability-'));
  const scratch = options.database ?? (await testDatabase());
  const bearers = Object.fromEntries(
    options.partners.map(({ name }) => [name, { send: newSecret(16), read: newSecret(16) }]),
  );
  const ehrToken = newSecret(16);
  const { sandbox, address } = await startSandboxProcess(folder, {
    port: await freePort(),
    host: '127.0.0.1',
    dir: folder,
    ehrs: Object.keys(options.ehrs).map((name) => ({ name, token: ehrToken })),
    partners: options.partners.map((partner) => ({
      ...partner,
      sendToken: bearers[partner.name]?.send,
      readToken: bearers[partner.name]?.read,
    })),
  });
  const partnerBase = (name: string) => `${address}/partners/${name}/fhir`;
  const admin = adminOf(address);
  for (const [name, resources] of Object.entries(options.ehrs)) await admin.put(name, resources);
  const processes: TestProcess[] = [sandbox];
  const db = openDatabase({ url: scratch.url, tenant: 'default', max: 3 });
  const queue = {
    url: options.queueUrl ?? queueUrl(scratch.url),
    // Suites share one Redis: the nudges of one are not for the workers of another.
    prefix: `{${newId()}}`,
  };
  const [defaultEhr = ''] = Object.keys(options.ehrs);
  const startWorker = workerStarter(
    { folder, address, ehrToken, defaultEhr, processes },
    {
      ...workerTiming,
      databaseUrl: scratch.url,
      queueUrl: queue.url,
      queuePrefix: queue.prefix,
      partners: partnerRows(options.directory(partnerBase), 'default'),
      partnerTokens: Object.fromEntries(
        Object.entries(bearers).map(([name, pair]) => [partnerBase(name), pair]),
      ),
    },
  );
  return {
    ...admin,
    db,
    databaseUrl: scratch.url,
    queueUrl: queue.url,
    /** A partner's people change something on their own server. */
    partnerPuts: (name: string, resource: IdentifiedResource) =>
      putResource(partnerBase(name), bearers[name]?.send, resource),
    /** The same queues that the workers use. */
    openQueues: () =>
      openQueues({ ...queue, tenant: 'default', stages: stageNames, log: silentLog }),
    processes,
    startWorker,
    async close() {
      await Promise.all(processes.map((process) => process.kill()));
      await db.close();
      await scratch.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Short times, so that leases and deadlines end within a test. */
const workerTiming = {
  leaseMs: 6_000,
  acceptByMs: 3_000,
  askAgainMs: 500,
  requestTimeoutMs: 3_000,
  reconcileMs: 300,
};

type WorkerPlace = {
  folder: string;
  address: string;
  ehrToken: string;
  defaultEhr: string;
  processes: TestProcess[];
};

/** What a test says of one worker. `clockOffMs`: by how much the clock of its process is wrong. */
type WorkerStart = Partial<WorkerOptions> & {
  port: number;
  ehrName?: string;
  clockOffMs?: number;
};

function workerStarter(place: WorkerPlace, common: Omit<WorkerOptions, 'port' | 'ehr'>) {
  const { folder, address, ehrToken, defaultEhr, processes } = place;
  return ({ ehrName = defaultEhr, clockOffMs, ...more }: WorkerStart): TestProcess => {
    const file = join(folder, `worker-${newId()}.json`);
    const ehr = { id: ehrName, base: `${address}/ehr/${ehrName}/fhir`, token: ehrToken };
    const options: WorkerOptions = { ...common, ehr, ...more };
    writeFileSync(file, JSON.stringify(options));
    const environment = { DURABILITY_WORKER: file, ...clockOffBy(clockOffMs) };
    const worker = startProcess(workerEntry, environment);
    processes.push(worker);
    return worker;
  };
}

type IdentifiedResource = { resourceType: string; id: string; [key: string]: unknown };

function putResource(
  base: string,
  bearer: string | undefined,
  resource: IdentifiedResource,
): Promise<Response> {
  return fetch(`${base}/${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(resource),
  });
}

/** Environment of a process whose clock is wrong. */
export function clockOffBy(offMs: number | undefined): Record<string, string> {
  if (offMs === undefined) return {};
  const before = process.env.NODE_OPTIONS ?? '';
  return {
    CLOCK_OFF_MS: String(offMs),
    NODE_OPTIONS: `${before} --import=${import.meta.resolve('./wrong-clock.ts')}`.trim(),
  };
}

async function startSandboxProcess(folder: string, options: SandboxOptions) {
  const file = join(folder, 'sandbox.json');
  writeFileSync(file, JSON.stringify(options));
  const sandbox = startProcess(fileURLToPath(import.meta.resolve('@loopwell/sandbox/main')), {
    SANDBOX_OPTIONS: file,
  });
  return { sandbox, address: (await sandbox.ready).address };
}

/** The sandbox's own books. */
function adminOf(address: string) {
  const get = async <T>(path: string) =>
    (await (await fetch(`${address}/admin/${path}`)).json()) as T;
  const send = (method: string, path: string, body: unknown) =>
    fetch(`${address}/admin/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    address,
    /** Everything of a type that a server of the sandbox holds. */
    dump: <R extends Resource>(kind: 'ehr' | 'partners', name: string, type: string) =>
      get<R[]>(`${kind}/${name}/dump/${type}`),
    /** How often it was asked to create what, by type and identifier. */
    creates: async (kind: 'ehr' | 'partners', name: string) =>
      (await get<{ creates?: Record<string, number> }>(`${kind}/${name}/counts`)).creates ?? {},
    faults: (kind: 'ehr' | 'partners', name: string, faults: readonly object[]) =>
      send('PUT', `${kind}/${name}/faults`, { faults }),
    async put(name: string, resources: readonly Resource[]) {
      for (let start = 0; start < resources.length; start += 500)
        await send('POST', `ehr/${name}/put`, resources.slice(start, start + 500));
    },
  };
}

/** Waits for something to become true; the limit is generous, since the machine may be busy. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}`);
    await sleep(200);
  }
}

/** Waits until no row waits for a worker or the EHR and no Task can move any more. */
export async function untilAtRest(
  harness: Pick<Harness, 'db' | 'processes'>,
  limitMs: number,
): Promise<void> {
  let quiet = 0;
  const isAtRest = async () => {
    const { open, liveTasks } = await readPulse(harness.db, 'default');
    quiet = open === 0 && liveTasks === 0 ? quiet + 1 : 0;
    return quiet >= 3;
  };
  await until('everything is at rest', isAtRest, limitMs).catch(async (error: Error) => {
    const left = (await whatIsLeft(harness)).join('; ');
    throw new Error(`${error.message}: ${left}\n${harness.processes.map(lastErrorsOf).join('\n')}`);
  });
}

/** The last lines that a process wrote to stderr. */
function lastErrorsOf(process: TestProcess): string {
  const lines = process.errors().trim().split('\n').slice(-15).join('\n');
  return `${process.exited() ? 'Ended: ' : ''}${lines}`;
}

/** What the ledger and the Tasks still hold, for the message of a test that failed. */
export async function whatIsLeft(harness: Pick<Harness, 'db'>): Promise<string[]> {
  const { rows: left } = await harness.db.query<{ what: string }>(
    `select concat_ws(' ', count(*), stage, 'for', waits_for, error_code, error_facts, case when leased_until > now() then 'leased' end,
        case when due > now() then 'later' else 'due' end) as what
       from ledger group by stage, waits_for, error_code, error_facts, leased_until > now(), due > now() order by 1`,
  );
  const { rows: live } = await harness.db.query<{ what: string }>(
    "select concat_ws(' ', count(*), 'live Tasks', status, partner, case when remote_id is null then 'unsettled' end) as what from task t join task_delivery d on d.task = t.id where live group by status, partner, remote_id is null",
  );
  return [...left, ...live].map((row) => row.what);
}

/**
 * Work that failed and waits for somebody or for its next turn; none where nothing was at fault.
 */
export async function whatFailed(harness: Pick<Harness, 'db'>): Promise<string[]> {
  const { rows } = await harness.db.query<{ what: string }>(
    "select concat_ws(' ', stage, 'for', waits_for, error_code, error_facts) as what from ledger where error_code is not null order by 1",
  );
  return rows.map((row) => row.what);
}
