import { randomInt, timingSafeEqual } from 'node:crypto';
import { AppError } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import { placeAtDoor, type Secrets } from '../../database/secrets.ts';
import {
  codeEndsAt,
  endSessionsOf,
  helperColumns,
  helperOf,
  type PartnerHelper,
} from './helpers.ts';

/** The digits of a code. */
const digits = 8;

/** Makes a code of eight digits, each of them random. */
const newCode = (): string => String(randomInt(10 ** digits)).padStart(digits, '0');

const place = (tenant: string, partner: string) =>
  placeAtDoor({
    tenant,
    what: 'code',
    of: partner,
  });

/** Somebody and their new code, which is shown once. */
export type GivenCode = { helper: string; code: string };

/**
 * Gives a helper a new code. The former one stops counting, and their sessions end at once.
 *
 * @throws AppError NOT_FOUND where the partner has no such helper
 */
export async function giveCode(
  tx: Tx,
  secrets: Secrets,
  { partner, helper }: { partner: string; helper: string },
): Promise<GivenCode> {
  const taken = await digestsOf(tx, partner);
  const free = () => {
    const code = newCode();
    const [digest = ''] = secrets.digests(code, place(tx.tenant, partner));
    return { code, digest };
  };
  let next = free();
  // Two helpers of one partner never have the same code.
  while (taken.has(next.digest)) next = free();
  const { rowCount } = await tx.query(
    `update partner_helper set code_digest = $3, code_made_at = loopwell_now(), code_used_at = null
      where tenant = $tenant and partner = $1 and id = $2 and removed_at is null`,
    [partner, helper, next.digest],
  );
  if (rowCount === 0) throw new AppError('NOT_FOUND', 'This partner has no such helper');
  await endSessionsOf(tx, [helper]);
  return {
    helper,
    code: next.code,
  };
}

async function digestsOf(tx: Tx, partner: string): Promise<Set<string>> {
  const { rows } = await tx.query<{ digest: string }>(
    `select code_digest as digest from partner_helper
      where tenant = $tenant and partner = $1 and code_digest is not null`,
    [partner],
  );
  return new Set(rows.map(({ digest }) => digest));
}

/**
 * Finds whose code was typed. The code is compared with that of each helper of the partner, and
 * no comparison ends early, so that an answer takes as long whatever was typed.
 *
 * @param partner undefined where the link names nobody: the work is the same
 */
export async function helperByCode(
  tx: Tx,
  secrets: Secrets,
  { partner, code }: { partner: string | undefined; code: string },
): Promise<PartnerHelper | undefined> {
  const of = partner ?? '';
  const typed = secrets.digests(code, place(tx.tenant, of)).map((digest) => Buffer.from(digest));
  const { rows } = await tx.query<Parameters<typeof helperOf>[0] & { digest: string }>(
    `select ${helperColumns}, h.code_digest as digest from partner_helper h
      where h.tenant = $tenant and h.partner = $1 and h.removed_at is null
        and h.code_digest is not null and ${codeEndsAt} > loopwell_now()`,
    [of],
  );
  const matching = rows.filter(({ digest }) => {
    const kept = Buffer.from(digest);
    return typed.filter((digest) => timingSafeEqual(digest, kept)).length > 0;
  });
  return matching[0] && helperOf(matching[0]);
}

/** Notes that a helper has signed in with their code. */
export async function noteSignIn(tx: Tx, helper: string): Promise<void> {
  await tx.query(
    `update partner_helper set code_used_at = loopwell_now()
      where tenant = $tenant and id = $1`,
    [helper],
  );
}
