import { AppError, newId } from '@loopwell/kit';
import { ledger, screeningReviews } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { lineOf } from './decisions.ts';
import { uuid } from './form-data.ts';

/** Matches the version that a page showed, as text. */
const versionPattern = /^[0-9a-f]{32}$/;

/**
 * Records that a reviewer has looked at a screening. It leaves the list until coding finds
 * something new in it. The history has who and when, not the note. A danger does not end by it.
 *
 * @throws AppError CONFLICT if another reviewer was faster, or it has changed since it was shown;
 *   NOT_FOUND for a wrong id; REQUEST_INVALID for a note that is too long or has line breaks
 */
export async function see(
  deps: Pick<ReviewDeps, 'tx'>,
  reviewer: Reviewer,
  screening: string,
  look: { version: unknown; note?: unknown },
): Promise<void> {
  if (!uuid.test(screening)) throw new AppError('NOT_FOUND', 'There is no such screening');
  const note = isBlank(look.note) ? undefined : lineOf(look.note, 500);
  if (note === undefined && !isBlank(look.note))
    throw new AppError(
      'REQUEST_INVALID',
      'A note is one line of at most 500 characters; nothing was recorded',
      {
        facts: { field: 'note' },
      },
    );
  const shown = String(look.version);
  if (!versionPattern.test(shown))
    throw new AppError('CONFLICT', 'It has changed since; nothing was recorded');
  await deps.tx(async (tx) => {
    const person = await screeningReviews.markSeen(tx, reviewer.tenant, screening, {
      principal: reviewer.id,
      shown,
      note,
    });
    if (person === undefined)
      throw new AppError(
        'CONFLICT',
        'Somebody else has looked at it, or it has changed since; nothing was recorded',
      );
    await requireVisible(tx, reviewer, [person], 'There is no such screening');
    await ledger.appendHistory(tx, [
      {
        tenant: reviewer.tenant,
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

const isBlank = (note: unknown): boolean =>
  note === undefined || (typeof note === 'string' && note.trim() === '');
