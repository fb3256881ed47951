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

/** What people say about the help of one partner. */
export type HelpByPartner = { partner: string; answered: number; personSays: number };

/** Reads what people who were asked say, by the partner that says it helped them. */
export async function readHelpByPartner(tx: Tx): Promise<HelpByPartner[]> {
  const { rows } = await tx.query<HelpByPartner>(
    `select t.partner, count(*) as answered, count(*) filter (where a.helped) as "personSays"
       from help_answer a
       join referral r on r.tenant = a.tenant and r.id = a.referral and r.state = 'closed'
       join task t on t.tenant = a.tenant and t.referral = a.referral and t.status = 'completed'
        and t.direction = 'out'
      where a.tenant = $tenant group by t.partner order by t.partner`,
  );
  return rows;
}
