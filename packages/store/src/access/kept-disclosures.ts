import type { Disclosure } from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { patientsOfHuman } from './patients-of-human.ts';
import type { DisclosureSearch, PlacedDisclosure } from './placed-disclosures.ts';

/** Keeps entries of the account of somebody who is erased. */
export async function keepDisclosures(tx: Tx, entries: readonly Disclosure[]): Promise<void> {
  for (const entry of entries) {
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
