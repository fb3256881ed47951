import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '@loopwell/pipeline';
import type { EmbeddedServer } from '../../services/cli/src/embedded/server.ts';
import {
  freshDatabase,
  type Progress,
  type Results,
  type Watch,
  watchDatabase,
} from './databases.ts';
import { peakKb, processCpuMs, serverCpuMs, watchServer } from './meters.ts';
import type { Population } from './population.ts';
import {
  type Measured,
  type RedisProcess,
  scriptBeside,
  startNode,
  startSandboxProcess,
} from './processes.ts';

/** What all runs of one size share: one server, one folder, one population. */
export type Bench = {
  server: EmbeddedServer;
  postmaster: number;
  folder: string;
  population: Population;
  redis: RedisProcess | undefined;
};

export type Backend = 'postgres' | 'redis';
export type Kind = 'code' | 'delivered';

/** CPU milliseconds and peak kilobytes, by process. */
export type ByProcess = { node: number; postgres: number; redis: number; sandbox: number };

export type RunResult = {
  kind: Kind;
  backend: Backend;
  /**
   * Wall clock from the first lane's opening until nothing is left to pull, screen or code; and
   * until all is delivered.
   */
  codeMs: number;
  deliveredMs: number | null;
  results: Results;
  cpuMs: ByProcess;
  peakKb: ByProcess & { postgresLargest: number };
  queries: number;
  commits: number;
  /** Commits in the whole database, the PostgreSQL queue's own included. */
  allCommits: number;
};

export type FloorResult = {
  ms: number;
  pulled: number;
  made: number;
  left: number;
  cpuMs: ByProcess;
  peakKb: ByProcess;
  queries: number;
  commits: number;
};

const stagesOf: Readonly<Record<Kind, readonly Stage[]>> = {
  code: ['pull', 'screen', 'code'],
  delivered: ['pull', 'screen', 'code', 'refer', 'track', 'close'],
};
const isCoded = (one: Progress) => one.pulling === 0 && one.coding === 0;
const isDelivered = (one: Progress) => isCoded(one) && one.referring === 0;

function readCpu(
  bench: Bench,
  node: Measured | undefined,
  sandbox: Measured,
  redis: RedisProcess | undefined,
): ByProcess {
  return {
    node: processCpuMs(node?.pid),
    postgres: serverCpuMs(bench.postmaster),
    redis: processCpuMs(redis?.pid),
    sandbox: processCpuMs(sandbox.pid),
  };
}

function subtract(after: ByProcess, before: ByProcess): ByProcess {
  return {
    node: after.node - before.node,
    postgres: after.postgres - before.postgres,
    redis: after.redis - before.redis,
    sandbox: after.sandbox - before.sandbox,
  };
}

/**
 * One run of Loopwell on a fresh database and sandbox. `code` works pull, screen and code only, so
 * that what is measured is the way to the coded Condition; `delivered` works everything at once, as
 * in life.
 *
 * @returns the result, and the database, which the floor takes its rows from
 */
export async function measureRun(
  bench: Bench,
  kind: Kind,
  backend: Backend,
  timeoutMs: number,
): Promise<{ result: RunResult; url: string; drop: () => Promise<void> }> {
  const database = await freshDatabase(bench.server);
  const sandbox = await startSandboxProcess(bench.folder, bench.population.file);
  const redis = backend === 'redis' ? bench.redis : undefined;
  const file = join(bench.folder, 'loopwell.json');
  const [ehrBase, partnerAddress] = [
    `${sandbox.address}/ehr/clinic/fhir`,
    `${sandbox.address}/partners/pantry/fhir`,
  ];
  writeFileSync(
    file,
    JSON.stringify({
      databaseUrl: database.url,
      queueUrl: redis?.url ?? database.url,
      ehrBase,
      partnerAddress,
      stages: stagesOf[kind],
    }),
  );
  const watch = watchDatabase(database.url);
  const memory = watchServer(bench.postmaster);
  const node = await startNode(scriptBeside('loopwell-process.ts'), [file]);
  const before = readCpu(bench, node, sandbox, redis);
  try {
    const codeMs = await Promise.race([watch.until(isCoded, timeoutMs), node.endsEarly]);
    const deliveredMs =
      kind === 'delivered'
        ? await Promise.race([watch.until(isDelivered, timeoutMs), node.endsEarly])
        : null;
    const { cpuMs: nodeMs, ...counters } = (await node.ask('counters')) as {
      queries: number;
      commits: number;
      cpuMs: number;
    };
    const cpuMs = { ...subtract(readCpu(bench, node, sandbox, redis), before), node: nodeMs };
    const server = memory.stop();
    const peaks = {
      node: peakKb(node.pid),
      postgres: server.privateKb,
      redis: peakKb(redis?.pid),
      sandbox: peakKb(sandbox.pid),
      postgresLargest: server.largestKb,
    };
    await node.stop();
    const { results, allCommits } = await lastWords(watch);
    return {
      result: {
        kind,
        backend,
        codeMs,
        deliveredMs,
        results,
        cpuMs,
        peakKb: peaks,
        ...counters,
        allCommits,
      },
      ...database,
    };
  } finally {
    memory.stop();
    await node.stop();
    await sandbox.stop();
    await watch.close();
  }
}

async function lastWords(watch: Watch): Promise<{ results: Results; allCommits: number }> {
  const results = await watch.results();
  return { results, allCommits: await watch.commits() };
}

/** The machine's floor on the same bytes, with the rows that a run has made. */
export async function measureFloor(bench: Bench, sourceUrl: string): Promise<FloorResult> {
  const database = await freshDatabase(bench.server);
  const sandbox = await startSandboxProcess(bench.folder, bench.population.file);
  const file = join(bench.folder, 'floor.json');
  writeFileSync(
    file,
    JSON.stringify({
      databaseUrl: database.url,
      sourceUrl,
      ehrBase: `${sandbox.address}/ehr/clinic/fhir`,
    }),
  );
  const node = await startNode(scriptBeside('floor-process.ts'), [file]);
  try {
    const before = readCpu(bench, node, sandbox, undefined);
    const floorResult = (await node.ask('go')) as Omit<FloorResult, 'cpuMs' | 'peakKb'>;
    const cpuMs = subtract(readCpu(bench, node, sandbox, undefined), before);
    const peaks = { node: peakKb(node.pid), postgres: 0, redis: 0, sandbox: peakKb(sandbox.pid) };
    return { ...floorResult, cpuMs, peakKb: peaks };
  } finally {
    await node.stop();
    await sandbox.stop();
    await database.drop();
  }
}
