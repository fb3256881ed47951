import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import { tellByHandCode } from '../../ledger/tell-by-hand.ts';
import type { InboxRow } from '../partner-answers.ts';
import type { ReferralRow } from '../referrals.ts';

/** What somebody of the care team has to tell, with who looks after the person. */
type Untold = Pick<ReferralRow, 'category'> & {
  referral: string;
  person: string;
  partner: string;
  /** The name of the partner; its id where it has left the directory. */
  name: string;
  /** Who looks after the person; null for nobody. */
  owner: string | null;
};

/** A yes that the person has not heard of: they can come, or there is a wait. */
export type UntoldYes = Untold & Pick<InboxRow, 'id' | 'task' | 'button' | 'fields'>;

/** A Task that has ended here, and whose partner only a person can tell. */
export type UntoldEnd = Untold & { task: string };

const untold = `t.referral, t.person, t.partner, r.category,
  coalesce((select p.name from partner p where p.tenant = $tenant and p.id = t.partner
    order by p.position limit 1), t.partner) as name,
  (select w.owner from work_owner w where w.tenant = $tenant and w.person = t.person
    order by w.handed_at desc, w.id limit 1) as owner`;

/** The latest yes by a button of each Task that is open, where the person has to hear of it. */
const untoldYes = `from partner_answer a
  join task t on t.tenant = $tenant and t.id = a.task and t.live
    and t.status in ('accepted', 'in-progress')
  join referral r on r.tenant = $tenant and r.id = t.referral
 where a.tenant = $tenant and a.button in ('yesTheyCanCome', 'yesButWait')
   and a.undone_at is null and a.told_at is null
   and not exists (select 1 from partner_answer n where n.tenant = $tenant and n.task = a.task
     and n.id > a.id and n.undone_at is null and n.button like 'yes%')`;

const untoldEnd = `from ledger l
  join task t on t.tenant = $tenant and t.id::text = l.subject
  join referral r on r.tenant = $tenant and r.id = t.referral
 where l.tenant = $tenant and l.stage = 'track' and l.error_code = '${tellByHandCode}'`;

/** SQL that is true for a row of the ledger that failed; what somebody has to tell is none. */
export const isFailedWork = `error_code is not null and error_code <> '${tellByHandCode}'`;

/** Lists the yeses that people have not heard of, the oldest first; so many at most. */
export async function untoldYeses(tx: Tx, most: number): Promise<UntoldYes[]> {
  const { rows } = await tx.query<UntoldYes>(
    `select a.id, a.task, a.button, a.fields, ${untold} ${untoldYes} order by a.id limit $1`,
    [most],
  );
  return rows;
}

/** Lists the Tasks that were taken back and whose partners have not heard of it. */
export async function untoldEnds(tx: Tx, most: number): Promise<UntoldEnd[]> {
  const { rows } = await tx.query<UntoldEnd>(
    `select t.id as task, ${untold} ${untoldEnd} order by l.since, t.id limit $1`,
    [most],
  );
  return rows;
}

/** Counts what somebody has to tell people and partners. */
export async function countUntold(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select ((select count(*) ${untoldYes}) + (select count(*) ${untoldEnd}))::int as count`,
  );
  return rows[0]?.count ?? 0;
}

/** Notes that the person was told of a yes. It is false where somebody else was first. */
export async function personTold(tx: Tx, answer: number, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update partner_answer set told_at = ${nowOnce}, told_by = $2
      where tenant = $tenant and id = $1 and told_at is null`,
    [answer, by],
  );
  return rowCount === 1;
}
