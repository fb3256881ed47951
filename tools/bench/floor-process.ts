import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { madeColumns, madeRowsOf } from './floor/made-rows.ts';

/**
 * The machine's floor on the same bytes: fetch the same pages from the same EHR, JSON.parse, and
 * insert the rows of commit ab79bbd into the tables of that commit with multi-row VALUES, one
 * transaction per page. No ledger, no queue, no history, no coding, nothing read back.
 *
 * It is frozen: it imports nothing of the product, so that no change of the product moves it. Rows
 * that coding would make are made here page by page; the CPU time of making them is taken off.
 * DECISIONS D139.
 */
export type FloorOptions = { databaseUrl: string; ehrBase: string };

const pulledColumns = [
  'tenant',
  'connection',
  'type',
  'source_id',
  'version_id',
  'person',
  'last_updated',
  'body',
];
/** The types that intake asks for, with its page size. */
const searches = [
  'Patient',
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'Consent',
  'Goal',
  'ServiceRequest',
];
const pageSize = 100;
const lanes = 3;

type Rows = readonly (readonly unknown[])[];
type Page = {
  resourceType: 'Bundle';
  link?: { relation: string; url: string }[];
  entry?: { resource: Resource }[];
};
type Resource = {
  resourceType: string;
  id: string;
  meta: { versionId: string; lastUpdated: string };
  subject?: { reference: string };
  patient?: { reference: string };
};

const options = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FloorOptions;
const pool = new pg.Pool({
  connectionString: options.databaseUrl,
  max: 8,
  options: '-c search_path=loopwell,public',
});
const counters = { queries: 0, commits: 0 };
let preparedUs = 0;
let made = 0;

/** Inserts rows with one multi-row VALUES statement per 500 rows. */
async function insertRows(
  client: pg.PoolClient,
  table: string,
  columns: readonly string[],
  rows: Rows,
): Promise<void> {
  for (let start = 0; start < rows.length; start += 500) {
    const part = rows.slice(start, start + 500);
    const tuples = part.map(
      (_, row) => `(${columns.map((_c, col) => `$${row * columns.length + col + 1}`).join(',')})`,
    );
    counters.queries += 1;
    const sql = `insert into ${table} (${columns.join(',')}) values ${tuples.join(',')} `;
    await client.query(sql, part.flat());
  }
}

async function inTransaction(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  await client.query('begin');
  await work(client);
  await client.query('commit');
  counters.commits += 1;
  client.release();
}

const patientOf = (resource: Resource) =>
  resource.resourceType === 'Patient'
    ? resource.id
    : ((resource.subject ?? resource.patient)?.reference.slice('Patient/'.length) ?? '');

function personId(patient: string): string {
  const hex = createHash('sha1').update(`5:bench|6:person|6:clinic|${patient}`).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`];
  return [...parts, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

function pulledRow(resource: Resource): unknown[] {
  const { versionId, lastUpdated } = resource.meta;
  return [
    'bench',
    'clinic',
    resource.resourceType,
    resource.id,
    versionId,
    personId(patientOf(resource)),
    new Date(lastUpdated),
    JSON.stringify(resource),
  ];
}

/** Makes what a page of screenings leads to, by table; its CPU time does not count. */
function prepareMade(screenings: readonly Resource[]): Map<string, unknown[][]> {
  const before = process.cpuUsage();
  const people = screenings.map((screening) =>
    madeRowsOf(Number(patientOf(screening).slice('person-'.length))),
  );
  const tables = new Map<string, unknown[][]>();
  for (const table of Object.keys(madeColumns)) {
    const rows = people.flatMap((person) => person[table] ?? []);
    made += rows.length;
    tables.set(table, rows);
  }
  const { user, system } = process.cpuUsage(before);
  preparedUs += user + system;
  return tables;
}

/** Inserts what a page of screenings leads to, in one transaction. */
async function insertMade(screenings: readonly Resource[]): Promise<void> {
  const tables = prepareMade(screenings);
  await inTransaction(async (client) => {
    for (const [table, rows] of tables)
      await insertRows(client, table, madeColumns[table] ?? [], rows);
  });
}

/** One lane: the pages of one type after another, as their next links lead. */
async function readType(type: string): Promise<number> {
  const until = new Date(Date.now() + 60_000).toISOString();
  const query = `_lastUpdated=lt${until}&_sort=_lastUpdated&_count=${pageSize}`;
  let url: string | undefined = `${options.ehrBase}/${type}?${query}`;
  let count = 0;
  while (url !== undefined) {
    const response: Response = await fetch(url);
    const page = JSON.parse(await response.text()) as Page;
    const resources = (page.entry ?? []).map((entry) => entry.resource);
    const rows = resources.map(pulledRow);
    await inTransaction((client) => insertRows(client, 'ehr_resource', pulledColumns, rows));
    if (type === 'QuestionnaireResponse') await insertMade(resources);
    count += rows.length;
    url = page.link?.find((link) => link.relation === 'next')?.url;
  }
  return count;
}

const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
await pool.query(readFileSync(join(import.meta.dirname, 'floor', 'tables.sql'), 'utf8'));
say({ ready: true });

async function measure(): Promise<void> {
  const started = performance.now();
  const queue = [...searches];
  let pulled = 0;
  const lane = async () => {
    for (let type = queue.shift(); type !== undefined; type = queue.shift()) {
      const count = await readType(type);
      pulled += count;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const preparedMs = preparedUs / 1_000;
  const ms = performance.now() - started - preparedMs;
  say({ ms, pulled, made, preparedMs, ...counters });
}

const lines = createInterface({ input: process.stdin });
lines.on('line', () => void measure());
lines.once('close', () => void pool.end().finally(() => process.exit(0)));
