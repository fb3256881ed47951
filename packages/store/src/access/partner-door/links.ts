import { randomInt } from 'node:crypto';
import type { Tx } from '../../database/database.ts';

/** Digits and consonants that nobody mixes up. Without vowels no token is a word. */
const signs = '23456789bcdfghjkmnpqrstvwxz';
/** 13 of 27 signs are 61 bits. */
const length = 13;

/** Makes a token that nobody guesses and that can be typed from paper. */
const newToken = (): string =>
  Array.from({ length }, () => signs.charAt(randomInt(signs.length))).join('');

/** Tells whether a text looks like a token, in any case of letters. */
export const isToken = (text: string): boolean =>
  text.length === length && [...text.toLowerCase()].every((sign) => signs.includes(sign));

/** A partner as its link names it. */
export type LinkedPartner = { token: string; partner: string; name: string };

/**
 * Gives the token of a partner's link, which is made when it is first asked for. It names the
 * partner and no referral, so that an old message leads to what is open now.
 */
export async function linkOf(tx: Tx, partner: string): Promise<string> {
  await tx.query(
    `insert into partner_link (tenant, token, partner) values ($tenant, $1, $2)
      on conflict (tenant, partner) where ended_at is null do nothing`,
    [newToken(), partner],
  );
  const { rows } = await tx.query<{ token: string }>(
    'select token from partner_link where tenant = $tenant and partner = $1 and ended_at is null',
    [partner],
  );
  return rows[0]?.token ?? '';
}

/** Finds the partner of a link. A link that has ended, or whose partner has left, names nobody. */
export async function partnerOfLink(tx: Tx, token: string): Promise<LinkedPartner | undefined> {
  const { rows } = await tx.query<LinkedPartner>(
    `select l.token, l.partner, p.name from partner_link l
       join partner p on p.tenant = l.tenant and p.id = l.partner
      where l.tenant = $tenant and l.token = $1 and l.ended_at is null
      order by p.position limit 1`,
    [token.toLowerCase()],
  );
  return rows[0];
}

/** Ends the link of a partner, so that the next message has another. Its sessions end, too. */
export async function changeLink(
  tx: Tx,
  { partner, by }: { partner: string; by: string },
): Promise<string> {
  await tx.query(
    `update partner_link set ended_at = loopwell_now(), ended_by = $2
      where tenant = $tenant and partner = $1 and ended_at is null`,
    [partner, by],
  );
  await tx.query(
    `update partner_session set ended_at = loopwell_now()
      where tenant = $tenant and partner = $1 and ended_at is null`,
    [partner],
  );
  return linkOf(tx, partner);
}
