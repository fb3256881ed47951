import { requireTenant, type Tx } from './database.ts';

/** The rows of one statement at most. */
const mostRows = 500;
/** The characters of one column of a statement at most; longer ones go as single values. */
const mostCharacters = 16_000_000;

/**
 * Separates the values of a column in its text, and stands for null. A value that holds the one or
 * is the other is sent as a value of its own.
 */
const [separator, nothing] = ['\u001e', '\u001d'];

type Values = readonly (readonly unknown[])[];

/**
 * Inserts rows with one statement for each 500 of them, in their order. Each row names its tenant,
 * which has to be that of the process.
 *
 * @throws AppError INTERNAL for a row without the tenant of the process
 * @param suffix what follows the rows, for example `on conflict … do update …`
 * @returns how many rows were written
 */
export async function insertRows(
  tx: Tx,
  table: string,
  columns: readonly string[],
  rows: Values,
  suffix = '',
): Promise<number> {
  let written = 0;
  for (const part of partsOf(rows)) {
    const { rowCount } = await insertPart(tx, table, columns, part, suffix);
    written += rowCount ?? 0;
  }
  return written;
}

/** Inserts rows as `insertRows` does, and returns what the suffix says of those that it wrote. */
export async function insertReturning<R extends object>(
  tx: Tx,
  table: string,
  columns: readonly string[],
  rows: Values,
  suffix: string,
): Promise<R[]> {
  const returned: R[] = [];
  for (const part of partsOf(rows)) {
    const result = await insertPart<R>(tx, table, columns, part, suffix);
    returned.push(...result.rows);
  }
  return returned;
}

function* partsOf(rows: Values): Generator<Values> {
  for (let start = 0; start < rows.length; start += mostRows)
    yield rows.slice(start, start + mostRows);
}

/**
 * Inserts some rows. Each column goes as one text that is split in SQL, so that the statement is
 * the same for any number of rows: it is parsed and planned once for each connection. Rows that
 * cannot go that way go as a list of VALUES. DECISIONS D140.
 */
async function insertPart<R extends object>(
  tx: Tx,
  table: string,
  columns: readonly string[],
  rows: Values,
  suffix: string,
): Promise<{ rows: R[]; rowCount: number | null }> {
  const place = columns.indexOf('tenant');
  requireTenant(
    tx,
    rows.map((row) => ({ tenant: row[place] })),
  );
  const target = `insert into ${table} (${columns.join(',')})`;
  const types = await tx.columnTypes(table.split(' ')[0] ?? table);
  const typesOfColumns = columns.map((column) => types.get(column) ?? 'text');
  const isFlat = typesOfColumns.every((type) => !type.endsWith('[]'));
  const texts = isFlat ? joinColumns(columns.length, rows) : undefined;
  if (texts === undefined)
    return tx.query(`${target} values ${tuplesOf(columns.length, rows)} ${suffix}`, rows.flat());
  const names = columns.join(',');
  const from = `select ${names} from unnest(${splitLists(typesOfColumns)}) as n(${names})`;
  return tx.prepared(`${target} ${from} ${suffix}`, texts);
}

/** Writes the lists of some columns in SQL, each split from the text of its number. */
const splitLists = (types: readonly string[]): string =>
  types
    .map((type, index) => `string_to_array($${index + 1}, E'\\x1e', E'\\x1d')::${type}[]`)
    .join(', ');

/**
 * Runs a statement over rows, with `lists` of their columns in SQL: one text for each where that is
 * possible, and an array otherwise. It is for inserts and for updates by key only, as `prepared`
 * is.
 */
export async function overRows(
  tx: Tx,
  types: readonly string[],
  rows: Values,
  statement: (lists: string) => string,
): Promise<void> {
  const texts = joinColumns(types.length, rows);
  if (texts !== undefined) {
    await tx.prepared(statement(splitLists(types)), texts);
    return;
  }
  const lists = types.map((type, index) => `$${index + 1}::${type}[]`).join(', ');
  const columns = types.map((_type, index) => rows.map((row) => row[index]));
  await tx.query(statement(lists), columns);
}

const tuplesOf = (width: number, rows: Values): string =>
  rows
    .map((_, row) => {
      const places = Array.from({ length: width }, (_c, column) => `$${row * width + column + 1}`);
      return `(${places.join(',')})`;
    })
    .join(',');

/** Writes each column as one text; undefined where a value cannot be part of one. */
function joinColumns(width: number, rows: Values): string[] | undefined {
  const texts: string[] = [];
  for (let column = 0; column < width; column += 1) {
    const text = joinColumn(column, rows);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

/**
 * Writes one column as a text. An empty text would be split into no value at all instead of an
 * empty one.
 */
function joinColumn(column: number, rows: Values): string | undefined {
  let text = '';
  for (const [index, row] of rows.entries()) {
    const part = partOf(row[column]);
    if (part === undefined || text.length > mostCharacters) return undefined;
    text += index === 0 ? part : separator + part;
  }
  return text === '' ? undefined : text;
}

/** Writes a value as PostgreSQL reads it; undefined where it cannot be part of a longer text. */
function partOf(member: unknown): string | undefined {
  if (member === null || member === undefined) return nothing;
  if (typeof member === 'string')
    return member.includes(separator) || member === nothing ? undefined : member;
  if (typeof member === 'number' || typeof member === 'boolean') return String(member);
  return member instanceof Date ? timeOf(member) : undefined;
}

function timeOf(date: Date): string | undefined {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9_999 ? date.toISOString() : undefined;
}
