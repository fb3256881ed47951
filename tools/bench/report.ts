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

/** The aim for the way through `code`, as a share of the floor. */
const aim = 0.4;
/** Statements for one Encounter through `code`: a query per resource would be at least six. */
const mostQueries = 1;

export type Line = {
  kind: Kind | 'floor';
  backend: Backend | '';
  encountersPerSecond: number;
  bestEncountersPerSecond: number;
  resourcesPerSecond: number;
  /** Share of the floor in wall clock and in CPU time of Node, PostgreSQL and Redis. */
  toFloor: number | null;
  toFloorCpu: number | null;
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

const cpuOf = (cpuMs: { node: number; postgres: number; redis: number }) =>
  cpuMs.node + cpuMs.postgres + cpuMs.redis;

function floorLine({ floors, population }: SizeResult): Line {
  const n = population.encounters;
  const rates = floors.map((one) => (n * 1_000) / one.ms);
  const per = (read: (floorResult: FloorResult) => number) => median(floors.map(read)) / n;
  return {
    kind: 'floor',
    backend: '',
    encountersPerSecond: median(rates),
    bestEncountersPerSecond: Math.max(0, ...rates),
    resourcesPerSecond: median(floors.map((one) => ((one.pulled + one.made) * 1_000) / one.ms)),
    toFloor: 1,
    toFloorCpu: 1,
    cpuMsPerEncounter: {
      node: per((one) => one.cpuMs.node),
      postgres: per((one) => one.cpuMs.postgres),
      redis: 0,
      sandbox: per((one) => one.cpuMs.sandbox),
    },
    peakMb: {
      node: Math.max(0, ...floors.map((one) => one.peakKb.node)) / 1_024,
      postgres: 0,
      postgresLargest: 0,
      redis: 0,
      sandbox: 0,
    },
    queriesPerEncounter: per((one) => one.queries),
    commitsPerEncounter: per((one) => one.commits),
    allCommitsPerEncounter: per((one) => one.commits),
    codingsPerEncounter: 0,
    p50Ms: null,
    p95Ms: null,
  };
}

const wallMs = (one: RunResult) => one.deliveredMs ?? one.codeMs;
const resourcesOf = ({ results }: RunResult) => results.pulled + results.made + results.screenings;

function runLine(size: SizeResult, runs: readonly RunResult[], floor: Line): Line {
  const n = size.population.encounters;
  const [first] = runs as readonly [RunResult];
  const per = (read: (runResult: RunResult) => number) => median(runs.map(read)) / n;
  const most = (read: (runResult: RunResult) => number) => Math.max(...runs.map(read)) / 1_024;
  const rates = runs.map((one) => (n * 1_000) / wallMs(one));
  const latency = (read: (runResult: RunResult) => number | null) =>
    first.kind === 'code' ? null : median(runs.flatMap((one) => read(one) ?? []));
  const comparable = first.kind === 'code' && size.floors.length > 0;
  return {
    kind: first.kind,
    backend: first.backend,
    encountersPerSecond: median(rates),
    bestEncountersPerSecond: Math.max(...rates),
    resourcesPerSecond: median(runs.map((one) => (resourcesOf(one) * 1_000) / wallMs(one))),
    toFloor: comparable ? median(rates) / floor.encountersPerSecond : null,
    toFloorCpu:
      comparable && canMeter
        ? cpuOf(floor.cpuMsPerEncounter) / per((one) => cpuOf(one.cpuMs))
        : null,
    cpuMsPerEncounter: {
      node: per((one) => one.cpuMs.node),
      postgres: per((one) => one.cpuMs.postgres),
      redis: per((one) => one.cpuMs.redis),
      sandbox: per((one) => one.cpuMs.sandbox),
    },
    peakMb: {
      node: most((one) => one.peakKb.node),
      postgres: most((one) => one.peakKb.postgres),
      postgresLargest: most((one) => one.peakKb.postgresLargest),
      redis: most((one) => one.peakKb.redis),
      sandbox: most((one) => one.peakKb.sandbox),
    },
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
  const groups = Map.groupBy(size.runs, (one) => `${one.kind} ${one.backend}`);
  return [
    ...(size.floors.length > 0 ? [floor] : []),
    ...[...groups.values()].map((runs) => runLine(size, runs, floor)),
  ];
}

const fixed = (amount: number | null, digits: number) =>
  amount === null ? '-' : amount.toFixed(digits);
const names = { floor: 'floor', code: 'through code', delivered: 'delivered' } as const;

function row(line: Line): string[] {
  const { cpuMsPerEncounter: cpu, peakMb: peak } = line;
  const cpu2 = (ms: number) => fixed(ms, 2);
  const postgresPeak = `${fixed(peak.postgres, 0)} (${fixed(peak.postgresLargest, 0)})`;
  return [
    [names[line.kind], line.backend].filter(Boolean).join(', '),
    `${fixed(line.encountersPerSecond, 0)} / ${fixed(line.bestEncountersPerSecond, 0)}`,
    fixed(line.resourcesPerSecond, 0),
    line.toFloor === null ? '-' : `${fixed(line.toFloor * 100, 0)} %`,
    line.toFloorCpu === null ? '-' : `${fixed(line.toFloorCpu * 100, 0)} %`,
    `${cpu2(cpu.node)} + ${cpu2(cpu.postgres)} + ${cpu2(cpu.redis)} (${cpu2(cpu.sandbox)})`,
    [line.queriesPerEncounter, line.commitsPerEncounter, line.allCommitsPerEncounter]
      .map((count) => fixed(count, 2))
      .join(' / '),
    `${fixed(line.p50Ms, 0)} / ${fixed(line.p95Ms, 0)}`,
    [fixed(peak.node, 0), postgresPeak, fixed(peak.redis, 0), fixed(peak.sandbox, 0)].join(' / '),
  ];
}

const header = [
  '',
  'Encounters/s median / best',
  'resources/s',
  'of floor',
  'of floor, CPU',
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
    const sentences = lines
      .filter((one) => one.toFloor !== null && one.kind !== 'floor')
      .map((line) => {
        const reached = Math.max(line.toFloor ?? 0, 0) >= aim ? 'reaches' : 'misses';
        const byClock = `${fixed((line.toFloor ?? 0) * 100, 0)} % of the floor by the clock`;
        const byCpu = `${fixed((line.toFloorCpu ?? 0) * 100, 0)} % by CPU time`;
        const judged = `${reached} the aim of ${aim * 100} %`;
        return `Through code, ${line.backend} queue: ${byClock}, ${byCpu}; ${judged}.`;
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

/**
 * Screenings that one core is to code in a second, and milliseconds in which the tables are to be
 * there.
 */
const [codingAim, tablesAimMs] = [5_000, 100];

/** How fast one core codes, for people. */
export function codingLines({ bundles, bytes, ...coding }: CodingResult): string {
  const rules = coding.rulesPerSecond >= codingAim ? 'reaches' : 'misses';
  const tables = coding.tablesMs < tablesAimMs ? 'reaches' : 'misses';
  return [
    `${bundles} screenings of 10 answers, ${fixed(bytes / bundles, 0)} bytes each, on one core:`,
    `  rules alone            ${fixed(coding.rulesPerSecond, 0)}/s; ${rules} the aim of ${codingAim}/s`,
    `  lines in, lines out    ${fixed(coding.linesPerSecond, 0)}/s ` +
      '(`loopwell code`: parsed, coded, the transaction written)',
    `  JSON.parse of the same ${fixed(coding.parsePerSecond, 0)}/s`,
    `  tables loaded in       ${fixed(coding.tablesMs, 0)} ms; ${tables} the aim of ${tablesAimMs} ms`,
    `  peak memory            ${fixed(coding.peakMb, 0)} MB`,
    '',
  ].join('\n');
}

/** What must hold whatever the machine does; the ratio is an aim, since a busy machine moves it. */
export function problemsOf(size: SizeResult): string[] {
  const { encounters, resources, referrals } = size.population;
  return [
    ...size.floors.flatMap((floorResult) =>
      floorResult.pulled === resources && floorResult.left === 0
        ? []
        : [
            `the floor wrote ${floorResult.pulled} of ${resources} resources and left ${floorResult.left} made rows`,
          ],
    ),
    ...size.runs.flatMap(({ kind, backend, results, queries }) => {
      const where = `${kind}, ${backend}`;
      const wrong: string[] = [];
      if (results.encounters !== encounters || results.pulled !== resources)
        wrong.push(`${where}: ${results.pulled} of ${resources} resources were pulled`);
      if (results.coded !== referrals || results.referrals !== referrals)
        wrong.push(`${where}: ${results.coded} coded, ${results.referrals} needs of ${referrals}`);
      if (kind === 'delivered' && results.sent !== referrals)
        wrong.push(`${where}: ${results.sent} of ${referrals} referrals were delivered`);
      if (results.failed > 0) wrong.push(`${where}: ${results.failed} failed or quarantined`);
      if (kind === 'code' && encounters >= 1_000 && queries / encounters > mostQueries)
        wrong.push(`${where}: ${(queries / encounters).toFixed(2)} queries for each Encounter`);
      return wrong;
    }),
  ];
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
