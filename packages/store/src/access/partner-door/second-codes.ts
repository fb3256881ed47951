import { randomInt, timingSafeEqual } from 'node:crypto';
import { fingerprint } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import { placeAtDoor, type Secrets } from '../../database/secrets.ts';
import { isOpenSession } from './sessions.ts';

/** The digits of a one-time code, the minutes for which it counts, and how often it may be mistyped. */
const [digits, countsMinutes, mostWrong] = [6, 10, 5];
/** The one-time codes that a helper gets within an hour at most. */
const mostInAnHour = 5;

/**
 * Lets a session wait for a one-time code.
 *
 * @returns the code, which goes to its helper; undefined where they have got too many within the hour
 */
export async function awaitSecondCode(
  tx: Tx,
  secrets: Secrets,
  { secret, helper }: { secret: string; helper: string },
): Promise<string | undefined> {
  const sent = await tx.query<{ count: number }>(
    `select count(*) as count from partner_door_event where tenant = $tenant and helper = $1
      and kind = 'second-code' and at > loopwell_now() - interval '1 hour'`,
    [helper],
  );
  if ((sent.rows[0]?.count ?? 0) >= mostInAnHour) return undefined;
  const code = String(randomInt(10 ** digits)).padStart(digits, '0');
  const id = fingerprint(secret);
  const [digest] = secrets.digests(code, placeOf(tx.tenant, id));
  await tx.query(
    `update partner_session set second_digest = $2, second_wrong = 0,
        second_until = loopwell_now() + $3::int * interval '1 minute'
      where tenant = $tenant and fingerprint = $1`,
    [id, digest, countsMinutes],
  );
  return code;
}

const placeOf = (tenant: string, session: string) =>
  placeAtDoor({
    tenant,
    what: 'second',
    of: session,
  });

/** What came of a one-time code. A session that has ended has to begin with the code of its helper. */
export type SecondTry =
  | { kind: 'right'; partner: string; helper: string }
  | { kind: 'wrong'; partner: string }
  | { kind: 'ended' };

type Waiting = { partner: string; helper: string; digest: string; wrong: number };

/** Tries a one-time code. It counts once; after five mistakes its session has ended. */
export async function trySecondCode(
  tx: Tx,
  secrets: Secrets,
  { secret, code }: { secret: string; code: string },
): Promise<SecondTry> {
  const id = fingerprint(secret);
  const typed = secrets.digests(code, placeOf(tx.tenant, id)).map((digest) => Buffer.from(digest));
  const waiting = await waitingSession(tx, id);
  if (!waiting) return { kind: 'ended' };
  const kept = Buffer.from(waiting.digest);
  const isRight = typed.filter((digest) => timingSafeEqual(digest, kept)).length > 0;
  const isOver = !isRight && waiting.wrong + 1 >= mostWrong;
  await tx.query(
    `update partner_session set used_at = loopwell_now(), second_wrong = second_wrong + $2,
        second_digest = case when $3 then null else second_digest end,
        ended_at = case when $4 then loopwell_now() end
      where tenant = $tenant and fingerprint = $1`,
    [id, isRight ? 0 : 1, isRight || isOver, isOver],
  );
  const { partner, helper } = waiting;
  if (isRight)
    return {
      kind: 'right',
      partner,
      helper,
    };
  return isOver ? { kind: 'ended' } : { kind: 'wrong', partner };
}

/** Locks the session that waits for its one-time code, while that code counts. */
async function waitingSession(tx: Tx, id: string): Promise<Waiting | undefined> {
  const { rows } = await tx.query<Waiting>(
    `select s.partner, s.helper, s.second_digest as digest, s.second_wrong as wrong
       from partner_session s where s.tenant = $tenant and s.fingerprint = $1
        and ${isOpenSession} and s.second_digest is not null and s.second_until > loopwell_now()
        for update`,
    [id],
  );
  return rows[0];
}

/** Tells whether a session waits for its one-time code. */
export async function awaitsSecondCode(tx: Tx, secret: string): Promise<boolean> {
  return (await waitingSession(tx, fingerprint(secret))) !== undefined;
}
