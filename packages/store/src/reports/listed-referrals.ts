import type { Tx } from '../database/database.ts';
import { endangeredPeople, seeFirstRanks } from '../people/safety/urgent-people.ts';
import { patientsLike } from '../people/same-person.ts';
import { wasNeeded } from '../referral/referral-places.ts';
import type { ReferralRow } from '../referral/referrals.ts';

/**
 * The lists beside a reviewer's own gates: referrals that wait for others, that are out, and that
 * have ended.
 * DECISIONS D72.
 */
export const listedStates = [
  'noPartner',
  'hold',
  'send',
  'partner',
  'closed',
  'failed',
  'refused',
  'withdrawn',
  'all',
] as const;
export type ListedState = (typeof listedStates)[number];

/**
 * The request for a page of a list. `all` lists every referral of one person, whatever has become
 * of it.
 */
export type ListAsk = {
  state: ListedState;
  limit: number;
  after?: { rank: number; changedAt: string; id: string } | undefined;
  category?: string | undefined;
  person?: string | undefined;
};

export type ListedRow = ReferralRow & { cursor_at: string; rank: number };

const isLive =
  'exists (select 1 from task t where t.tenant = $tenant and t.referral = r.id and t.live)';
const waitsAt = (gate: string) => `r.state = 'waiting' and r.gate = '${gate}' and not ${isLive}`;
const refused =
  "r.state = 'withdrawn' and r.approval = 'refused' and r.approved_by is distinct from 'system:enrichment'";

/**
 * The condition of each list, worded as its index is. `withdrawn` holds those that were refused,
 * too.
 */
const belongs: Readonly<Record<ListedState, string>> = {
  noPartner: waitsAt('noPartner'),
  hold: waitsAt('hold'),
  send: waitsAt('send'),
  partner: "r.state = 'partner'",
  closed: "r.state = 'closed'",
  failed: "r.state = 'failed'",
  refused,
  withdrawn: "r.state = 'withdrawn' and r.approved_by is distinct from 'system:enrichment'",
  all: `r.person = any(${patientsLike('$6')}) and ${wasNeeded}`,
};

/**
 * Tells whether a list shows work that is still open. Such a list has people to be seen first on
 * top, longest unchanged first; a list of ended referrals has the latest first.
 */
const isWork = (state: ListedState) => ['noPartner', 'hold', 'send', 'partner'].includes(state);

/** Reads a page of one list. One row more than `limit` says that there are others. */
export async function listReferrals(tx: Tx, tenant: string, ask: ListAsk): Promise<ListedRow[]> {
  const direction = isWork(ask.state) ? 'asc' : 'desc';
  const beyond = direction === 'asc' ? '>' : '<';
  const ranks = isWork(ask.state) ? seeFirstRanks : ['true'];
  // Each part is read in the order of its index, and no further than the page goes.
  const page = (
    where: string,
    isIn: string,
    rank: number,
  ) => `(select r.*, r.changed_at::text as cursor_at, ${rank} as rank from referral r
     where r.tenant = $1 and ${where} and ${isIn} and ($3::text is null or r.category = $3)
       and ($6::uuid is null or r.person = any(${patientsLike('$6')}))
       and ($7::int is null or $7::int < ${rank} or ($7::int = ${rank} and (r.changed_at,
         r.id) ${beyond} ($4::timestamptz, $5::uuid)))
     order by r.changed_at ${direction}, r.id ${direction} limit $2)`;
  // A POST whose answer was lost counts as being with the partner.
  const unsent = `r.state = 'waiting' and r.id in (select t.referral from task_delivery d join task t
      on t.tenant = d.tenant and t.id = d.task
      where d.tenant = $1 and d.state = 'intended' and t.live)`;
  const pages = ask.state === 'partner' ? [belongs.partner, unsent] : [belongs[ask.state]];
  const parts = pages.flatMap((where) => ranks.map((isIn, rank) => page(where, isIn, rank)));
  const { rows } = await tx.query<ListedRow>(
    `with endangered as materialized (${endangeredPeople})
     select * from (${parts.join(' union all ')}) x order by rank, changed_at ${direction},
       id ${direction} limit $2`,
    [
      tenant,
      ask.limit + 1,
      ask.category ?? null,
      ask.after?.changedAt ?? null,
      ask.after?.id ?? null,
      ask.person ?? null,
      ask.after?.rank ?? null,
    ],
  );
  return rows;
}

/** Finds the people whom EHRs know by this Patient id, at most 20. */
export async function peopleByPatient(tx: Tx, tenant: string, patient: string): Promise<string[]> {
  const { rows } = await tx.query<{ person: string }>(
    `select distinct p.person from connection c join ehr_resource p on p.tenant = $tenant
      and p.connection = c.id
      and p.type = 'Patient' and p.source_id = $2
      where c.tenant = $1 order by 1 limit 20`,
    [tenant, patient],
  );
  return rows.map((row) => row.person);
}

/** Lists failed work on a referral or its Tasks: the stage, the code, and whom it waits for. */
export async function troubleOf(
  tx: Tx,
  referral: string,
): Promise<{ stage: string; code: string; waitsFor: string; since: Date }[]> {
  const { rows } = await tx.query<{ stage: string; code: string; waitsFor: string; since: Date }>(
    `select stage, error_code as code, waits_for as "waitsFor", since from ledger
      where tenant = $tenant and error_code is not null and ((stage in ('refer', 'close')
      and subject = $1)
         or (stage = 'track' and subject in (select id::text from task where tenant = $tenant
         and referral = $1::uuid)))
           order by since`,
    [referral],
  );
  return rows;
}
