import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** What a helper may do: a director also adds and removes helpers. */
export type HelperRole = Rows['partner_helper']['role'];

/** Where one-time codes of a helper go to. */
export type SecondWay = { way: 'text' | 'email'; address: string };

/** Somebody who answers for a partner, without their code. */
export type PartnerHelper = {
  id: string;
  partner: string;
  name: string;
  role: HelperRole;
  second: SecondWay | undefined;
  addedAt: Date;
  /** When the code was given; undefined while they have none. */
  codeMadeAt: Date | undefined;
  /** When the code stops counting: 90 days after it was given, or 30 days without a sign-in. */
  codeEndsAt: Date | undefined;
  lastSignIn: Date | undefined;
};

type Row = {
  id: string;
  partner: string;
  name: string;
  role: HelperRole;
  second_way: SecondWay['way'] | null;
  second_address: string | null;
  added_at: Date;
  code_made_at: Date | null;
  code_used_at: Date | null;
  code_ends_at: Date | null;
};

/** The moment at which a helper's code stops counting. `least` skips what is null. */
export const codeEndsAt = `least(h.code_made_at + interval '90 days',
  coalesce(h.code_used_at, h.code_made_at) + interval '30 days')`;

/** Selects the columns of `helperOf` from helpers `h`. */
export const helperColumns = `h.id, h.partner, h.name, h.role, h.second_way, h.second_address,
  h.added_at, h.code_made_at, h.code_used_at, ${codeEndsAt} as code_ends_at`;

/** Makes a helper of its row. */
export const helperOf = (row: Row): PartnerHelper => ({
  id: row.id,
  partner: row.partner,
  name: row.name,
  role: row.role,
  second:
    row.second_way && row.second_address
      ? { way: row.second_way, address: row.second_address }
      : undefined,
  addedAt: row.added_at,
  codeMadeAt: row.code_made_at ?? undefined,
  codeEndsAt: row.code_ends_at ?? undefined,
  lastSignIn: row.code_used_at ?? undefined,
});

/** A helper who is added now. */
export type NewHelper = {
  partner: string;
  name: string;
  role: HelperRole;
  second?: SecondWay | undefined;
  addedBy: string;
};

/** Adds a helper, who has no code yet. */
export async function addHelper(tx: Tx, helper: NewHelper): Promise<string> {
  const { partner, name, role, second, addedBy } = helper;
  const id = newId();
  await tx.query(
    `insert into partner_helper (tenant, id, partner, name, role, second_way, second_address,
        added_by)
     values ($tenant, $1, $2, $3, $4, $5, $6, $7)`,
    [id, partner, name, role, second?.way ?? null, second?.address ?? null, addedBy],
  );
  return id;
}

/** Lists the helpers of a partner in the order in which they were added. */
export async function listHelpers(tx: Tx, partner: string): Promise<PartnerHelper[]> {
  const { rows } = await tx.query<Row>(
    `select ${helperColumns} from partner_helper h
      where h.tenant = $tenant and h.partner = $1 and h.removed_at is null
      order by h.added_at, h.id`,
    [partner],
  );
  return rows.map(helperOf);
}

/** A helper of a partner, and who changes something about them. */
type HelperChange = { partner: string; helper: string; by: string };

/**
 * Removes a helper: the code stops counting and their sessions end at once.
 *
 * @returns whether there was such a helper
 */
export async function removeHelper(tx: Tx, change: HelperChange): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update partner_helper set removed_at = loopwell_now(), removed_by = $3, code_digest = null
      where tenant = $tenant and partner = $1 and id = $2 and removed_at is null`,
    [change.partner, change.helper, change.by],
  );
  await endSessionsOf(tx, [change.helper]);
  return (rowCount ?? 0) > 0;
}

/** Ends the sessions of some helpers. */
export async function endSessionsOf(tx: Tx, helpers: readonly string[]): Promise<void> {
  await tx.query(
    `update partner_session set ended_at = loopwell_now()
      where tenant = $tenant and helper = any($1::uuid[]) and ended_at is null`,
    [helpers],
  );
}
