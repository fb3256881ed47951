import { nowOnce, realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';

/**
 * One age or number for monitoring. Labels are stages, gates, connections, types of resources and
 * partners: never a person.
 * DECISIONS D12.
 */
export type Gauge = {
  kind:
    | 'owed'
    | 'read-up-to'
    | 'unanswered'
    | 'gate'
    | 'accepted'
    | 'danger-people'
    | 'danger-oldest'
    | 'duty-alerts'
    | 'duty-oldest'
    | 'hold';
  a: string;
  b: string;
  n: number;
};

const stages = ['pull', 'screen', 'code', 'refer', 'track', 'close', 'write-back'];
const owedBy = ['worker', 'ehr', 'partner'];

const ageOf = (since: string, now = nowOnce) =>
  `greatest(0, extract(epoch from ${now} - ${since}))::float8`;

/**
 * Selects the age of the oldest late work, by stage and by who holds it up; 0 where none is late.
 */
const owed = `select 'owed' as kind, s.stage as a, w.owed_by as b, coalesce(${ageOf('o.since')},
  0) as n
  from unnest($2::text[]) as s(stage) cross join unnest($3::text[]) as w(owed_by)
  left join lateral (select l.owed_since as since from ledger l
                      where l.tenant = $1 and l.stage = s.stage and l.owed_by = w.owed_by
                        and l.owed_since < 'infinity'
                      order by l.owed_since limit 1) o on true`;

/** Selects the cursors that are meant to be read, without those of connections that are paused. */
const isRead = `not l.done and l.closed_by is null
  and not exists (select 1 from hold h where h.tenant = $1
    and h.scope = 'connection:' || l.connection)`;

/**
 * Selects each value of an index's first columns by one step into the index, however many rows have
 * it.
 */
const kinds = `kinds as (
    (select l.connection, l.type from pull_cursor l where l.tenant = $tenant and ${isRead}
    order by l.connection, l.type
      limit 1)
    union all
    select n.connection, n.type from kinds k cross join lateral (
      select l.connection, l.type from pull_cursor l where l.tenant = $tenant and ${isRead}
      and (l.connection,
        l.type) > (k.connection, k.type)
       order by l.connection, l.type limit 1) n)`;
const gates = `gates as (
    (select coalesce(r.gate, 'review') as gate from referral r where r.tenant = $1
      and r.state = 'waiting' order by 1 limit 1)
    union all
    select n.gate from gates g cross join lateral (
      select coalesce(r.gate, 'review') as gate from referral r
       where r.tenant = $1 and r.state = 'waiting' and coalesce(r.gate, 'review') > g.gate
         order by 1 limit 1) n)`;
const takers = `takers as (
    (select t.partner from task t where t.tenant = $1 and t.live and t.accepted_at is not null
      order by 1 limit 1)
    union all
    select n.partner from takers k cross join lateral (
      select t.partner from task t where t.tenant = $1 and t.live and t.accepted_at is not null
        and t.partner > k.partner
       order by 1 limit 1) n)`;

/** Selects, for each type, the age of the cursor that is furthest behind. */
const read = `select 'read-up-to', k.connection, k.type, ${ageOf('x.at', realNow)}
  from kinds k cross
  join lateral (
    select l.read_at as at from pull_cursor l where l.tenant = $tenant and ${isRead}
    and l.connection = k.connection
      and l.type = k.type
     order by l.read_at limit 1) x`;
/** Selects, for each type, the age of the last page that any cursor got. */
const answered = `select 'unanswered', k.connection, k.type, ${ageOf('x.at', realNow)}
  from kinds k cross
  join lateral (
    select l.answered_at as at from pull_cursor l where l.tenant = $tenant and ${isRead}
    and l.connection = k.connection
      and l.type = k.type
     order by l.answered_at desc limit 1) x`;

/**
 * Selects, for each gate, the age of the oldest referral there. A referral with a live Task counts
 * as being at its partner, whatever gate it last stood at.
 */
const gate = `select 'gate', g.gate, '', ${ageOf('x.since')} from gates g cross join lateral (
    select r.gate_since as since from referral r
     where r.tenant = $1 and r.state = 'waiting' and coalesce(r.gate, 'review') = g.gate
       and not exists (select 1 from task t where t.tenant = $tenant and t.referral = r.id
       and t.live)
     order by r.gate_since limit 1) x`;

/** Selects, for each partner, the age of the oldest live Task that it accepted. */
const accepted = `select 'accepted', k.partner, '', ${ageOf('x.at')} from takers k cross
  join lateral (
    select t.accepted_at as at from task t where t.tenant = $1 and t.live
      and t.accepted_at is not null and t.partner = k.partner
     order by t.accepted_at limit 1) x`;

/**
 * Selects people who may be in danger and wait for a person: a screening that warns was not looked
 * at, or a referral that names a danger has gone nowhere. A referral that a reviewer has postponed
 * to another day does not count until then.
 */
const endangered = `endangered as (
    select s.person, s.asks_since as since from screening s
     where s.tenant = $1 and s.warns and s.seen_at is null and (s.danger or s.safety)
    union all
    select r.person, r.danger_since from referral r
     where r.tenant = $1 and r.state = 'waiting' and r.danger is not null and r.approval is distinct
       from 'refused'
       and coalesce(r.postponed_until, '') <= $4 and not exists (select 1 from task t
         where t.tenant = $tenant and t.referral = r.id and t.live))`;
/** Selects how many people may be in danger, and the age of the oldest danger. */
const danger = `select 'danger-people', '', '', count(distinct person)::float8 from endangered
  union all select 'danger-oldest', '', '', coalesce(${ageOf('min(since)')}, 0) from endangered`;

/**
 * Selects how many alerts nobody on duty was told of yet (`untold`), or was told of and has not
 * taken (`untaken`), and the age of the oldest. Alerts that share a summary are told with it.
 */
const duty = `select d.kind, s.state, '', d.n from (values ('untold'), ('untaken')) as s(state)
    cross join lateral (select count(*)::float8 as count, min(a.raised_at) as oldest
       from duty_alert a where a.tenant = $1 and a.next_at is not null and a.taken_at is null
        and (a.first_told_at is null) = (s.state = 'untold')) x
    cross join lateral (values ('duty-alerts', x.count),
      ('duty-oldest', coalesce(${ageOf('x.oldest')}, 0))) as d(kind, n)`;

/**
 * Selects the age of the oldest hold, by what it holds: all, partner, ehr, connection, receiver.
 */
const held = `select 'hold', split_part(h.scope, ':', 1), '', ${ageOf('min(h.at)')} from hold h
  where h.tenant = $1 group by 2`;

/**
 * Reads the ages of the oldest of all that waits, each found in an index, however much waits. Call
 * it in a transaction.
 *
 * @param today YYYY-MM-DD at the site
 */
export async function readGauges(tx: Tx, tenant: string, today: string): Promise<Gauge[]> {
  // Ten small readings in one: compiling them takes longer than they do.
  await tx.query('set local jit = off');
  const { rows } = await tx.query<Gauge>(
    `with recursive ${[kinds, gates, takers, endangered].join(',\n')}
     ${[owed, read, answered, gate, accepted, danger, duty, held].join('\n     union all ')}`,
    [tenant, stages, owedBy, today],
  );
  return rows;
}
