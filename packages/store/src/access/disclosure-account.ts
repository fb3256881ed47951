import {
  type DisclosedPart,
  type Disclosure,
  disclosedElements,
  endOfDisclosure,
} from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { statusOnly } from './disclosure-grants.ts';
import { keptDisclosures, releasedDemands } from './kept-disclosures.ts';
import { patientsOfHuman } from './patients-of-human.ts';
import {
  type DisclosurePage,
  type DisclosureSearch,
  type PlacedDisclosure,
  pageOfDisclosures,
} from './placed-disclosures.ts';

type Row = Omit<Disclosure, 'elements' | 'endedAt' | 'endedBy' | 'openedBy'> & {
  openedBy: string[] | null;
  micros: number;
  live: boolean;
  taskEndedAt: Date | null;
  now: Date;
};

/** Names who approved the referral of a Task before it was made. */
const approver = `coalesce((select d.principal from decision d
    where d.tenant = t.tenant and d.referral = t.referral and d.decision = 'approve'
      and d.at <= t.requested_at order by d.id desc limit 1),
  (select r.approved_by from referral r where r.tenant = t.tenant and r.id = t.referral))`;

/** Selects Tasks whose partner had, could read or read something from $4 on, and before $5. */
const wasOpenSince = `(t.requested_at >= $4 or t.live or t.ended_at >= $4
  or exists (select 1 from disclosure_grant g where g.tenant = t.tenant and g.task = t.id
    and g.elements <> '${statusOnly}' and (g.ended_at is null or g.ended_at >= $4)
    and (g.until is null or g.until >= $4))
  or exists (select 1 from partner_read r where r.tenant = t.tenant and r.task = t.id
    and r.at >= $4 and ($5::timestamptz is null or r.at < $5)))`;

/** Selects Tasks that were never sent and that nobody could read: they disclosed nothing. */
const wasNeverOpen = `(not exists (select 1 from task_delivery d where d.tenant = t.tenant
    and d.task = t.id and d.state <> 'abandoned')
  and not exists (select 1 from partner_read r where r.tenant = t.tenant and r.task = t.id))`;

/**
 * Lists what went out to partners, one entry for each Task: who, what, why, under which consent and
 * by whose decision, and what the partner read of it. What was released because of a legal demand
 * has an entry, too. DECISIONS D168.
 */
export async function listDisclosures(tx: Tx, search: DisclosureSearch): Promise<DisclosurePage> {
  const lists = [
    await taskDisclosures(tx, search),
    await keptDisclosures(tx, search),
    await releasedDemands(tx, search),
  ];
  return pageOfDisclosures(lists, search.limit);
}

/** Lists the entries of Tasks that are on record, and one more than the page has. */
async function taskDisclosures(tx: Tx, search: DisclosureSearch): Promise<PlacedDisclosure[]> {
  const { rows } = await tx.query<Row>(
    `with page as (
       select t.*, ${approver} as approver from task t
        where t.tenant = $tenant and t.direction = 'out'
          and ($1::uuid is null or t.person = any(${patientsOfHuman('$1')}))
          and ($2::text is null or t.partner = $2)
          and ($3::text is null or ${approver} = $3)
          and ($4::timestamptz is null or ($4 <= loopwell_now() and ${wasOpenSince}))
          and ($5::timestamptz is null or t.requested_at < $5)
          and ($6::bigint is null or (t.requested_at, t.id)
            < (timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::uuid))
          and not ${wasNeverOpen}
        order by t.requested_at desc, t.id desc limit $8)
     select t.requested_at as at, (extract(epoch from t.requested_at) * 1000000)::bigint as micros,
        coalesce(l.person, t.person) as person, t.person as patient, t.partner,
        p.name as "partnerName", t.referral, t.id as task, t.approver as "approvedBy",
        c.purpose, 'Consent/' || c.consent_id || '/_history/' || c.consent_version as consent,
        coalesce(d.channel, '') as channel, coalesce(d.state, 'intended') as state,
        reads.n as reads, reads.latest as "lastRead", reads.helpers as "openedBy", t.live, t.ended_at as "taskEndedAt",
        loopwell_now() as now
       from page t
       left join patient_link l on l.tenant = t.tenant and l.patient = t.person
       left join partner p on p.tenant = t.tenant and p.id = t.partner
       left join task_delivery d on d.tenant = t.tenant and d.task = t.id and d.number = t.delivery
       left join lateral (select k.* from consent_decision k where k.tenant = t.tenant
           and k.referral = t.referral and k.recipient = t.partner
           and (k.task is null or k.task = t.id) order by k.id desc limit 1) c on true
       cross join lateral (select count(*) as n, max(r.at) as latest,
           array_agg(distinct h.name order by h.name) filter (where h.name is not null) as helpers
         from partner_read r
           left join partner_helper h on h.tenant = r.tenant and h.id = r.helper
         where r.tenant = t.tenant and r.task = t.id and ($4::timestamptz is null or r.at >= $4)
           and ($5::timestamptz is null or r.at < $5)) reads
      order by t.requested_at desc, t.id desc`,
    [
      ...[search.person ?? null, search.partner ?? null, search.by ?? null],
      ...[search.from ?? null, search.to ?? null],
      ...[search.after?.micros ?? null, search.after?.task ?? null, search.limit + 1],
    ],
  );
  const tasks = rows.map(({ task }) => task);
  const parts = await partsOf(tx, tasks);
  return rows.map((row) => ({
    place: { micros: row.micros, task: row.task },
    disclosure: disclosureOf(row, parts.get(row.task) ?? []),
  }));
}

function disclosureOf(row: Row, parts: readonly DisclosedPart[]): Disclosure {
  const { micros: _micros, live, taskEndedAt, now, openedBy, ...columns } = row;
  const rest = openedBy === null ? columns : { ...columns, openedBy };
  const end = endOfDisclosure(parts, now);
  // A Task of an earlier version has no grants: it was open as long as it lived.
  const endOfTask = live || parts.length > 0 ? undefined : taskEndedAt;
  const elements = disclosedElements(parts);
  if (!endOfTask) return { ...rest, elements, ...end };
  return { ...rest, elements, endedAt: endOfTask, endedBy: 'system:task-end' };
}

/** Reads what could be read because of some Tasks, by Task. */
async function partsOf(
  tx: Tx,
  tasks: readonly string[],
): Promise<Map<string, (DisclosedPart & { task: string })[]>> {
  const { rows } = await tx.query<DisclosedPart & { task: string }>(
    `select g.task, g.type, g.ever, g.class, g.until, g.ended_at as "endedAt",
        g.ended_by as "endedBy", g.elements = '${statusOnly}' as "isStatusOnly"
       from disclosure_grant g where g.tenant = $tenant and g.task = any($1::uuid[])
      order by g.task, g.type, g.id, g.partner`,
    [tasks],
  );
  return Map.groupBy(rows, ({ task }) => task);
}

export { isKnownPerson } from './kept-disclosures.ts';

/** A partner by its id, and by its name where the directory has it. */
export type NamedPartner = { id: string; name: string | null };

/**
 * Finds the partners that a text names, by id or by name. A partner that has left the directory is
 * found by its id as long as one of its Tasks is known, or an entry kept of somebody who was erased.
 */
export async function partnersNamed(tx: Tx, text: string): Promise<NamedPartner[]> {
  const { rows } = await tx.query<NamedPartner>(
    `select p.id, p.name from partner p
      where p.tenant = $tenant and (p.id = $1 or lower(p.name) = lower($1))
     union
     select t.partner, null from (select 1) one cross join lateral (select k.partner from task k
         where k.tenant = $tenant and k.partner = $1 and k.direction = 'out' limit 1) t
      where not exists (select 1 from partner p where p.tenant = $tenant and p.id = $1)
     union
     select t.partner, null from (select 1) one cross join lateral (select k.partner
         from kept_disclosure k where k.tenant = $tenant and k.partner = $1 limit 1) t
      where not exists (select 1 from partner p where p.tenant = $tenant and p.id = $1)
      order by id`,
    [text],
  );
  const byId = rows.filter(({ id }) => id === text);
  return byId.length > 0 ? byId : rows;
}

/** A read of a resource by a partner, and the grant that allowed it. */
export type PartnerRead = {
  partner: string;
  task: string;
  referral: string;
  person: string;
  type: string;
  resource: string;
  /** The helper of the partner who opened it at its page. */
  helper?: string | undefined;
};

/** Records reads of partners, so that the account of disclosures counts them. */
export async function logPartnerReads(tx: Tx, reads: readonly PartnerRead[]): Promise<void> {
  if (reads.length === 0) return;
  await tx.prepared(
    `insert into partner_read (tenant, partner, task, referral, person, type, resource, helper)
     select $1, r.* from unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
       $7::text[], $8::uuid[]) r(partner, task, referral, person, type, resource, helper)`,
    [
      tx.tenant,
      reads.map(({ partner }) => partner),
      reads.map(({ task }) => task),
      reads.map(({ referral }) => referral),
      reads.map(({ person }) => person),
      reads.map(({ type }) => type),
      reads.map(({ resource }) => resource),
      reads.map(({ helper }) => helper ?? null),
    ],
  );
}
