import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { CodingResult } from './coding.ts';
import type { Backend, FloorResult, Kind, RunResult } from './measure.ts';
import { canMeter } from './meters.ts';
import type { Population } from './population.ts';

export type SizeResult = { population: Population; runs: RunResult[]; floors: FloorResult[] };

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length === 0
    ? 0
    : ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** The aim for the way through `code`: CPU time, as a multiple of the floor's. */
const aim = 2.2;
/** Statements for one Encounter through `code`: a query per resource would be at least six. */
const mostQueries = 1;

export type Line = {
  kind: Kind | 'floor';
  backend: Backend | '';
  encountersPerSecond: number;
  bestEncountersPerSecond: number;
  resourcesPerSecond: number;
  /** CPU time of Node, PostgreSQL and Redis as a multiple of the floor's beside it. */
  timesFloor: number | null;
  cpuMsPerEncounter: { node: number; postgres: number; redis: number; sandbox: number };
  peakMb: {
    node: number;
    postgres: number;
    postgresLargest: number;
    redis: number;
    sandbox: number;
  };
  queriesPerEncounter: number;
  commitsPerEncounter: number;
  allCommitsPerEncounter: number;
  codingsPerEncounter: number;
  p50Ms: number | null;
  p95Ms: number | null;
};

/** CPU time that is charged to a run or a floor. */
const cpuOf = (cpuMs: { node: number; postgres: number; redis: number }): number =>
  cpuMs.node + cpuMs.postgres + cpuMs.redis;

/** Returns the floor's CPU milliseconds for one Encounter, measured beside one queue. */
export function floorCpuOf(size: SizeResult, backend: Backend): number {
  const beside = size.floors.filter((floor) => floor.beside === backend);
  return median(beside.map((floor) => cpuOf(floor.cpuMs))) / size.population.encounters;
}

/** Returns CPU milliseconds for one Encounter of the runs of one kind on one queue. */
export function cpuPerEncounter(size: SizeResult, kind: Kind, backend: Backend): number {
  const runs = size.runs.filter((run) => run.kind === kind && run.backend === backend);
  return median(runs.map((run) => cpuOf(run.cpuMs))) / size.population.encounters;
}

function floorLine({ floors, population }: SizeResult): Line {
  const n = population.encounters;
  const rates = floors.map((one) => (n * 1_000) / one.ms);
  const per = (read: (floorResult: FloorResult) => number) => median(floors.map(read)) / n;
  const cpu = {
    node: per((one) => one.cpuMs.node),
    postgres: per((one) => one.cpuMs.postgres),
    redis: 0,
    sandbox: per((one) => one.cpuMs.sandbox),
  };
  const peakMb = Math.max(0, ...floors.map((one) => one.peakKb.node)) / 1_024;
  return {
    kind: 'floor',
    backend: '',
    encountersPerSecond: median(rates),
    bestEncountersPerSecond: Math.max(0, ...rates),
    resourcesPerSecond: median(floors.map((one) => ((one.pulled + one.made) * 1_000) / one.ms)),
    timesFloor: 1,
    cpuMsPerEncounter: cpu,
    peakMb: { node: peakMb, postgres: 0, postgresLargest: 0, redis: 0, sandbox: 0 },
    queriesPerEncounter: per((one) => one.queries),
    commitsPerEncounter: per((one) => one.commits),
    allCommitsPerEncounter: per((one) => one.commits),
    codingsPerEncounter: 0,
    p50Ms: null,
    p95Ms: null,
  };
}

const resourcesOf = ({ results }: RunResult) => results.pulled + results.made + results.screenings;

/** Returns the most memory that each process took in any run, in megabytes. */
function peakOf(runs: readonly RunResult[]): Line['peakMb'] {
  const most = (read: (runResult: RunResult) => number) => Math.max(...runs.map(read)) / 1_024;
  return {
    node: most((one) => one.peakKb.node),
    postgres: most((one) => one.peakKb.postgres),
    postgresLargest: most((one) => one.peakKb.postgresLargest),
    redis: most((one) => one.peakKb.redis),
    sandbox: most((one) => one.peakKb.sandbox),
  };
}

function runLine(size: SizeResult, runs: readonly RunResult[]): Line {
  const n = size.population.encounters;
  const [first] = runs as readonly [RunResult];
  const per = (read: (runResult: RunResult) => number) => median(runs.map(read)) / n;
  const rates = runs.map((one) => (n * 1_000) / one.ms);
  const latency = (read: (runResult: RunResult) => number | null) =>
    first.kind === 'code' ? null : median(runs.flatMap((one) => read(one) ?? []));
  const resourceRates = runs.map((one) => (resourcesOf(one) * 1_000) / one.ms);
  const floorCpu = floorCpuOf(size, first.backend);
  const timesFloor = floorCpu > 0 ? per((run) => cpuOf(run.cpuMs)) / floorCpu : null;
  const cpu = {
    node: per((one) => one.cpuMs.node),
    postgres: per((one) => one.cpuMs.postgres),
    redis: per((one) => one.cpuMs.redis),
    sandbox: per((one) => one.cpuMs.sandbox),
  };
  return {
    kind: first.kind,
    backend: first.backend,
    encountersPerSecond: median(rates),
    bestEncountersPerSecond: Math.max(...rates),
    resourcesPerSecond: median(resourceRates),
    timesFloor,
    cpuMsPerEncounter: cpu,
    peakMb: peakOf(runs),
    queriesPerEncounter: per((one) => one.queries),
    commitsPerEncounter: per((one) => one.commits),
    allCommitsPerEncounter: per((one) => one.allCommits),
    codingsPerEncounter: per((one) => one.results.codings),
    p50Ms: latency((one) => one.results.p50Ms),
    p95Ms: latency((one) => one.results.p95Ms),
  };
}

function linesOf(size: SizeResult): Line[] {
  const floor = floorLine(size);
  const whole = size.runs.filter((run) => run.kind !== 'pull');
  const groups = Map.groupBy(whole, (one) => `${one.kind} ${one.backend}`);
  return [
    ...(size.floors.length > 0 ? [floor] : []),
    ...[...groups.values()].map((runs) => runLine(size, runs)),
  ];
}

/** Writes a number with some digits, or a dash where there is none. */
export const fixed = (amount: number | null, digits: number): string =>
  amount === null ? '-' : amount.toFixed(digits);
const names = {
  floor: 'floor',
  pull: 'pulled only',
  code: 'through code',
  delivered: 'delivered',
} as const;

function row(line: Line): string[] {
  const { cpuMsPerEncounter: cpu, peakMb: peak } = line;
  const cpu2 = (ms: number) => fixed(ms, 2);
  const counts = [line.queriesPerEncounter, line.commitsPerEncounter, line.allCommitsPerEncounter];
  const postgresPeak = `${fixed(peak.postgres, 0)} (${fixed(peak.postgresLargest, 0)})`;
  const ofCpu = `${cpu2(cpu.node)} + ${cpu2(cpu.postgres)} + ${cpu2(cpu.redis)}`;
  const peaks = [fixed(peak.node, 0), postgresPeak, fixed(peak.redis, 0), fixed(peak.sandbox, 0)];
  return [
    [names[line.kind], line.backend].filter(Boolean).join(', '),
    `${fixed(line.encountersPerSecond, 0)} / ${fixed(line.bestEncountersPerSecond, 0)}`,
    fixed(line.resourcesPerSecond, 0),
    line.timesFloor === null ? '-' : `${fixed(line.timesFloor, 2)} ×`,
    `${ofCpu} (${cpu2(cpu.sandbox)})`,
    counts.map((count) => fixed(count, 2)).join(' / '),
    `${fixed(line.p50Ms, 0)} / ${fixed(line.p95Ms, 0)}`,
    peaks.join(' / '),
  ];
}

const header = [
  '',
  'Encounters/s median / best',
  'resources/s',
  'CPU of floor',
  'CPU ms/Encounter node + pg + redis (sandbox)',
  'queries / commits / all commits',
  'p50 / p95 ms',
  'peak MB node / pg (largest) / redis / sandbox',
];

function table(rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The table for people, with what it means for the aims. */
export function report(sizes: readonly SizeResult[]): string {
  const parts = sizes.map((size) => {
    const lines = linesOf(size);
    const { encounters, resources, referrals } = size.population;
    const judged = lines.filter((line) => line.kind === 'code' && line.timesFloor !== null);
    const sentences = judged.map((line) => {
      const times = line.timesFloor ?? 0;
      const verdict = times <= aim ? 'reaches' : 'misses';
      const where = `Through code, ${line.backend} queue`;
      return `${where}: ${fixed(times, 2)} × the floor's CPU; ${verdict} the aim of ${aim} ×.`;
    });
    return [
      `${encounters} Encounters, ${resources} resources in the EHR, ${referrals} referrals`,
      table([header, ...lines.map(row)]),
      ...sentences,
    ].join('\n');
  });
  return `${[...parts, ...memory(sizes), notes].join('\n\n')}\n`;
}

function memory(sizes: readonly SizeResult[]): string[] {
  const [small, large] = sizes.map(linesOf);
  if (!small || !large) return [];
  const sentences: string[] = [];
  for (const { kind, backend, peakMb } of large) {
    const other = small.find((one) => one.kind === kind && one.backend === backend);
    if (!other || kind === 'floor') continue;
    const growth = `${fixed(other.peakMb.node, 0)} MB, then ${fixed(peakMb.node, 0)} MB`;
    sentences.push(`${names[kind]}, ${backend}: ${growth}`);
  }
  return [['Peak memory of the Loopwell process at the two sizes:', ...sentences].join('\n')];
}

const notes = `All processes share this machine's cores. Peak of pg: what its processes hold for themselves, and (with shared buffers) the
largest of them. All commits include those of the PostgreSQL queue and its start. CPU counts from the start of the pull.
${canMeter ? '' : ' This system has no /proc: CPU and memory are not measured.'}`;

/** Returns CPU milliseconds for one resource of the runs that only pulled. */
export function intakeCpuOf({ runs, population }: SizeResult): number {
  const pulls = runs.filter((run) => run.kind === 'pull');
  return median(pulls.map((run) => cpuOf(run.cpuMs))) / population.resources;
}

/** What must hold whatever the machine does; ratios are aims, since a busy machine moves them. */
export function problemsOf(size: SizeResult): string[] {
  const { resources } = size.population;
  const short = size.floors.filter((floor) => floor.pulled !== resources);
  return [
    ...short.map((floor) => `the floor wrote ${floor.pulled} of ${resources} resources`),
    ...size.runs.flatMap((run) => problemsOfRun(run, size.population)),
  ];
}

function problemsOfRun(run: RunResult, population: Population): string[] {
  const { kind, backend, results, queries } = run;
  const { encounters, resources, referrals } = population;
  const wrong: string[] = [];
  if (results.encounters !== encounters || results.pulled !== resources)
    wrong.push(`${results.pulled} of ${resources} resources were pulled`);
  if (results.failed > 0) wrong.push(`${results.failed} failed or quarantined`);
  if (kind !== 'pull' && (results.coded !== referrals || results.referrals !== referrals))
    wrong.push(`${results.coded} coded, ${results.referrals} needs of ${referrals}`);
  if (kind === 'delivered' && results.sent !== referrals)
    wrong.push(`${results.sent} of ${referrals} referrals were delivered`);
  if (kind === 'code' && encounters >= 1_000 && queries / encounters > mostQueries)
    wrong.push(`${(queries / encounters).toFixed(2)} queries for each Encounter`);
  return wrong.map((problem) => `${kind}, ${backend}: ${problem}`);
}

/** Writes everything that was measured, with the facts of the machine; returns the file. */
export function writeReport(
  folder: string,
  sizes: readonly SizeResult[],
  versions: { postgres: string; redis: string | null },
  coding: CodingResult,
): string {
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const machine = {
    platform: platform(),
    release: release(),
    arch: arch(),
    cpus: cpus().length,
    model: cpus()[0]?.model ?? '',
    memoryMb: Math.round(totalmem() / 1_048_576),
    load: loadavg(),
  };
  const all = sizes.map((size) => ({
    population: { ...size.population, file: undefined },
    lines: linesOf(size),
    runs: size.runs,
    floors: size.floors,
  }));
  const file = join(folder, `bench-${at.replaceAll(':', '-').slice(0, 19)}.json`);
  writeFileSync(
    file,
    `${JSON.stringify({ at, machine, versions: { node: process.version, ...versions }, aim, coding, sizes: all }, null, 2)}\n`,
  );
  return file;
}
