import type { Tx } from '../../database/database.ts';
import { placeAtDoor, type Secrets } from '../../database/secrets.ts';

/**
 * Who types a code: a browser, by a cookie that it keeps, and the network that it comes from. A
 * browser that a helper has signed in with before is not slowed by its network.
 */
export type CodeSender = { browser: string; network: string; isKnown: boolean };

/** How many wrong codes are free, and how long the next try waits, in seconds: at first, at most. */
type Slowing = { free: number; firstSeconds: number; mostSeconds: number };

/** Five wrong codes slow a browser: a minute, then twice as long each time, at most a quarter hour. */
const ofBrowser: Slowing = {
  free: 5,
  firstSeconds: 60,
  mostSeconds: 900,
};
/** Many wrong codes slow a network a little. */
const ofNetwork: Slowing = {
  free: 20,
  firstSeconds: 10,
  mostSeconds: 60,
};

const slowings = { browser: ofBrowser, network: ofNetwork } as const;

/** A try of a code: whose wrong codes are counted, and until when no code is looked at. */
export type CodeTry = {
  keys: readonly { key: string; what: keyof typeof slowings }[];
  waitUntil: Date | undefined;
};

/**
 * Begins a try of a code. It holds the counters until the end of the transaction, so that no number
 * of tries at once is more than one after the other.
 */
export async function beginCodeTry(tx: Tx, secrets: Secrets, sender: CodeSender): Promise<CodeTry> {
  const keyOf = (what: 'browser' | 'network') =>
    secrets.digests(
      sender[what],
      placeAtDoor({ tenant: tx.tenant, what: 'sender', of: what }),
    )[0] ?? '';
  const counted = sender.isKnown ? (['browser'] as const) : (['browser', 'network'] as const);
  const keys = counted.map((what) => ({
    key: keyOf(what),
    what,
  }));
  keys.sort((a, b) => (a.key < b.key ? -1 : 1));
  await tx.query(
    'delete from partner_wrong_code where tenant = $tenant and forget_at <= loopwell_now()',
  );
  const { rows } = await tx.query<{ next_at: Date; waits: boolean }>(
    `insert into partner_wrong_code as w (tenant, key, forget_at)
     select $tenant, key, loopwell_now() + interval '1 hour' from unnest($1::text[]) key
     on conflict (tenant, key) do update set wrong = w.wrong
     returning next_at, next_at > loopwell_now() as waits`,
    [keys.map(({ key }) => key)],
  );
  const waits = rows.filter((row) => row.waits).map((row) => row.next_at.getTime());
  return {
    keys,
    waitUntil: waits.length > 0 ? new Date(Math.max(...waits)) : undefined,
  };
}

/** Counts a wrong code. It is forgotten an hour after the last one. */
export async function countWrongCode(tx: Tx, { keys }: CodeTry): Promise<void> {
  for (const { key, what } of keys) {
    const { free, firstSeconds, mostSeconds } = slowings[what];
    await tx.query(
      `update partner_wrong_code set wrong = wrong + 1,
          forget_at = loopwell_now() + interval '1 hour',
          next_at = case when wrong + 1 < $2 then next_at else loopwell_now()
            + least($3 * power(2, least(wrong + 1 - $2, 10)), $4) * interval '1 second' end
        where tenant = $tenant and key = $1`,
      [key, free, firstSeconds, mostSeconds],
    );
  }
}

/** Forgets the wrong codes of a browser that has typed the right one. Its network keeps them. */
export async function forgetWrongCodes(tx: Tx, { keys }: CodeTry): Promise<void> {
  const ofBrowsers = keys.filter(({ what }) => what === 'browser').map(({ key }) => key);
  await tx.query(
    'delete from partner_wrong_code where tenant = $tenant and key = any($1::text[])',
    [ofBrowsers],
  );
}
