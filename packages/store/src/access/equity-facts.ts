import type { Tx } from '../database/database.ts';

/** How somebody was asked: facts that would be lost otherwise. */
export type AskedFact = {
  person: string;
  referral: string | null;
  /** Language tag; null where it is not known. */
  language: string | null;
  interpreter: string | null;
  /** What asked: a signed-in person, a service or a policy; no name. */
  by: 'care-team' | 'service' | 'policy';
};

/** Keeps how people were asked. DECISIONS D170. */
export async function keepAsked(tx: Tx, facts: readonly AskedFact[]): Promise<void> {
  for (const { person, referral, ...body } of facts)
    await tx.query(
      `insert into equity_fact (tenant, kind, person, referral, body)
       values ($tenant, 'asked', $1, $2, $3)`,
      [person, referral, JSON.stringify(body)],
    );
}

/** What is known of one need, for looking at who is helped and who is not. No names and no ids. */
export type EquityFact = {
  /** The month (YYYY-MM) of the answer that the need rests on. */
  month: string;
  category: string;
  /** The language on record now. */
  language: string | null;
  needsInterpreter: boolean | null;
  /** Staff found that the help should be offered. */
  offered: boolean;
  /** Nobody asked, since asking could have been the danger. */
  notAskedUnsafe: boolean;
  asked: { language: string | null; interpreter: string | null; by: string } | null;
  wanted: boolean | null;
  /** The kind of the no that stands. */
  no: string | null;
  signed: boolean;
  tries: number;
  /** A message could not go out, since there is no reviewed text in the language. */
  textNotReviewed: boolean;
  helped: { partnerSays: boolean; personSays: boolean | null };
};

/** Which facts are asked for: of needs since a month and before another, or of some Patients. */
export type EquitySearch = {
  from?: string | undefined;
  to?: string | undefined;
  patients?: readonly string[] | undefined;
  limit: number;
  offset: number;
};

/** Selects the JSON of each need's facts, and the month by which it is found. */
const factsOfNeeds = `select left(r.since, 7) as month, r.id::text as key, jsonb_build_object(
      'month', left(r.since, 7), 'category', r.category,
      'language', (select coalesce(x ->> 'code', x ->> 'text') from jsonb_array_elements(
          coalesce(p.body::jsonb -> 'languages', '[]')) x
        order by coalesce((x ->> 'preferred')::boolean, false) desc limit 1),
      'needsInterpreter', case p.body::jsonb ->> 'interpreter' when 'needed' then true
        when 'not-needed' then false end,
      'offered', coalesce(r.approval = 'approved', false),
      'notAskedUnsafe', exists (select 1 from equity_fact f where f.tenant = $tenant
        and f.referral = r.id and f.kind = 'not-asked-unsafe'),
      'asked', (select f.body::jsonb from equity_fact f where f.tenant = $tenant
        and f.referral = r.id and f.kind = 'asked' order by f.id desc limit 1),
      'wanted', case when n.kind is not null or r.agreement_withdrawn_at is not null then false
        when r.agreement_on is not null then true end,
      'no', n.kind,
      'signed', exists (select 1 from decision d where d.tenant = $tenant
        and d.referral = r.id and d.decision = 'recordConsent'),
      'tries', (select count(*) from contact_try c where c.tenant = $tenant
        and c.person = r.person and (c.referral = r.id or c.category = r.category)
        and c.outcome is distinct from 'not-made'),
      'textNotReviewed', exists (select 1 from equity_fact f where f.tenant = $tenant
        and f.referral = r.id and f.kind = 'text-not-reviewed'),
      'helped', jsonb_build_object('partnerSays', r.state = 'closed',
        'personSays', (select a.helped from help_answer a
          where a.tenant = $tenant and a.referral = r.id))) as body
     from referral r
     left join person_profile p on p.tenant = $tenant and p.patient = r.person
     left join lateral (select n.kind from person_no n where n.tenant = $tenant
         and n.person = r.person and n.lifted_at is null
         and (n.referral = r.id or n.category = r.category or n.kind = 'dont-ask-again')
       order by n.recorded_at desc limit 1) n on true
    where r.tenant = $tenant
      and (r.state <> 'withdrawn' or r.approved_by is distinct from 'system:enrichment')
      and ($1::text is null or left(r.since, 7) >= $1)
      and ($2::text is null or left(r.since, 7) <= $2)`;

/** Lists facts, by month; those of people who were erased are among them. */
export async function listEquityFacts(tx: Tx, search: EquitySearch): Promise<EquityFact[]> {
  const { from, to, patients, limit, offset } = search;
  const { rows } = await tx.query<{ body: EquityFact }>(
    `select x.body from (${factsOfNeeds} and ($3::uuid[] is null or r.person = any($3))
     union all
     select f.body::jsonb ->> 'month', f.id::text, f.body::jsonb from equity_fact f
      where f.tenant = $tenant and f.kind = 'erased' and $3::uuid[] is null
        and ($1::text is null or f.body::jsonb ->> 'month' >= $1)
        and ($2::text is null or f.body::jsonb ->> 'month' <= $2)) x
     order by x.month, x.key limit $4 offset $5`,
    [from ?? null, to ?? null, patients ?? null, limit, offset],
  );
  return rows.map(({ body }) => body);
}

/** Parts the facts about somebody who is erased from the person: each need becomes a row of its own. */
export async function partEquityFacts(tx: Tx, patients: readonly string[]): Promise<void> {
  const facts = await listEquityFacts(tx, { patients, limit: 10_000, offset: 0 });
  await tx.query('delete from equity_fact where tenant = $tenant and person = any($1::uuid[])', [
    patients,
  ]);
  await tx.query(
    `insert into equity_fact (tenant, kind, body)
     select $tenant, 'erased', b from unnest($1::text[]) b`,
    [facts.map((fact) => JSON.stringify(fact))],
  );
}
