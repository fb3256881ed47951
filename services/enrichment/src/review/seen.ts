import { AppError, newId } from '@loopwell/kit';
import { ledger, reviews } from '@loopwell/store';
import { uuid } from './forms.ts';
import type { ReviewDeps, Reviewer } from './reviewer.ts';

/**
 * A reviewer has looked at what a screening asks a person to look at. It leaves the list until something new is found in it.
 *
 * @throws AppError CONFLICT when somebody else was faster, or it has changed since it was shown; NOT_FOUND for a wrong id
 */
export async function see(deps: ReviewDeps, reviewer: Reviewer, screening: string, shown: string): Promise<void> {
  if (!uuid.test(screening)) throw new AppError('NOT_FOUND', 'There is no such screening');
  if (!/^[0-9.]{1,40}$/.test(shown)) throw new AppError('CONFLICT', 'It has changed since; nothing was recorded');
  await deps.tx(async (tx) => {
    const person = await reviews.markSeen(tx, reviewer.organisation, screening, { principal: reviewer.id, shown });
    if (person === undefined)
      throw new AppError('CONFLICT', 'Somebody else has looked at it, or it has changed since; nothing was recorded');
    await ledger.appendHistory(tx, [
      {
        organisation: reviewer.organisation,
        stage: 'code',
        subject: person,
        person,
        outcome: 'screening-seen',
        trace: newId(),
        principal: reviewer.id,
        facts: { screening },
      },
    ]);
  });
}
