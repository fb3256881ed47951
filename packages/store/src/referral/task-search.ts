import { requireRow, type Tx } from '../database/database.ts';

/** A Task as a partner reads it: its body, version and time. */
export type HubTask = {
  id: string;
  body: string;
  status: string;
  version: number;
  last_updated: Date;
  door: 'copy' | 'here';
  referral: string;
  person: string;
  partner: string;
  /** What of it may be shown: `all`, or its status alone. */
  elements: string;
};

/** A search of a partner for its own Tasks, the latest first. */
export type TaskSearch = {
  partners: readonly string[];
  statuses?: readonly string[] | undefined;
  ids?: readonly string[] | undefined;
  /** Bounds of the time of the last change: from, and until before. */
  from?: Date | undefined;
  before?: Date | undefined;
  /** The last Task of the page before. */
  after?: { at: Date; id: string } | undefined;
  limit: number;
};

/** Joins the grant by which a partner may read a Task now. Without one it is not theirs. */
const granted = `cross join lateral (select g.elements from disclosure_grant g
   where g.tenant = t.tenant and g.partner = t.owner and g.type = 'Task' and g.id = t.id::text
     and g.task = t.id and g.ended_at is null and g.suspended_at is null
     and (g.until is null or g.until > loopwell_now())
     and not exists (select 1 from hold h where h.tenant = t.tenant
       and h.scope in ('all', 'partner:' || g.partner))) g`;

const columns = `t.id, t.body, t.status, t.version, t.last_updated, t.door, t.referral, t.person,
  t.partner, g.elements`;

/** Reads a Task that a partner may read now. */
export async function readHubTask(
  tx: Tx,
  partners: readonly string[],
  id: string,
): Promise<HubTask | undefined> {
  const { rows } = await tx.query<HubTask>(
    `select ${columns} from task t ${granted}
      where t.tenant = $tenant and t.id = $1::uuid and t.owner = any($2)`,
    [id, partners],
  );
  return rows[0];
}

/**
 * Reads one page of the Tasks of a partner. Each owner and each status is read in the order of its
 * own index, and no further than the page goes.
 */
export async function searchHubTasks(tx: Tx, search: TaskSearch): Promise<HubTask[]> {
  const { statuses, ids, after } = search;
  const byStatus = statuses !== undefined;
  const { rows } = await tx.query<HubTask>(
    `select y.* from unnest($1::text[]) o(owner)
       ${byStatus ? 'cross join unnest($2::text[]) s(status)' : ''}
       cross join lateral (select ${columns} from task t ${granted}
         where t.tenant = $tenant and t.owner = o.owner
           and ${byStatus ? 't.status = s.status' : '$2::text[] is null'}
           and ($3::uuid[] is null or t.id = any($3))
           and t.last_updated >= coalesce($4::timestamptz, '-infinity')
           and t.last_updated < coalesce($5::timestamptz, 'infinity')
           and t.last_updated <= coalesce($6::timestamptz, 'infinity')
           and ($6::timestamptz is null or t.last_updated < $6 or t.id > $7::uuid)
         order by t.last_updated desc, t.id limit $8::int) y
      order by y.last_updated desc, y.id limit $8`,
    [
      [...new Set(search.partners)],
      statuses ? [...new Set(statuses)] : null,
      ids ?? null,
      search.from ?? null,
      search.before ?? null,
      after?.at ?? null,
      after?.id ?? null,
      search.limit,
    ],
  );
  return rows;
}

/** Reads a Task again after a change that its partner made here, whose answer it may see. */
export async function readChangedTask(
  tx: Tx,
  { id, elements }: Pick<HubTask, 'id' | 'elements'>,
): Promise<HubTask> {
  const { rows } = await tx.query<HubTask>(
    `select ${columns} from task t cross join (select $2::text as elements) g
      where t.tenant = $tenant and t.id = $1`,
    [id, elements],
  );
  return requireRow(rows, 'Task');
}

/** Tells which of some Tasks a partner may still read, by their ids. */
export async function readableNow(
  tx: Tx,
  partners: readonly string[],
  tasks: readonly { id: string }[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `select t.id from task t ${granted}
      where t.tenant = $tenant and t.id = any($1::uuid[]) and t.owner = any($2)`,
    [tasks.map(({ id }) => id), partners],
  );
  return new Set(rows.map(({ id }) => id));
}
