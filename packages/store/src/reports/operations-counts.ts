import type { Tx } from '../database/database.ts';
import { partnerNames } from '../referral/partner-directory.ts';
import { isOverdue } from '../referral/referral-places.ts';
import { readNotices } from './reading-gaps.ts';
import { byFirst, placeTotals, readTotals } from './running-totals.ts';
import { countWaiting } from './waiting-referrals.ts';

/** Counts for operations, beside those of `stage-status.ts`: ids, codes, numbers and times only. */

/** The cursors of one type of a connection together. */
export type CursorStatus = {
  connection: string;
  type: string;
  /**
   * How many cursors: one, or one for each Patient where the server wants to be asked patient by
   * patient.
   */
  scopes: number;
  done: number;
  /** Read up to here by every cursor. */
  upto: Date | null;
  pages: number;
  resources: number;
  note: string | null;
};

/** Reads how far the cursors of each connection and type are, with their notes. */
export async function readLanes(tx: Tx, tenant: string): Promise<CursorStatus[]> {
  const { rows } = await tx.query<CursorStatus>(
    `select connection, type, count(*) as scopes, count(*) filter (where done) as done,
      min(upto) as upto,
            sum(pages)::bigint as pages, sum(resources)::bigint as resources, max(note) as note
       from pull_cursor where tenant = $1 group by connection, type order by connection, type`,
    [tenant],
  );
  const notices = await readNotices(tx, tenant);
  return rows.map((row) => {
    const ownTotals = notices
      .filter((one) => one.connection === row.connection && one.type === row.type)
      .map((one) => one.says);
    const note = [row.note, ...ownTotals].filter(Boolean).join(' ');
    return { ...row, note: note === '' ? null : note };
  });
}

export type PartnerStatus = {
  id: string;
  /** Null for a partner that has left the directory and still holds Tasks. */
  name: string | null;
  live: number;
  /** Live Tasks that were not answered by their deadline. */
  overdue: number;
  oldest: Date | null;
  completed: number;
  declined: number;
};

/** Counts the partners of the directory. */
export async function countPartners(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(distinct id) as n from partner where tenant = $tenant',
  );
  return Number(rows[0]?.n ?? 0);
}

/**
 * Lists the partners in the order of the directory, with what they hold. A partner that has left
 * the directory is listed while it holds live Tasks.
 */
export async function readPartners(tx: Tx, tenant: string): Promise<PartnerStatus[]> {
  const { rows } = await tx.query<PartnerStatus>(
    `with held as (
       select a as partner, sum(n) filter (where kind = 'task') as live,
         sum(n) filter (where kind = 'task-ended' and b = 'completed') as completed,
              sum(n) filter (where kind = 'task-ended' and b <> 'completed') as declined
         from running_totals where tenant = $1 and kind in ('task', 'task-ended') group by a),
     late as (
       select partner, count(*) as overdue from task
        where tenant = $1 and live and status in ('requested', 'received')
        and accept_by < loopwell_now()
          group by partner),
     known as (select id, min(name) as name, min(position) as position from partner
       where tenant = $1 group by id)
     select coalesce(k.id, h.partner) as id, k.name, coalesce(h.live, 0)::bigint as live,
       coalesce(l.overdue, 0) as overdue,
            case when h.live > 0 then (select min(t.requested_at) from task t where t.tenant = $1
              and t.partner = h.partner and t.live) end as oldest,
            coalesce(h.completed, 0)::bigint as completed, coalesce(h.declined,
              0)::bigint as declined
       from known k full join held h on h.partner = k.id left join late l on l.partner = h.partner
      where k.id is not null or h.live > 0 order by k.position nulls last, 1`,
    [tenant],
  );
  return rows;
}

export type QuarantineCount = {
  code: string;
  type: string;
  count: number;
  example: string;
  oldest: Date;
};

/** Counts the resources and screenings that could not be read, by reason and type. */
export async function readQuarantine(tx: Tx, tenant: string): Promise<QuarantineCount[]> {
  const { rows } = await tx.query<QuarantineCount>(
    `select code, type, count(*) as count, min(example) as example, min(since) as oldest from (
       select code, type, type || '/' || source_id as example, since from quarantine
         where tenant = $1
       union all
       select coalesce(quarantine, 'unreadable'), 'Screening', coalesce(sources::jsonb ->> 0,
         'Screening/' || id::text), changed_at from screening
        where tenant = $1 and outcome = 'quarantined'
       union all
       select problem, 'Patient', 'Patient/' || patient_id, problem_since from patient_link
        where tenant = $1 and problem is not null) x group by code, type order by count desc,
          code`,
    [tenant],
  );
  return rows;
}

/**
 * The work that waits behind holds: referrals by the partner that is asked next, as the sender
 * decided it, and write-backs by connection.
 */
export type HeldWork = {
  referrals: { partner: string | null; name: string | null; count: number }[];
  copies: { connection: string; count: number }[];
};

/** Counts the work that waits behind holds. */
export async function readHeldWork(tx: Tx, tenant: string): Promise<HeldWork> {
  const counts = new Map<string | null, number>();
  for (const { gate, partner, count } of await countWaiting(tx, tenant))
    if (gate === 'hold') counts.set(partner, (counts.get(partner) ?? 0) + count);
  const names = await partnerNames(
    tx,
    tenant,
    [...counts.keys()].filter((partner) => partner !== null),
  );
  const referrals = [...counts].map(([partner, count]) => ({
    partner,
    name: names.get(partner ?? '') ?? null,
    count,
  }));
  referrals.sort(byPartner);
  const copies = await tx.query<HeldWork['copies'][number]>(
    `select connection, count(*) as count from write_back where tenant = $1 and state = 'waiting'
      group by connection order by 1`,
    [tenant],
  );
  return { referrals, copies: copies.rows };
}

type Held = HeldWork['referrals'][number];

/** Sorts by partner; the group without a partner stands last. */
const byPartner = (a: Held, b: Held): number =>
  Number(a.partner === null) - Number(b.partner === null) ||
  ((a.partner ?? '') < (b.partner ?? '') ? -1 : 1);

/** One number for monitoring; labels are stages, codes and states. */
export type Count = {
  kind:
    | 'ledger'
    | 'failed'
    | 'referral'
    | 'overdue'
    | 'receipt'
    | 'history'
    | 'write-back'
    | 'quarantine'
    | 'task';
  a: string;
  b: string;
  n: number;
};

/** The kinds whose counts have one label only. */
const oneLabel: readonly string[] = ['receipt', 'write-back'];

/**
 * Reads the totals and places for monitoring. Call it inside one repeatable-read transaction, so
 * that they belong to one moment.
 */
export async function readCounts(tx: Tx, tenant: string, today: string): Promise<Count[]> {
  const kinds = [
    'ledger',
    'failed',
    'receipt',
    'history',
    'write-back',
    'quarantine',
    'task',
  ] as const;
  const totals = await readTotals(tx, tenant, kinds);
  const { rows: overdue } = await tx.query<Count>(
    `select 'overdue' as kind, 'withoutHelp' as a, '' as b, count(*)::float8 as n from referral r
      where r.tenant = $1 and ${isOverdue(today)}`,
    [tenant],
  );
  const places = [...(await placeTotals(tx, tenant))].map(([place, n]): Count => {
    if (place === 'closed' || place === 'failed' || place === 'withdrawn')
      return { kind: 'referral', a: place, b: '', n };
    return { kind: 'referral', a: place === 'partner' ? 'partner' : 'waiting', b: place, n };
  });
  const counted = kinds.flatMap((kind) => {
    if (oneLabel.includes(kind))
      return [...byFirst(totals, kind)].map(([a, n]): Count => ({ kind, a, b: '', n }));
    return totals.flatMap((total): Count[] =>
      total.kind === kind ? [{ kind, a: total.a, b: total.b, n: total.n }] : [],
    );
  });
  return [...counted, ...places, ...overdue];
}
