import { type ContactAnswer, type ContactAsk, mayContact } from '@loopwell/sdoh';
import type { Tx } from '../../database/database.ts';
import { insertRows } from '../../database/insert-rows.ts';
import { familiesOf } from '../work/households.ts';
import { contactFacts } from './contact-facts.ts';
import { lockHumans, requireSameHumans } from './lock-human.ts';

/** A contact that somebody is about to make, and which try it takes. */
export type TryWish = ContactAsk & {
  id: string;
  /** A Patient's derived id. */
  person: string;
  referral?: string | undefined;
  principal: string;
};

/**
 * Takes one of a person's tries, if the contact may be made at all. The human is locked, so that
 * two who want the last one do not both get it; nobody calls or writes without a row of this.
 */
export async function reserveTry(tx: Tx, wish: TryWish): Promise<ContactAnswer> {
  const siblings = (await familiesOf(tx, [wish.person])).get(wish.person)?.siblings ?? [];
  const humans = await lockHumans(tx, [wish.person, ...siblings]);
  const facts = (await contactFacts(tx, [wish.person])).get(wish.person);
  // `contactFacts` has a line for each person that it is asked about.
  if (facts === undefined) return { may: false, rule: 'inactive' };
  const answer = mayContact(facts, wish);
  if (answer.may) await addTry(tx, wish);
  await requireSameHumans(tx, [wish.person, ...siblings], humans);
  return answer;
}

async function addTry(tx: Tx, wish: TryWish): Promise<void> {
  const columns = ['tenant', 'id', 'person', 'day', 'channel', 'category', 'partner'];
  const values = [tx.tenant, wish.id, wish.person, wish.today, wish.channel, wish.category];
  await insertRows(
    tx,
    'contact_try',
    [...columns, 'referral', 'reserved_by'],
    [[...values, wish.partner ?? null, wish.referral ?? null, wish.principal]],
  );
}
