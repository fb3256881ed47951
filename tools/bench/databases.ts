import { randomBytes } from 'node:crypto';
import { migrate, openDatabase, type Tx } from '@loopwell/store';
import pg from 'pg';
import type { EmbeddedServer } from '../../services/cli/src/embedded/server.ts';

/** Makes an empty database of the application's role on the measured server. */
export async function emptyDatabase(
  server: EmbeddedServer,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} owner loopwell`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  await onServer(server, 'checkpoint');
  return {
    url: url.href,
    drop: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}

/** Makes a fresh, migrated database. */
export async function freshDatabase(
  server: EmbeddedServer,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const database = await emptyDatabase(server);
  await migrate(database.url);
  await onServer(server, 'checkpoint');
  return database;
}

async function onServer(server: EmbeddedServer, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function serverVersion(server: EmbeddedServer): Promise<string> {
  const db = openDatabase({ url: server.adminUrl, tenant: 'bench', max: 1 });
  try {
    return (
      (await db.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ??
      ''
    );
  } finally {
    await db.close();
  }
}

/**
 * Whether there is still something to do (1) or not (0), seen from outside by the server's clock.
 */
export type Progress = {
  started: Date | null;
  pulling: number;
  coding: number;
  referring: number;
};

/** How often progress is asked for: what the questions cost is charged to the run. */
const pollMs = 250;

const progressSql = `
  select (select min(created_at) from connection) as started,
    (select count(*) from (select 1 from ledger where stage = 'pull' limit 1) one) as pulling,
    (select count(*) from (select 1 from ledger where stage in ('screen', 'code')
      limit 1) one) as coding,
    (select count(*) from (select 1 from ledger where stage = 'refer' and waits_for = 'worker'
      limit 1) one) as referring`;

export type Watch = {
  /**
   * Waits until `isOver` says so, and resolves with the milliseconds from the start of the pull to
   * the last line of these stages in the history.
   */
  until: (
    isOver: (progress: Progress) => boolean,
    stages: readonly string[],
    timeoutMs: number,
  ) => Promise<number>;
  /** Resources pulled and made, sends, and Encounter-to-partner latencies, once a run is over. */
  results: () => Promise<Results>;
  /** Transactions committed in this database, the queue's own included. */
  commits: () => Promise<number>;
  close: () => Promise<void>;
};

export type Results = {
  encounters: number;
  coded: number;
  pulled: number;
  made: number;
  screenings: number;
  referrals: number;
  sent: number;
  failed: number;
  codings: number;
  p50Ms: number | null;
  p95Ms: number | null;
};

const resultsSql = `
  select (select count(*) from ehr_resource where type = 'Encounter') as encounters,
    (select count(*) from ehr_resource) as pulled, (select count(*) from own_resource) as made,
    (select count(*) from screening) as screenings, (select count(*) from screening
      where outcome = 'coded') as coded,
    (select count(*) from referral) as referrals, (select count(*) from receipt
      where state = 'settled') as sent,
    (select count(*) from ledger where error_code is not null) + (select count(*)
      from quarantine) as failed,
    (select count(*) from history where stage = 'screen') as codings, p50 as "p50Ms", p95 as "p95Ms"
  from (select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within
    group (order by ms) as p95
          from (select extract(epoch from r.settled_at - p.pulled_at) * 1000 as ms
                  from ehr_resource p join receipt r on r.person = p.person
                    where p.type = 'Encounter' and r.state = 'settled') one) latency`;

export function watchDatabase(url: string): Watch {
  const db = openDatabase({ url, tenant: 'bench', max: 1, applicationName: 'bench' });
  return {
    async until(isOver, stages, timeoutMs) {
      const ends = Date.now() + timeoutMs;
      while (true) {
        const [row] = (await db.query<Progress>(progressSql)).rows;
        if (row?.started && isOver(row)) return lastWorkMs(db, stages);
        if (Date.now() > ends)
          throw new Error(`The run did not end in time: ${JSON.stringify(row)}`);
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
    async results() {
      const [row] = (await db.query<Results>(resultsSql)).rows;
      if (!row) throw new Error('The database told nothing');
      return row;
    },
    async commits() {
      const { rows } = await db.query<{ n: number }>(
        'select xact_commit as n from pg_stat_database where datname = current_database()',
      );
      return rows[0]?.n ?? 0;
    },
    close: db.close,
  };
}

/** Reads the milliseconds from the start of the pull to the last line of these stages. */
async function lastWorkMs(db: Tx, stages: readonly string[]): Promise<number> {
  const { rows } = await db.query<{ ms: number }>(
    `select (extract(epoch from max(h.at) - min(c.created_at)) * 1000)::float8 as ms
       from history h, connection c where h.stage = any($1)`,
    [stages],
  );
  return rows[0]?.ms ?? 0;
}
