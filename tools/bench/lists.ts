import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@loopwell/kit';
import {
  access,
  consentAlias,
  type Database,
  directory,
  hasReadAnything,
  openDatabase,
  readRunTotals,
  sendPreview,
  wake,
} from '@loopwell/store';
import type { EmbeddedServer } from '../../services/cli/src/embedded/server.ts';
import { readView } from '../../services/cli/src/terminal/watch.ts';
import { freshDatabase } from './databases.ts';
import { type Doors, peopleListsOf, type Question, searchesOf } from './lists-people.ts';
import { amountsOf, stall, tenant, writeRows } from './lists-rows.ts';
import { scriptBeside, startNode } from './processes.ts';

/** What a list, a report, a probe, a scrape or a read may take: 95 of 100 answers come sooner. */
const aimMs = 50;

export type ListResult = {
  name: string;
  asked: number;
  p50Ms: number;
  p95Ms: number;
  worstMs: number;
};

/**
 * `pnpm bench lists`: a database as a busy site has it, asked over the real doors, one question at
 * a time.
 *
 * @returns one line for each question
 */
export async function measureLists(
  server: EmbeddedServer,
  folder: string,
  { rows: history, only }: { rows: number; only: string },
  tell: (line: string) => void,
) {
  const all = amountsOf(history);
  const database = await freshDatabase(server);
  const db = openDatabase({
    tenant: 'bench',
    url: database.url,
    max: 4,
    applicationName: 'bench',
    queryTimeoutMs: 3_600_000,
  });
  try {
    tell(
      `Writing ${history} lines of history, ${all.referrals} Tasks and ` +
        `${all.waiting + all.atPartner} open referrals …`,
    );
    await writeRows(db, all, tell);
    return await askLists(db, {
      databaseUrl: database.url,
      folder,
      due: all.waiting + all.atPartner,
      only,
      tell,
    });
  } finally {
    await db.close();
    await database.drop();
  }
}

type Asked = {
  databaseUrl: string;
  folder: string;
  due: number;
  /** Only questions whose name has this in it are asked. */
  only: string;
  tell: (line: string) => void;
};

/**
 * Asks everything of a database that has been filled; as it is, and while nobody takes what is due.
 */
async function askLists(
  db: Database,
  { databaseUrl, folder, due, only, tell }: Asked,
): Promise<ListResult[]> {
  const results: ListResult[] = [];
  const askAll = async (questions: readonly Question[]) => {
    const asked = questions.filter(({ name }) => name.includes(only));
    for (const question of asked) results.push(await measure(question, tell));
  };
  await askAll(insideOf(db));
  const files = [join(folder, 'lists.json'), join(folder, 'lists-partners.json')] as const;
  writeFileSync(files[0], JSON.stringify({ databaseUrl }));
  writeFileSync(files[1], JSON.stringify(await db.tx((tx) => directory.loadDirectory(tx, tenant))));
  const began = performance.now();
  const node = await startNode(scriptBeside('lists-process.ts'), [...files]);
  tell(`  started in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  try {
    const doors = await openDoors(db, node.first as { address: string; console: string });
    await askAll(doorsOf(doors, await readSamples(db)));
    await askAll([...(await peopleListsOf(doors)), ...searchesOf(doors)]);
    await stall(db, due);
    await askAll(probesOf(doors, ', stalled'));
  } finally {
    await node.stop();
  }
  return results;
}

async function measure(
  { name, ask, times = 40 }: Question,
  tell: (line: string) => void,
): Promise<ListResult> {
  const taken: number[] = [];
  const until = performance.now() + 20_000;
  await ask(0);
  for (let n = 1; n <= times && (performance.now() < until || n <= 2); n += 1) {
    const began = performance.now();
    await ask(n);
    taken.push(performance.now() - began);
  }
  taken.sort((a, b) => a - b);
  const at = (share: number) =>
    taken[Math.min(taken.length - 1, Math.ceil(taken.length * share) - 1)] ?? 0;
  const result = { name, asked: taken.length, p50Ms: at(0.5), p95Ms: at(0.95), worstMs: at(1) };
  tell(lineOf(result));
  return result;
}

const lineOf = ({ name, asked, p50Ms, p95Ms, worstMs }: ListResult): string =>
  `${name.padEnd(46)} ${String(asked).padStart(5)} ` +
  `${[p50Ms, p95Ms, worstMs].map((ms) => ms.toFixed(1).padStart(9)).join(' ')}${p95Ms > aimMs ? '  over' : ''}`;

export const listLines = (results: readonly ListResult[]): string =>
  [
    `${'milliseconds'.padEnd(46)} ${'asked'.padStart(5)} ` +
      `${['p50', 'p95', 'worst'].map((one) => one.padStart(9)).join(' ')}`,
    ...results.map(lineOf),
    '',
  ].join('\n');

/** Lists whose p95 is over the aim. */
export const slowLists = (results: readonly ListResult[]): string[] =>
  results
    .filter((one) => one.p95Ms > aimMs)
    .map((one) => `${one.name}: p95 of ${one.p95Ms.toFixed(0)} ms is over ${aimMs} ms`);

type Samples = { trace: string[]; referral: string[]; person: string[]; task: Reached[] };
type Reached = {
  address: string;
  partner: string;
  person: string;
  order: string;
  condition: string;
  consent: string;
};

/** Ids at random, and what a few live Tasks reach. */
async function readSamples(db: Database): Promise<Samples> {
  const ids = async (sql: string) =>
    (await db.query<{ id: string }>(sql)).rows.map((row) => row.id);
  const { rows } = await db.query<Omit<Reached, 'consent'> & { source: string }>(
    `select d.address, t.partner, r.person, r.service_request as order,
      r.conditions::jsonb ->> 0 as condition, c.consent_id as source
       from task t join task_delivery d on d.task = t.id join referral r on r.id = t.referral join consent_decision c on c.task = t.id
         where t.live and t.partner in ('partner-1', 'partner-2') limit 50`,
  );
  const task = rows.map(({ source, ...reached }) => ({
    ...reached,
    consent: consentAlias(tenant, 'clinic', source, reached.partner),
  }));
  for (const reached of task)
    await db.query(
      `insert into own_resource (id, tenant, connection, type, person, body, hash) values ($1, $2,
        'clinic', 'Consent', $3, $4, 'h') on conflict do nothing`,
      [
        reached.consent,
        tenant,
        reached.person,
        JSON.stringify({ resourceType: 'Consent', id: reached.consent, status: 'active' }),
      ],
    );
  return {
    trace: [
      ...(await ids("select 'Task/' || id as id from task where random() < 0.001 limit 10")),
      ...(await ids('select remote_id as id from task_delivery where random() < 0.001 limit 10')),
      ...(await ids(
        "select 'Encounter/' || source_id as id from ehr_resource where type = " +
          "'Encounter' and random() < 0.001 limit 10",
      )),
      ...(await ids('select id::text from own_resource where random() < 0.001 limit 10')),
      ...(await ids('select id::text from referral where random() < 0.001 limit 10')),
      ...(await ids('select id::text from screening where random() < 0.001 limit 10')),
      ...(await ids('select ehr_id as id from write_back where random() < 0.001 limit 10')),
    ],
    referral: await ids(
      "select id from referral where state in ('waiting', 'partner') and random() < 0.01 limit 100",
    ),
    person: await ids(
      'select distinct person as id from (select person from referral where state in ' +
        "('waiting', 'partner') and random() < 0.01 limit 100) x",
    ),
    task,
  };
}

async function openDoors(db: Database, at: { address: string; console: string }): Promise<Doors> {
  const grant = (wanted: Parameters<typeof access.grantAccess>[1]) =>
    db.tx((tx) => access.grantAccess(tx, wanted));
  const who = { tenant, roles: ['operator', 'reviewer', 'admin'] };
  const partners = new Map<string, string>();
  for (const n of [1, 2]) {
    const partnerAccess = {
      tenant,
      kind: 'partner',
      principal: `partner:${n}`,
      roles: [],
      routes: [],
      partner: `https://partner-${n}.example.org/fhir`,
    } as const;
    partners.set(`partner-${n}`, await grant(partnerAccess));
  }
  return {
    ...at,
    cookie: `loopwell_session=${await grant({ ...who, kind: 'session', principal: 'person:rea', routes: [] })}`,
    bearer: await grant({
      ...who,
      kind: 'service',
      principal: 'service:prometheus',
      routes: ['GET /metrics', 'POST /api/v1/recode'],
    }),
    partners,
  };
}

/** One of a list, another for each number. */
const oneOf = <T>(list: readonly T[], n: number): T => {
  const chosen = list[n % list.length];
  if (chosen === undefined) throw new Error('There is nothing to ask for');
  return chosen;
};

/** Asks and reads to the end; an answer that is no success is no measurement. */
async function get(
  url: string,
  headers: Record<string, string>,
  init: RequestInit = {},
  mayBe: readonly number[] = [200],
): Promise<void> {
  const answer = await fetch(url, {
    ...init,
    headers: { ...headers, ...(init.body ? { 'content-type': 'application/json' } : {}) },
  });
  const text = await answer.text();
  if (!mayBe.includes(answer.status))
    throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`);
}

const gates = ['saidNo', 'review', 'withoutHelp', 'agreement', 'consent', 'noServiceCode'];
const needs = ['food-insecurity', 'housing-instability', 'stress', 'transportation-insecurity'];

function probesOf({ address, console, cookie, bearer }: Doors, when = ''): Question[] {
  const ready = (name: string, base: string): Question => ({
    name: `${name}${when}`,
    ask: () => get(`${base}/ready`, {}, {}, [200, 503]),
  });
  const page = (path: string): Question => ({
    name: `${path}${when}`,
    ask: () => get(`${address}${path}`, { cookie }),
  });
  return [
    ready('/ready', address),
    ready('/ready of the console', console),
    {
      name: `/metrics${when}`,
      ask: () => get(`${address}/metrics`, { authorization: `Bearer ${bearer}` }),
    },
    ...['/console', '/api/v1/status', '/api/v1/totals'].map(page),
  ];
}

const states = ['noPartner', 'hold', 'send', 'partner', 'closed', 'failed', 'refused', 'withdrawn'];

type Path = (n: number) => string;

/** Lists of the worklist, as a reviewer filters them. */
const worklistPaths = ({ person, referral }: Samples): Record<string, Path> => ({
  'all gates': (n) => `?limit=${20 + (n % 30)}`,
  'a gate': (n) => `?gate=${oneOf(gates, n)}`,
  'a need': (n) => `?category=${oneOf(needs, n)}`,
  'a gate and a need': (n) => `?gate=${oneOf(gates, n)}&category=${oneOf(needs, n * 3)}`,
  'a person': (n) => `?person=${oneOf(person, n)}`,
  'by person or need': (n) => `?sort=${oneOf(['person', 'need'], n)}`,
  postponed: () => '?postponed=true',
  'everything of a person': (n) => `?state=all&person=${oneOf(person, n)}`,
  '{id}': (n) => `/${oneOf(referral, n)}`,
});

/** Pages and answers for operators and reviewers. */
const pagePaths = ({ trace, referral }: Samples): Record<string, Path> => ({
  '/api/v1/trace/{id}': (n) => `/api/v1/trace/${encodeURIComponent(oneOf(trace, n * 7))}`,
  '/console/trace': (n) => `/console/trace?id=${encodeURIComponent(oneOf(trace, n * 3))}`,
  '/console/work': (n) => `/console/work${oneOf(['', '?code=TIMEOUT', '?code=INTERNAL'], n)}`,
  '/console/quarantine': (n) =>
    `/console/quarantine${oneOf(['', '?code=unreadable', '?code=not-fhir'], n)}`,
  '/review, refused': () => '/review?state=refused',
  '/review/{id}': (n) => `/review/${oneOf(referral, n)}`,
});

const fixedPaths = [
  '/console/holds',
  '/api/v1/holds',
  '/review/screenings',
  '/api/v1/screenings',
  '/api/v1/connections',
  '/api/v1/directory',
  '/api/v1/recode',
  '/quality',
  '/api/v1/quality',
];

const everySecond = (n: number, query: string) => (n % 2 === 0 ? '' : query);

function doorsOf(doors: Doors, samples: Samples): Question[] {
  const { address, cookie, bearer } = doors;
  const page = (name: string, path: Path): Question => ({
    name,
    ask: (n) => get(`${address}${path(n)}`, { cookie }),
  });
  const pages = Object.entries(pagePaths(samples)).map(([name, path]) => page(name, path));
  const lists = Object.entries(worklistPaths(samples)).map(([name, path]) =>
    page(`/api/v1/reviews, ${name}`, (n) => `/api/v1/reviews${path(n)}`),
  );
  const byState = states.map((state) => {
    const category: Path = (n) => everySecond(n, `&category=${oneOf(needs, n)}`);
    return page(`/api/v1/reviews, ${state}`, (n) => `/api/v1/reviews?state=${state}${category(n)}`);
  });
  const fixedPages = fixedPaths.map((path) => page(path, () => path));
  const headers = { authorization: `Bearer ${bearer}` };
  const body = JSON.stringify({ dryRun: true });
  const dryRun: Question = {
    name: '/api/v1/recode, dry run',
    ask: () => get(`${address}/api/v1/recode`, headers, { method: 'POST', body }),
  };
  const reads = readsOf(doors, samples);
  return [...probesOf(doors), ...pages, ...lists, ...byState, ...fixedPages, dryRun, ...reads];
}

/** What a partner reads; what its Tasks do not reach is not there, which takes as long. */
function readsOf({ address, partners }: Doors, { task }: Samples): Question[] {
  const read = (name: string, path: (reached: Reached) => string): Question => ({
    name: `partner reads ${name}`,
    ask: (n) => {
      const reached = oneOf(task, n);
      const headers = { authorization: `Bearer ${partners.get(reached.partner) ?? ''}` };
      return get(`${address}/fhir/${path(reached)}`, headers, {}, [200, 404]);
    },
  });
  return [
    read('ServiceRequest', (one) => `ServiceRequest/${one.order}`),
    read('Patient', (one) => `Patient/${one.person}`),
    read('Condition', (one) => `Condition/${one.condition}`),
    read('Consent', (one) => `Consent/${one.consent}`),
    read('Organization', (one) => `Organization/${one.partner}`),
    read('Device', () => `Device/${newId()}`),
    read('what is not there', () => `Condition/${newId()}`),
  ];
}

/** What is asked without a door: the terminal, the end of a run, a start. */
function insideOf(db: Database): Question[] {
  const undone =
    (work: (tx: Parameters<Parameters<Database['tx']>[0]>[0]) => Promise<unknown>) => async () => {
      const end = new Error('Nothing stays');
      await db
        .tx(async (tx) => {
          await work(tx);
          throw end;
        })
        .catch((error: unknown) => {
          if (error !== end) throw error;
        });
    };
  const read =
    (work: (tx: Parameters<Parameters<Database['tx']>[0]>[0]) => Promise<unknown>) => async () => {
      await db.tx(work);
    };
  return [
    { name: 'terminal, every 500 ms', ask: async () => void (await readView(db, tenant)) },
    { name: 'totals of a run', ask: read((tx) => readRunTotals(tx, tenant)) },
    { name: 'what would go where', ask: read((tx) => sendPreview.readSendPreview(tx, tenant)) },
    { name: 'whether anything was read', ask: read((tx) => hasReadAnything(tx, tenant)) },
    {
      name: 'wake at a start without changes',
      ask: undone((tx) => wake(tx, tenant, newId())),
      times: 5,
    },
  ];
}
