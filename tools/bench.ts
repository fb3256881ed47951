import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { silentLog } from '@loopwell/kit';
import { startEmbeddedServer } from '../services/cli/src/embedded/server.ts';
import type { CodingResult } from './bench/coding.ts';
import { codingLines, costLines } from './bench/cost-lines.ts';
import { serverVersion } from './bench/databases.ts';
import { jsonResult } from './bench/json-result.ts';
import { listLines, measureLists, slowLists } from './bench/lists.ts';
import {
  type Backend,
  type Kind,
  measureFloor,
  measureNudge,
  measureRun,
} from './bench/measure.ts';
import { writePopulation } from './bench/population.ts';
import { postmasterOf, startRedis } from './bench/processes.ts';
import { problemsOf, report, type SizeResult, writeReport } from './bench/report.ts';

/**
 * `pnpm bench`: coding alone on one core, a nudge, and then pull, code, deliver, on both queues,
 * beside the machine's own floor on the same bytes. CPU milliseconds for one Encounter are the
 * measure: the clock of a busy machine says little.
 *
 *   --encounters N   how many (20,000)
 *   --large          20,000 and then 50,000, and whether memory stays flat between them
 *   --rounds N       interleaved rounds of each measurement (1)
 *   --quick          a smoke run: through code on PostgreSQL and delivered on Redis
 *   --backend B      postgres or redis only
 *   --kind K         pull, code or delivered only
 *   --coding         coding alone
 *   --json           prints one object and nothing else on stdout
 *
 * `pnpm bench lists`: every list, report, probe, scrape and partner's read over a site's worth of
 * rows; exit 1 when one is over 50 ms.
 *
 *   --rows N         lines of history (1,000,000); everything else in its proportion
 *   --only WORD      only what has this word in its name, such as /helped or search
 */
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    encounters: { type: 'string', default: '20000' },
    large: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    backend: { type: 'string' },
    kind: { type: 'string' },
    coding: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const sizes = flags.large ? [20_000, 50_000] : [Number(flags.encounters)];
const rounds = Number(flags.rounds ?? 1);
if ([...sizes, rounds].some((one) => !Number.isInteger(one) || one < 1)) {
  process.stderr.write('Give whole numbers: pnpm bench --encounters 20000 --rounds 2\n');
  process.exit(2);
}
if (positionals.some((one) => one !== 'lists') || !(Number(flags.rows) >= 1_000)) {
  process.stderr.write(
    'Say pnpm bench, or pnpm bench lists --rows 1000000 (a thousand at least)\n',
  );
  process.exit(2);
}
if (positionals.length > 0) process.exit(await benchLists(Number(flags.rows), flags.only));
const kinds: readonly Kind[] = ['pull', 'code', 'delivered'];
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
async function benchLists(rows: number, only: string): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'loopwell-lists-'));
  const postgres = await startEmbeddedServer(place, silentLog);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => process.exit(130));
  try {
    const results = await measureLists(postgres, place, { rows, only }, (line) =>
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

/**
 * Lists the kinds of one queue: intake is the same on both, and a smoke run takes each of the
 * others once, on the two queues in turn.
 */
function kindsOf(backend: Backend, backends: readonly Backend[]): readonly Kind[] {
  if (flags.kind !== undefined) return kinds.filter((kind) => kind === flags.kind);
  const all = backend === backends[0] ? kinds : kinds.slice(1);
  if (!flags.quick || backends.length === 1) return all;
  return backend === 'postgres' ? ['code'] : ['delivered'];
}

const kindNames = {
  pull: 'pull alone',
  code: 'through code, then the floor',
  delivered: 'until delivered',
} as const;

/**
 * One size: each backend in turn, the floor before each pair of runs, so that a busy machine is
 * busy for all of them.
 */
async function measureSize(encounters: number): Promise<SizeResult> {
  const population = await writePopulation(join(folder, 'population.ndjson'), encounters);
  const bench = { server, postmaster: postmasterOf(folder), folder, population, redis };
  const size: SizeResult = { population, runs: [], floors: [] };
  const backends = (['postgres', ...(redis ? (['redis'] as const) : [])] as Backend[]).filter(
    (one) => (flags.backend ?? one) === one,
  );
  const timeoutMs = 120_000 + encounters * 60;
  for (let round = 1; round <= rounds; round += 1) {
    for (const backend of backends) {
      for (const kind of kindsOf(backend, backends)) {
        const turn = `round ${round} of ${rounds}, ${backend} queue, ${kindNames[kind]}`;
        tell(`${encounters} Encounters, ${turn} …`);
        size.runs.push(await measureRun(bench, kind, backend, timeoutMs));
        if (kind === 'code') size.floors.push(await measureFloor(bench, backend));
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
  const nudgeMs = await measureNudge({ server, postmaster: postmasterOf(folder) });
  const measured: SizeResult[] = [];
  for (const size of sizes) measured.push(await measureSize(size));
  const [first] = measured as [SizeResult, ...SizeResult[]];
  const lines = `${codingLines(coding)}\n${costLines(first, nudgeMs)}\n${report(measured)}`;
  const json = JSON.stringify(jsonResult(first, coding, nudgeMs));
  process.stdout.write(flags.json ? `${json}\n` : lines);
  const results = join(import.meta.dirname, '..', 'bench-results');
  tell(`Written to ${writeReport(results, measured, versions, coding)}`);
  const problems = measured.flatMap(problemsOf);
  for (const problem of problems) tell(`Not as it must be: ${problem}`);
  status = problems.length > 0 ? 1 : 0;
} finally {
  await redis?.stop();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
