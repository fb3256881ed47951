import type { Tx } from '../database/database.ts';
import { byFirst, readTotals } from './running-totals.ts';

/** How often a partner says that it helped, and what the people themselves say of it. */
export type HelpTotals = { partnerSays: number; answered: number; personSays: number };

/**
 * Reads how many needs partners say they helped with, how many of those people were asked and
 * answered, and how many of them say so too. Nobody who was not asked counts as helped.
 */
export async function readHelpTotals(tx: Tx): Promise<HelpTotals> {
  const totals = await readTotals(tx, tx.tenant, ['referral']);
  const { rows } = await tx.query<{ answered: number; helped: number }>(
    `select count(*) as answered, count(*) filter (where a.helped) as helped from help_answer a
       join referral r on r.tenant = a.tenant and r.id = a.referral and r.state = 'closed'
      where a.tenant = $tenant`,
  );
  return {
    partnerSays: byFirst(totals, 'referral').get('closed') ?? 0,
    answered: Number(rows[0]?.answered ?? 0),
    personSays: Number(rows[0]?.helped ?? 0),
  };
}
