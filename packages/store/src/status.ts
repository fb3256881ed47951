import type { Tx } from './database.ts';

export type StageStatus = {
  stage: string;
  waiting: Record<'worker' | 'reviewer' | 'partner' | 'ehr' | 'operator', number>;
  /** Held by a worker right now. */
  active: number;
  failed: number;
  oldestSince: Date | null;
  done: number;
  donePerMinute: number;
};

const names = ['pull', 'screen', 'code', 'refer', 'track', 'close', 'write-back'] as const;

/** Each stage as ledger and history show it: two queries, whatever waits. */
export async function readStages(tx: Tx, organisation: string): Promise<StageStatus[]> {
  const waiting = await tx.query<{ stage: string; waits_for: keyof StageStatus['waiting']; n: number; active: number; failed: number; oldest: Date }>(
    `select stage, waits_for, count(*) as n, count(*) filter (where leased_until > now()) as active,
            count(*) filter (where error_code is not null) as failed, min(since) as oldest
       from ledger where organisation = $1 group by stage, waits_for`,
    [organisation],
  );
  const done = await tx.query<{ stage: string; n: number; recent: number }>(
    `select stage, count(*) as n, count(*) filter (where at > now() - interval '1 minute') as recent
       from history where organisation = $1 and outcome not like 'failed:%' and outcome not like 'waits:%' group by stage`,
    [organisation],
  );
  return names.map((stage) => {
    const own = waiting.rows.filter((row) => row.stage === stage);
    const count = (who: string) => Number(own.find((row) => row.waits_for === who)?.n ?? 0);
    const past = done.rows.find((row) => row.stage === stage);
    const oldest = own.map((row) => row.oldest).sort((a, b) => a.getTime() - b.getTime())[0];
    return {
      stage,
      waiting: { worker: count('worker'), reviewer: count('reviewer'), partner: count('partner'), ehr: count('ehr'), operator: count('operator') },
      active: own.reduce((sum, row) => sum + Number(row.active), 0),
      failed: own.reduce((sum, row) => sum + Number(row.failed), 0),
      oldestSince: oldest ?? null,
      done: Number(past?.n ?? 0),
      donePerMinute: Number(past?.recent ?? 0),
    };
  });
}

export type ParkedRow = { stage: string; subject: string; code: string; facts: string | null; attempts: number; waits_for: string; since: Date };

/** Rows that failed, oldest first: what retry and discard are for. */
export async function readParked(tx: Tx, organisation: string, limit = 100): Promise<ParkedRow[]> {
  const { rows } = await tx.query<ParkedRow>(
    `select stage, subject, error_code as code, error_facts as facts, attempts, waits_for, since from ledger
      where organisation = $1 and error_code is not null order by since limit $2`,
    [organisation, limit],
  );
  return rows;
}

export type GateCount = { gate: string; count: number; oldest: Date };

/** Referrals by what they wait for. */
export async function readGates(tx: Tx, organisation: string): Promise<GateCount[]> {
  const { rows } = await tx.query<{ gate: string; n: number; oldest: Date }>(
    `select coalesce(gate, state) as gate, count(*) as n, min(changed_at) as oldest from referral
      where organisation = $1 and state in ('waiting', 'partner') group by 1 order by 1`,
    [organisation],
  );
  return rows.map((row) => ({ gate: row.gate, count: Number(row.n), oldest: row.oldest }));
}

export type Refusal = { receiver: string; status: number | null; issueCode: string | null; count: number };

/** What receivers refused: partners' Tasks and resources that the EHR did not take. */
export async function readRefusals(tx: Tx, organisation: string): Promise<Refusal[]> {
  const { rows } = await tx.query<{ receiver: string; status: number | null; code: string | null; n: number }>(
    `select receiver, status, issue_code as code, count(*) as n from receipt where organisation = $1 and state = 'refused' group by 1, 2, 3
     union all
     select 'ehr:' || connection || ' ' || type, status, issue_code, count(*) from ehr_copy
      where organisation = $1 and state = 'refused' group by 1, 2, 3 order by 1`,
    [organisation],
  );
  return rows.map((row) => ({ receiver: row.receiver, status: row.status, issueCode: row.code, count: Number(row.n) }));
}
