import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { deriveId } from '@loopwell/kit';
import { type Database, insertRows, openDatabase } from '@loopwell/store';

/**
 * The machine's floor on the same bytes: fetch the same pages from the same EHR, JSON.parse, and
 * insert the same rows into the same tables with multi-row statements, one transaction per page. No
 * ledger, no queue, no history, no coding, nothing read back: the rows that coding makes are read
 * before the clock starts, from a database that a run has filled.
 */
export type FloorOptions = { databaseUrl: string; sourceUrl: string; ehrBase: string };

/** Tables that a run through `code` fills, beside `ehr_resource`. */
const madeTables = {
  screening: [
    'id',
    'tenant',
    'connection',
    'person',
    'instrument',
    'authored',
    'encounter',
    'outcome',
    'quarantine',
    'sources',
    'issues',
  ],
  own_resource: ['id', 'tenant', 'connection', 'type', 'person', 'body', 'hash'],
  evidence: [
    'condition',
    'observation',
    'tenant',
    'person',
    'source',
    'rule',
    'rule_version',
    'code_systems',
    'sentence',
  ],
  referral: [
    'id',
    'tenant',
    'connection',
    'person',
    'category',
    'episode',
    'unambiguous',
    'sensitive',
    'conditions',
    'since',
    'trace',
    'gate',
  ],
} as const;
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

type MadeRows = Map<string, unknown[][]>;
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

async function readMade(): Promise<MadeRows> {
  const source = openDatabase({ url: options.sourceUrl, tenant: 'bench' });
  const all: MadeRows = new Map();
  for (const [table, columns] of Object.entries(madeTables)) {
    const { rows } = await source.query<Record<string, unknown>>(
      `select ${columns.join(',')} from ${table}`,
    );
    all.set(
      table,
      rows.map((row) => columns.map((column) => row[column])),
    );
  }
  await source.close();
  return all;
}

function pulledRow(resource: Resource): unknown[] {
  const patient =
    resource.resourceType === 'Patient'
      ? resource.id
      : ((resource.subject ?? resource.patient)?.reference.slice('Patient/'.length) ?? '');
  const person = deriveId('bench', 'person', 'clinic', patient);
  const { versionId, lastUpdated } = resource.meta;
  return [
    'bench',
    'clinic',
    resource.resourceType,
    resource.id,
    versionId,
    person,
    new Date(lastUpdated),
    JSON.stringify(resource),
  ];
}

/** One lane: the pages of one type after another, as their next links lead. */
async function readType(
  db: Database,
  type: string,
  made: MadeRows,
  pages: number,
): Promise<number> {
  let url: string | undefined =
    `${options.ehrBase}/${type}?_lastUpdated=lt${new Date(Date.now() + 60_000).toISOString()}&_sort=_lastUpdated&_count=${pageSize}`;
  let count = 0;
  while (url !== undefined) {
    const response: Response = await fetch(url);
    const page = JSON.parse(await response.text()) as Page;
    const rows = (page.entry ?? []).map((one) => pulledRow(one.resource));
    await db.tx((tx) => insertRows(tx, 'ehr_resource', pulledColumns, rows));
    if (type === 'QuestionnaireResponse') await insertMade(db, made, pages);
    count += rows.length;
    url = page.link?.find((one) => one.relation === 'next')?.url;
  }
  return count;
}

/** What one page of screenings leads to: its share of every table, in one transaction. */
async function insertMade(db: Database, made: MadeRows, pages: number): Promise<void> {
  await db.tx(async (tx) => {
    for (const [table, columns] of Object.entries(madeTables)) {
      const rows = made.get(table) ?? [];
      const share = shares.get(table) ?? Math.ceil(rows.length / pages);
      shares.set(table, share);
      await insertRows(tx, table, columns, rows.splice(0, share));
    }
  });
}
const shares = new Map<string, number>();

const made = await readMade();
const screenings = made.get('screening')?.length ?? 0;
const madeCount = [...made.values()].reduce((sum, rows) => sum + rows.length, 0);
const db = openDatabase({ url: options.databaseUrl, tenant: 'bench' });
await db.query('select 1');
const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
say({ ready: true });

async function measure(): Promise<void> {
  const started = performance.now();
  const queue = [...searches];
  let resources = 0;
  const lane = async () => {
    for (let type = queue.shift(); type !== undefined; type = queue.shift()) {
      const count = await readType(db, type, made, Math.max(1, Math.ceil(screenings / pageSize)));
      resources += count;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const ms = performance.now() - started;
  say({
    ms,
    pulled: resources,
    made: madeCount,
    left: [...made.values()].reduce((sum, rows) => sum + rows.length, 0),
    ...db.counters,
  });
}

const lines = createInterface({ input: process.stdin });
lines.on('line', () => void measure());
lines.once('close', () => void db.close().finally(() => process.exit(0)));
