import { referrals, type Tx } from '@loopwell/store';
import { personNames } from './read.ts';
import type { Decided } from './review.ts';
import { needWords } from './words.ts';

/** A referral that a decision about several left out, for the page: its person is to be seen first. */
export type LeftOut = { id: string; need: string; name: string };

export async function leftOutOf(tx: Tx, { skipped }: Decided): Promise<LeftOut[]> {
  const rows = await referrals.loadReferrals(
    tx,
    skipped.map((one) => one.referral),
  );
  const names = await personNames(
    tx,
    [...rows.values()].map((row) => row.person),
  );
  return [...rows.values()].map(({ id, category, person }) => ({
    id,
    need: needWords(category),
    name: names.get(person)?.name ?? 'a person without a name on file',
  }));
}
