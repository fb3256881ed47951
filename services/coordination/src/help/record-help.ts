import { AppError } from '@loopwell/kit';
import { contact, ledger, referrals } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import type { HelpBody } from './help-body.ts';

/**
 * Records whether the person says that they were helped, beside what the partner says. A later
 * answer takes the place of an earlier one. DECISIONS D172.
 *
 * @throws AppError NOT_FOUND, or CONFLICT while no partner says that it helped
 */
export async function recordHelp(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: string,
  { helped, saidOn, askedBy }: HelpBody,
): Promise<void> {
  await deps.tx(async (tx) => {
    const row = (await referrals.loadReferrals(tx, [referral])).get(referral);
    const facts = { referral };
    if (!row) throw new AppError('NOT_FOUND', 'There is no such referral', { facts });
    const { tenant, person, trace } = row;
    await requireVisible(tx, reviewer, [person], 'There is no such referral', () => facts);
    if (row.state !== 'closed')
      throw new AppError(
        'CONFLICT',
        'No partner says that it helped with this; nothing was recorded',
        { facts: { ...facts, rule: 'not-helped-yet' } },
      );
    const answer = { referral, person, helped, said_on: saidOn, asked_by: askedBy };
    await contact.saveHelpAnswer(tx, { ...answer, recorded_by: reviewer.id });
    const outcome = helped ? 'person-says-helped' : 'person-says-not-helped';
    const of = { tenant, stage: 'close' as const, subject: referral, person, trace };
    await ledger.appendHistory(tx, [{ ...of, outcome, principal: reviewer.id }]);
  });
}
