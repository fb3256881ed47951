import { AppError, fingerprint, isDatabaseAway, type Log, silentLog } from '@loopwell/kit';
import pg from 'pg';

/**
 * The queries that a story may make inside a transaction. `$tenant` in a statement stands for
 * `tenant`, behind the numbered values (DECISIONS D137).
 */
export type Tx = {
  /** The tenant whose rows this process reads and writes. */
  tenant: string;
  query: <R extends object>(
    sql: string,
    values?: readonly unknown[],
  ) => Promise<{ rows: R[]; rowCount: number | null }>;
  /**
   * Runs a statement that each connection parses once. It is for inserts and for updates by key
   * only: a plan that is kept would stay what it was when the table was empty (DECISIONS D149).
   */
  prepared: <R extends object>(
    sql: string,
    values: readonly unknown[],
  ) => Promise<{ rows: R[]; rowCount: number | null }>;
  /** Reads the types of a table's columns, by name; they are remembered. */
  columnTypes: (table: string) => Promise<ReadonlyMap<string, string>>;
};

/** A pool of connections to PostgreSQL that also runs transactions. */
export type Database = Tx & {
  /** Runs `work` in one transaction; commits when it resolves, rolls back when it rejects. */
  tx: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** Queries and commits since the start, for the bench and for metrics. */
  counters: { queries: number; commits: number };
  close: () => Promise<void>;
};

/**
 * The settings of a pool. `queryTimeoutMs` says when a statement is given up: two minutes when left
 * out.
 */
export type DatabaseOptions = {
  url: string;
  tenant: string;
  max?: number;
  log?: Log;
  applicationName?: string;
  queryTimeoutMs?: number;
};

pg.types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));

/**
 * Opens a pool on PostgreSQL 15 or later. A connection that dies while idle is replaced in silence;
 * one that dies in work rejects that work.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const log = options.log ?? silentLog;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 8,
    application_name: options.applicationName ?? 'loopwell',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // A server that stops answering must not hold a worker forever.
    query_timeout: options.queryTimeoutMs ?? 120_000,
    options: '-c search_path=loopwell,public',
  });
  pool.on('error', () => log.warn('An idle database connection was lost'));
  pool.on('connect', (client) => client.on('error', () => {}));
  const counters = { queries: 0, commits: 0 };
  const { tenant } = options;
  const remembered = new Map<string, ReadonlyMap<string, string>>();
  const counted = (client: pg.Pool | pg.PoolClient): Tx => {
    const run = async (name: string | undefined, sql: string, values?: readonly unknown[]) => {
      counters.queries += 1;
      const bound = bindTenant(tenant, sql, values);
      return client.query({ name, text: bound.sql, values: bound.values });
    };
    return {
      tenant,
      query: async <R extends object>(sql: string, values?: readonly unknown[]) => {
        const { rows, rowCount } = await run(undefined, sql, values);
        return { rows: rows as R[], rowCount };
      },
      prepared: async <R extends object>(sql: string, values: readonly unknown[]) => {
        const { rows, rowCount } = await run(statementName(sql), sql, values);
        return { rows: rows as R[], rowCount };
      },
      async columnTypes(table) {
        const types = remembered.get(table) ?? (await readColumnTypes(client, table));
        remembered.set(table, types);
        return types;
      },
    };
  };
  async function tx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken = false;
    try {
      await client.query('begin');
      const result = await work(counted(client));
      await client.query('commit');
      counters.commits += 1;
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
  return { ...counted(pool), tx, counters, close: () => pool.end() };
}

const statementNames = new Map<string, string>();

/** Names a statement by its text, as each connection remembers it. */
function statementName(sql: string): string {
  const name = statementNames.get(sql) ?? `loopwell_${fingerprint(sql).slice(0, 24)}`;
  statementNames.set(sql, name);
  return name;
}

/** Reads the types of a table's columns from the catalog. */
async function readColumnTypes(
  client: pg.Pool | pg.PoolClient,
  table: string,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

/**
 * Puts the tenant behind the values of a statement, and its number in place of each `$tenant`. A
 * statement without `$tenant` stays as it is.
 */
function bindTenant(
  tenant: string,
  sql: string,
  values: readonly unknown[] = [],
): { sql: string; values: unknown[] } {
  const parts = sql.split('$tenant');
  if (parts.length === 1) return { sql, values: [...values] };
  return { sql: parts.join(`$${values.length + 1}`), values: [...values, tenant] };
}

/**
 * Requires that rows which are to be written belong to the tenant of this process.
 *
 * @throws AppError INTERNAL
 */
export function requireTenant(tx: Pick<Tx, 'tenant'>, rows: readonly { tenant: unknown }[]): void {
  if (rows.every(({ tenant }) => tenant === tx.tenant)) return;
  throw new AppError('INTERNAL', 'A row of another tenant was to be written');
}

/** Runs `read` in one transaction that sees a single moment and can write nothing. */
export function readSnapshot<T>(
  db: Pick<Database, 'tx'>,
  read: (tx: Tx) => Promise<T>,
): Promise<T> {
  return db.tx(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return read(tx);
  });
}

/**
 * Runs `work` inside a savepoint. Where it rejects, what it wrote is undone and the transaction can
 * go on; a lost database ends the transaction.
 */
export async function inSavepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await tx.query('savepoint attempt');
  try {
    const result = await work();
    await tx.query('release savepoint attempt');
    return result;
  } catch (error) {
    if (!isDatabaseAway(error)) await tx.query('rollback to savepoint attempt');
    throw error;
  }
}

/**
 * Applies a patch to each of several rows by `id`, with one statement for each set of changed
 * columns. A row that has these values already is left alone, so that its `changed_at` says when
 * something changed.
 */
export async function patchRows<P extends object>(
  tx: Tx,
  table: string,
  types: Readonly<Record<keyof P & string, string>>,
  patches: readonly { id: string; patch: P }[],
  extra = '',
): Promise<void> {
  // One statement for each set of columns would lock rows in an order of its own.
  if (patches.length > 1)
    await tx.query(
      `select 1 from ${table} where tenant = $tenant and id = any($1::uuid[])
        order by id for update`,
      [patches.map((one) => one.id)],
    );
  const groups = Map.groupBy(patches, (one) => Object.keys(one.patch).sort().join(','));
  for (const [names, group] of groups) {
    if (names === '') continue;
    const columns = names.split(',') as (keyof P & string)[];
    const arrays = columns.map((column, index) => `$${index + 2}::${types[column]}[]`);
    await tx.query(
      `update ${table} t set
        ${extra}${columns.map((column) => `${column} = p.${column}`).join(', ')}
         from unnest($1::uuid[], ${arrays.join(', ')}) as p(id, ${columns.join(', ')})
        where t.tenant = $tenant and t.id = p.id
          and (${columns.map((column) => `t.${column}`).join(', ')}) is distinct
          from (${columns.map((column) => `p.${column}`).join(', ')})`,
      [
        group.map((one) => one.id),
        ...columns.map((column) => group.map((one) => one.patch[column] ?? null)),
      ],
    );
  }
}

/**
 * Returns the one row of a query that must give one.
 *
 * @throws AppError NOT_FOUND
 */
export function requireRow<R>(rows: readonly R[], what: string): R {
  const [row] = rows;
  if (row === undefined) throw new AppError('NOT_FOUND', `No such ${what}`);
  return row;
}
