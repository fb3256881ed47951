/**
 * The database that the tables are read from. `tools/rows.ts` writes them as TypeScript (DECISIONS
 * D122).
 */

type Queries = { query: (sql: string) => Promise<{ rows: object[] }> };

type Column = {
  table: string;
  name: string;
  /** PostgreSQL's own name of the type, such as `int8`. */
  type: string;
  isNullable: boolean;
  /** The check of this column alone, as PostgreSQL prints it. */
  check: string | null;
};

const columnsSql = `select c.relname as table, a.attname as name, t.typname as type,
  not a.attnotnull as "isNullable",
    (select pg_get_constraintdef(k.oid) from pg_constraint k
      where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) as check
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
 where c.relnamespace = 'loopwell'::regnamespace and c.relkind = 'r'
 and c.relname not like 'kysely%'
 order by c.relname, a.attnum`;

/**
 * The TypeScript type that the driver gives for each type that the migrations use. Bigints are
 * numbers, as openDatabase sets it.
 */
const types: Readonly<Record<string, string>> = {
  text: 'string',
  uuid: 'string',
  int4: 'number',
  int8: 'number',
  bool: 'boolean',
  timestamptz: 'Date',
  _uuid: 'string[]',
};

const header = `// Generated from the migrations by \`pnpm generate:rows\`; do not edit.

/** Rows of each table, as the driver gives them. */
export type Rows = {
`;

/** Writes the text of the file `rows.generated.ts` for a migrated database. */
export async function rowsSource(db: Queries): Promise<string> {
  const { rows } = await db.query(columnsSql);
  const tables = Map.groupBy(rows as Column[], (column) => column.table);
  const parts = [...tables].map(([table, columns]) => {
    const lines = columns.map((column) => `    ${column.name}: ${typeOf(column)};\n`);
    return `  ${table}: {\n${lines.join('')}  };\n`;
  });
  return `${header}${parts.join('')}};\n`;
}

function typeOf(column: Column): string {
  const type = allowedValues(column.check) ?? types[column.type];
  if (type === undefined)
    throw new Error(`${column.table}.${column.name} is a ${column.type}: add it to rows-source.ts`);
  return column.isNullable ? `${type} | null` : type;
}

/** Gives the values of a check `column in ('a', 'b')` as a union of literals. */
function allowedValues(check: string | null): string | undefined {
  const list = check?.match(/= ANY \(ARRAY\[(.*)\]\)/)?.[1];
  const values = list?.match(/'[^']*'(?=::text)/g);
  return values?.join(' | ');
}
