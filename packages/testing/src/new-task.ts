/** The fields of a Task that a test names. */
type Named = { id: string; status: string; partner: string };

/** Completes a Task of a test with a body, who asks, and what it is about. */
export function newTask<T extends Named>(
  named: T,
): T & { body: string; requester: string; focus: string } {
  const body = {
    resourceType: 'Task',
    id: named.id,
    status: named.status,
    intent: 'order',
    owner: { reference: `https://loopwell.example/fhir/Organization/${named.partner}` },
  };
  return { body: JSON.stringify(body), requester: 'clinic', focus: named.id, ...named };
}

type Queryable = { query: (sql: string, values: readonly unknown[]) => Promise<unknown> };

const ofDelivery = ['channel', 'address', 'receipt_key', 'remote_id', 'etag'];

/** Inserts a Task with its delivery, with any of their columns, as no story would write it. */
export async function insertTask(db: Queryable, named: Named & Record<string, unknown>) {
  const row: Record<string, unknown> = { owner: named.partner, ...newTask(named) };
  const entries = Object.entries(row);
  const isDelivery = ([column]: [string, unknown]) => ofDelivery.includes(column);
  await insert(
    db,
    'task',
    entries.filter((entry) => !isDelivery(entry)),
  );
  const unsent = row.live === false ? 'refused' : 'intended';
  await insert(db, 'task_delivery', [
    ['tenant', row.tenant],
    ['task', row.id],
    ['state', row.remote_id ? 'delivered' : unsent],
    ...entries.filter(isDelivery),
  ]);
}

async function insert(
  db: Queryable,
  table: string,
  entries: readonly (readonly [string, unknown])[],
): Promise<void> {
  const columns = entries.map(([column]) => column).join(', ');
  const places = entries.map((_, index) => `$${index + 1}`).join(', ');
  await db.query(
    `insert into ${table} (${columns}) values (${places})`,
    entries.map(([, value]) => value),
  );
}
