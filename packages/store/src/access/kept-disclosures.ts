import type { Disclosure } from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { patientsOfHuman } from './patients-of-human.ts';
import type { DisclosureSearch, PlacedDisclosure } from './placed-disclosures.ts';

/** The channel of what was released because of a legal demand. */
const demandChannel = 'legal-demand';

/** Keeps entries of the account of somebody who is erased. Legal demands stay by themselves. */
export async function keepDisclosures(tx: Tx, entries: readonly Disclosure[]): Promise<void> {
  for (const entry of entries.filter(({ channel }) => channel !== demandChannel)) {
    const { task, at, person, patient, partner, approvedBy } = entry;
    await tx.query(
      `insert into kept_disclosure (tenant, task, at, person, patient, partner, approved_by,
         open_until, body)
       select $tenant, $1, $2, $3, $4, $5, $6, greatest($2, coalesce((select max(least(
           coalesce(g.ended_at, loopwell_now()), coalesce(g.until, loopwell_now())))
           from disclosure_grant g where g.tenant = $tenant and g.task = $1::uuid), $7)), $8
       on conflict (tenant, task) do nothing`,
      [
        ...[task, at, person, patient, partner, approvedBy],
        ...[entry.endedAt ?? new Date(), JSON.stringify(entry)],
      ],
    );
  }
}

type Row = { body: string; at: Date; micros: number; reads: number; lastRead: Date | null };

/** Lists entries of people who were erased, as `listDisclosures` lists the others. */
export async function keptDisclosures(
  tx: Tx,
  search: DisclosureSearch,
): Promise<PlacedDisclosure[]> {
  const { rows } = await tx.query<Row>(
    `select k.body, k.at, (extract(epoch from k.at) * 1000000)::bigint as micros, reads.n as reads,
        reads.latest as "lastRead"
       from kept_disclosure k
       cross join lateral (select count(*) as n, max(r.at) as latest from partner_read r
         where r.tenant = $tenant and r.task = k.task and ($4::timestamptz is null or r.at >= $4)
           and ($5::timestamptz is null or r.at < $5)) reads
      where k.tenant = $tenant
        and ($1::uuid is null or k.person = $1 or k.patient = any(${patientsOfHuman('$1')}))
        and ($2::text is null or k.partner = $2)
        and ($3::text is null or k.approved_by = $3)
        and ($4::timestamptz is null or k.at >= $4 or k.open_until >= $4 or reads.n > 0)
        and ($5::timestamptz is null or k.at < $5)
        and ($6::bigint is null or (k.at, k.task)
          < (timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::uuid))
      order by k.at desc, k.task desc limit $8`,
    [
      ...[search.person ?? null, search.partner ?? null, search.by ?? null],
      ...[search.from ?? null, search.to ?? null],
      ...[search.after?.micros ?? null, search.after?.task ?? null, search.limit + 1],
    ],
  );
  return rows.map(({ body, at, micros, reads, lastRead }) => {
    const entry = JSON.parse(body) as Disclosure;
    const endedAt = entry.endedAt && new Date(entry.endedAt);
    const disclosure = { ...entry, at, reads, lastRead, endedAt };
    return { place: { micros, task: entry.task }, disclosure };
  });
}

type DemandRow = {
  id: string;
  at: Date;
  micros: number;
  person: string;
  patient: string;
  kind: string;
  demandedBy: string;
  approvedBy: string;
};

/**
 * Lists legal demands that were released: from the yes of the second person on. What was demanded
 * and released stands with the demand. DECISIONS D188.
 */
export async function releasedDemands(
  tx: Tx,
  search: DisclosureSearch,
): Promise<PlacedDisclosure[]> {
  if (search.partner !== undefined) return [];
  const { rows } = await tx.query<DemandRow>(
    `select d.id, y.at, (extract(epoch from y.at) * 1000000)::bigint as micros,
        coalesce(l.person, d.person) as person, d.person as patient, d.kind,
        d.demanded_by as "demandedBy", y.by as "approvedBy"
       from legal_demand d
       cross join lateral (
         select max(r.at) as at, string_agg(r.principal, ', ' order by r.at, r.principal) as by
           from legal_demand_yes r
          where r.tenant = $tenant
            and r.demand = d.id
            and r.step = 'release'
         having count(*) > 1) y
       left join patient_link l on l.tenant = $tenant and l.patient = d.person
      where d.tenant = $tenant
        and ($1::uuid is null or d.person = any(${patientsOfHuman('$1')}))
        and ($2::text is null or exists (select 1 from legal_demand_yes b where b.tenant = $tenant
          and b.demand = d.id and b.step = 'release' and b.principal = $2))
        and ($3::timestamptz is null or y.at >= $3)
        and ($4::timestamptz is null or y.at < $4)
        and ($5::bigint is null or (y.at, d.id)
          < (timestamptz 'epoch' + $5::bigint * interval '1 microsecond', $6::uuid))
      order by y.at desc, d.id desc limit $7`,
    [
      ...[search.person ?? null, search.by ?? null, search.from ?? null, search.to ?? null],
      ...[search.after?.micros ?? null, search.after?.task ?? null, search.limit + 1],
    ],
  );
  return rows.map(demandEntry);
}

function demandEntry({ id, micros, kind, demandedBy, ...row }: DemandRow): PlacedDisclosure {
  const disclosure: Disclosure = {
    ...row,
    ...{ partner: demandChannel, partnerName: demandedBy, channel: demandChannel },
    ...{ elements: ['LegalDemand'], purpose: kind, consent: null, state: 'delivered' },
    ...{ reads: 0, lastRead: null, endedAt: row.at, endedBy: 'system:released' },
    ...{ referral: id, task: id },
  };
  return { place: { micros, task: id }, disclosure };
}

/**
 * Tells whether somebody is known by an id, of theirs or of one of their Patients, also if they were
 * erased: a slip in an id must not read as "nothing went out".
 */
export async function isKnownPerson(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await tx.query<{ found: boolean }>(
    `select exists (select 1 from patient_link l where l.tenant = $tenant
          and (l.patient = $1 or l.person = $1))
        or exists (select 1 from erased_patient e where e.tenant = $tenant
          and (e.patient = $1 or e.person = $1))
        or exists (select 1 from task t where t.tenant = $tenant and t.person = $1)
        or exists (select 1 from kept_disclosure k where k.tenant = $tenant
          and (k.person = $1 or k.patient = $1))
        or exists (select 1 from person_view v where v.tenant = $tenant and v.person = $1)
        as found`,
    [id],
  );
  return rows[0]?.found ?? false;
}
