import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { silentLog } from '@loopwell/kit';
import { startEmbeddedServer } from '../services/cli/src/embedded/server.ts';
import type { CodingResult } from './bench/coding.ts';
import { serverVersion } from './bench/databases.ts';
import { listLines, measureLists, slowLists } from './bench/lists.ts';
import { type Backend, type Bench, type Kind, measureFloor, measureRun } from './bench/measure.ts';
import { writePopulation } from './bench/population.ts';
import { postmasterOf, startRedis } from './bench/processes.ts';
import { codingLines, problemsOf, report, type SizeResult, writeReport } from './bench/report.ts';

/**
 * `pnpm bench`: coding alone on one core, beside JSON.parse of the same bytes; then pull, code,
 * deliver, on both queue backends, beside the machine's own floor on the same bytes.
 *
 *   --encounters N   how many (2,000)
 *   --large          2,000 and then 20,000, and whether memory stays flat between them
 *   --rounds N       interleaved rounds of each measurement (2)
 *   --quick          a smoke run: one round, through code on PostgreSQL and delivered on Redis
 *   --backend B      postgres or redis only
 *   --kind K         code or delivered only
 *   --coding         coding alone
 *
 * `pnpm bench lists`: every list, report, probe, scrape and partner's read over a site's worth of
 * rows; exit 1 when one is over 50 ms.
 *
 *   --rows N         lines of history (1,000,000); everything else in its proportion
 */
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    encounters: { type: 'string', default: '2000' },
    large: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    backend: { type: 'string' },
    kind: { type: 'string' },
    coding: { type: 'boolean', default: false },
  },
});
const sizes = flags.large ? [2_000, 20_000] : [Number(flags.encounters)];
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 2));
if ([...sizes, rounds].some((one) => !Number.isInteger(one) || one < 1)) {
  process.stderr.write('Give whole numbers: pnpm bench --encounters 2000 --rounds 2\n');
  process.exit(2);
}
if (positionals.some((one) => one !== 'lists') || !(Number(flags.rows) >= 1_000)) {
  process.stderr.write(
    'Say pnpm bench, or pnpm bench lists --rows 1000000 (a thousand at least)\n',
  );
  process.exit(2);
}
if (positionals.length > 0) process.exit(await benchLists(Number(flags.rows)));
const kinds: readonly Kind[] = ['code', 'delivered'];
const tell = (line: string) => process.stderr.write(`${line}\n`);
tell('Coding alone, on one core …');
const coding = JSON.parse(
  execFileSync(process.execPath, [join(import.meta.dirname, 'bench', 'coding.ts')], {
    encoding: 'utf8',
  }),
) as CodingResult;
if (flags.coding) {
  process.stdout.write(codingLines(coding));
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'loopwell-bench-'));
const server = await startEmbeddedServer(folder, silentLog);
const redis = await startRedis(folder);
if (!redis) tell('There is no redis-server on this machine: measuring the PostgreSQL queue only.');

/** Makes a database, asks it, and says what is over: the exit status. */
async function benchLists(rows: number): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'loopwell-lists-'));
  const postgres = await startEmbeddedServer(place, silentLog);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => process.exit(130));
  try {
    const results = await measureLists(postgres, place, rows, (line) =>
      process.stderr.write(`${line}\n`),
    );
    process.stdout.write(listLines(results));
    const slow = slowLists(results);
    for (const line of slow) process.stderr.write(`${line}\n`);
    return slow.length > 0 ? 1 : 0;
  } finally {
    await postgres.close();
    rmSync(place, { recursive: true, force: true });
  }
}

/** A smoke run takes each kind once, on the two backends in turn. */
function kindsOf(backend: Backend, backends: readonly Backend[]): Kind[] {
  if (flags.kind !== undefined) return kinds.filter((one) => one === flags.kind);
  if (!flags.quick || backends.length === 1) return [...kinds];
  return backend === 'postgres' ? ['code'] : ['delivered'];
}

/**
 * One size: each backend in turn, the floor before each pair of runs, so that a busy machine is
 * busy for all of them.
 */
async function measureSize(encounters: number): Promise<SizeResult> {
  const population = await writePopulation(join(folder, 'population.ndjson'), encounters);
  const bench: Bench = { server, postmaster: postmasterOf(folder), folder, population, redis };
  const size: SizeResult = { population, runs: [], floors: [] };
  const backends = (['postgres', ...(redis ? (['redis'] as const) : [])] as Backend[]).filter(
    (one) => (flags.backend ?? one) === one,
  );
  const timeoutMs = 120_000 + encounters * 60;
  for (let round = 1; round <= rounds; round += 1) {
    for (const backend of backends) {
      for (const kind of kindsOf(backend, backends)) {
        tell(
          `${encounters} Encounters, round ${round} of ${rounds}, ${backend} queue, ${kind === 'code' ? 'through code, then the floor' : 'until delivered'} …`,
        );
        const run = await measureRun(bench, kind, backend, timeoutMs);
        size.runs.push(run.result);
        if (kind === 'code') size.floors.push(await measureFloor(bench, run.url));
        await run.drop();
      }
    }
  }
  return size;
}

const stop = () => process.exit(130);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, stop);
let status = 1;
try {
  const versions = { postgres: await serverVersion(server), redis: redis?.version ?? null };
  const measured: SizeResult[] = [];
  for (const size of sizes) measured.push(await measureSize(size));
  process.stdout.write(`${codingLines(coding)}\n${report(measured)}`);
  tell(
    `Written to ${writeReport(join(import.meta.dirname, '..', 'bench-results'), measured, versions, coding)}`,
  );
  const problems = measured.flatMap(problemsOf);
  for (const problem of problems) tell(`Not as it must be: ${problem}`);
  status = problems.length > 0 ? 1 : 0;
} finally {
  await redis?.stop();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
