import type { Tx } from '../../database/database.ts';

/**
 * Tables whose rows stay when a person is erased, each with the reason. They have derived ids and
 * no content, or are emptied of it. Every other table with an id of the person loses these rows, so
 * that a table of a later version is not forgotten. DECISIONS D176.
 */
export const keptTables: Readonly<Record<string, string>> = {
  erasure: 'The receipt of the erasure.',
  erased_patient: 'What the EHR still has is not stored again.',
  kept_disclosure: 'The account of disclosures.',
  partner_read: 'The account of disclosures counts reads by it.',
  person_view: 'Who saw whom.',
  receipt: 'What was sent and written, without content.',
  legal_demand: 'The log of legal demands, emptied of words.',
  legal_demand_yes: 'Who agreed to a release, emptied of words.',
  equity_fact: 'Facts about equity, parted from the person.',
};

/** Columns with ids that are no person's, nor of something that was made for one. */
const foreignColumns = ['trace', 'batch', 'request'];

/** Tables whose rows name what was made for a person, with the column of that id. */
const madeFor = ['referral', 'task', 'screening', 'own_resource', 'safety_record', 'duty_alert'];

/** Ids of a person, of their Patients, and of everything that was made for them. */
export async function idsOfPerson(
  tx: Tx,
  { person, patients }: { person: string; patients: readonly string[] },
): Promise<string[]> {
  const ids = new Set([person, ...patients]);
  for (const table of madeFor) {
    const { rows } = await tx.query<{ id: string }>(
      `select id from ${table} where tenant = $tenant and person = any($1::uuid[])`,
      [[...ids]],
    );
    for (const { id } of rows) ids.add(id);
  }
  return [...ids];
}

/** A table with columns that may hold an id of a person. */
type PersonTable = { name: string; uuids: readonly string[]; texts: readonly string[] };

/** Reads from the catalog which tables may hold an id of a person, referring tables first. */
async function personTables(tx: Tx): Promise<PersonTable[]> {
  const { rows } = await tx.query<PersonTable>(
    `select c.relname as name,
        coalesce(array_agg(a.attname::text) filter (where a.atttypid = 'uuid'::regtype), '{}')
          as uuids,
        coalesce(array_agg(a.attname::text) filter (where a.atttypid = 'text'::regtype), '{}')
          as texts
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        and not a.attisdropped and a.attname <> all($1)
        and (a.atttypid = 'uuid'::regtype
          or (a.atttypid = 'text'::regtype and a.attname = 'subject'))
      where c.relnamespace = 'loopwell'::regnamespace and c.relkind = 'r'
        and exists (select 1 from pg_attribute t where t.attrelid = c.oid
          and t.attname = 'tenant')
      group by c.relname order by c.relname`,
    [foreignColumns],
  );
  const kept = Object.keys(keptTables);
  const tables = rows.filter(({ name }) => !kept.includes(name));
  return inOrderOfReferences(tables, await references(tx));
}

/** A foreign key: a row of `child` has to go before the row of `parent` that it names. */
type Reference = { child: string; parent: string };

async function references(tx: Tx): Promise<Reference[]> {
  const { rows } = await tx.query<Reference>(
    `select k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent
       from pg_constraint k
      where k.contype = 'f' and k.connamespace = 'loopwell'::regnamespace
        and k.conrelid <> k.confrelid`,
  );
  const bare = (name: string) => name.replace(/^loopwell\./, '');
  return rows.map(({ child, parent }) => ({ child: bare(child), parent: bare(parent) }));
}

/** Sorts tables so that each stands behind those that refer to it. */
function inOrderOfReferences(
  tables: readonly PersonTable[],
  keys: readonly Reference[],
): PersonTable[] {
  const sorted: PersonTable[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const isFree = ({ name }: PersonTable) =>
      !keys.some((key) => key.parent === name && left.some((other) => other.name === key.child));
    const free = left.filter(isFree);
    // Tables that refer to each other in a circle come as they are.
    const next = free.length > 0 ? free : left;
    sorted.push(...next);
    left = left.filter((table) => !next.includes(table));
  }
  return sorted;
}

/** How many rows went from which table. */
export type RowCounts = Record<string, number>;

/** Deletes every row that has one of some ids, in all tables but those that stay. */
export async function deleteRowsWith(tx: Tx, ids: readonly string[]): Promise<RowCounts> {
  const gone: RowCounts = {};
  for (const { name, uuids, texts } of await personTables(tx)) {
    const conditions = [
      ...uuids.map((column) => `t."${column}" = any($1::uuid[])`),
      ...texts.map((column) => `t."${column}" = any($1::text[])`),
    ];
    const { rowCount } = await tx.query(
      `delete from ${name} t where t.tenant = $tenant and (${conditions.join(' or ')})`,
      [ids],
    );
    if (rowCount) gone[name] = rowCount;
  }
  return gone;
}
