import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId, silentLog } from '@loopwell/kit';
import { openQueues, type Stage } from '@loopwell/pipeline';
import type { EmbeddedServer } from '../../services/cli/src/embedded/server.ts';
import {
  emptyDatabase,
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
/** How far a run goes: pulled only, through `code`, or until everything is delivered. */
export type Kind = 'pull' | 'code' | 'delivered';

/** CPU milliseconds and peak kilobytes, by process. */
export type ByProcess = {
  node: number;
  postgres: number;
  redis: number;
  sandbox: number;
};

export type RunResult = {
  kind: Kind;
  backend: Backend;
  /** Wall clock from the first lane's opening until the last work of the run, by its history. */
  ms: number;
  results: Results;
  cpuMs: ByProcess;
  peakKb: ByProcess & { postgresLargest: number };
  queries: number;
  commits: number;
  /** Commits in the whole database, the PostgreSQL queue's own included. */
  allCommits: number;
};

export type FloorResult = {
  /** The queue of the run that it was measured beside. */
  beside: Backend;
  ms: number;
  pulled: number;
  made: number;
  /** CPU time of making the rows that are inserted, which is taken off. */
  preparedMs: number;
  cpuMs: ByProcess;
  peakKb: ByProcess;
  queries: number;
  commits: number;
};

const stagesOf: Readonly<Record<Kind, readonly Stage[]>> = {
  pull: ['pull'],
  code: ['pull', 'screen', 'code'],
  delivered: ['pull', 'screen', 'code', 'refer', 'track', 'close'],
};
const isPulled = (progress: Progress) => progress.pulling === 0;
const isCoded = (progress: Progress) => isPulled(progress) && progress.coding === 0;
const isDelivered = (progress: Progress) => isCoded(progress) && progress.referring === 0;
const isOver: Readonly<Record<Kind, (progress: Progress) => boolean>> = {
  pull: isPulled,
  code: isCoded,
  delivered: isDelivered,
};

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
 */
export async function measureRun(
  bench: Bench,
  kind: Kind,
  backend: Backend,
  timeoutMs: number,
): Promise<RunResult> {
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
    const ended = watch.until(isOver[kind], stagesOf[kind], timeoutMs);
    const ms = await Promise.race([ended, node.endsEarly]);
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
    return { kind, backend, ms, results, cpuMs, peakKb: peaks, ...counters, allCommits };
  } finally {
    memory.stop();
    await node.stop();
    await sandbox.stop();
    await watch.close();
    await database.drop();
  }
}

async function lastWords(watch: Watch): Promise<{ results: Results; allCommits: number }> {
  const results = await watch.results();
  return { results, allCommits: await watch.commits() };
}

/** Measures the machine's floor on the same bytes, in tables and with rows of its own. */
export async function measureFloor(bench: Bench, beside: Backend): Promise<FloorResult> {
  const database = await emptyDatabase(bench.server);
  const sandbox = await startSandboxProcess(bench.folder, bench.population.file);
  const file = join(bench.folder, 'floor.json');
  const ehrBase = `${sandbox.address}/ehr/clinic/fhir`;
  writeFileSync(file, JSON.stringify({ databaseUrl: database.url, ehrBase }));
  const node = await startNode(scriptBeside('floor-process.ts'), [file]);
  try {
    const before = readCpu(bench, node, sandbox, undefined);
    const answer = (await node.ask('go')) as Omit<FloorResult, 'cpuMs' | 'peakKb' | 'beside'>;
    const cpuMs = subtract(readCpu(bench, node, sandbox, undefined), before);
    cpuMs.node -= answer.preparedMs;
    const peaks = { node: peakKb(node.pid), postgres: 0, redis: 0, sandbox: peakKb(sandbox.pid) };
    return { ...answer, beside, cpuMs, peakKb: peaks };
  } finally {
    await node.stop();
    await sandbox.stop();
    await database.drop();
  }
}

/** Nudges that are added while nobody works, after as many to warm up. */
const nudges = 200;

/** Measures PostgreSQL's CPU milliseconds for one nudge of one batch. */
export async function measureNudge(bench: Pick<Bench, 'server' | 'postmaster'>): Promise<number> {
  const database = await emptyDatabase(bench.server);
  const queues = await openQueues({
    url: database.url,
    tenant: 'bench',
    stages: ['screen'],
    log: silentLog,
  });
  const add = async () => {
    for (let n = 0; n < nudges; n += 1) await queues.nudge([{ stage: 'screen', batch: newId() }]);
  };
  try {
    await add();
    const before = serverCpuMs(bench.postmaster);
    await add();
    return (serverCpuMs(bench.postmaster) - before) / nudges;
  } finally {
    await queues.close();
    await database.drop();
  }
}
