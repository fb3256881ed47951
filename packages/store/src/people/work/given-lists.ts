import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** A list of services that a person was given. */
export type GivenListRow = Rows['given_list'];

/** A list that is given now: ids of Organizations, and how. */
export type NewGivenList = {
  referral: string;
  person: string;
  partners: readonly string[];
  way: 'printed' | 'read-aloud';
  by: string;
};

/** Records that a person was given a list of services. */
export async function giveList(tx: Tx, entered: NewGivenList): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into given_list (tenant, id, referral, person, partners, way, given_by)
     values ($tenant, $1, $2, $3, $4, $5, $6)`,
    [
      ...[id, entered.referral, entered.person, JSON.stringify(entered.partners)],
      ...[entered.way, entered.by],
    ],
  );
  return id;
}

/** Finds the list that the person of a referral has and has not spoken of; undefined for none. */
export async function openListOf(tx: Tx, referral: string): Promise<GivenListRow | undefined> {
  const { rows } = await tx.query<GivenListRow>(
    `select * from given_list where tenant = $tenant and referral = $1 and said is null
      order by given_at desc, id limit 1`,
    [referral],
  );
  return rows[0];
}

/** Records what the person says became of their list. */
export async function endList(
  tx: Tx,
  entered: {
    referral: string;
    outcome: 'helped' | 'not-helped' | 'no-longer-wanted';
    on: string;
    by: string;
  },
): Promise<void> {
  await tx.query(
    `update given_list set said = $2, said_on = $3, recorded_by = $4, recorded_at = loopwell_now()
      where tenant = $tenant and referral = $1 and said is null`,
    [entered.referral, entered.outcome, entered.on, entered.by],
  );
}
