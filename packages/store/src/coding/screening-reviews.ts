import type { Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/**
 * A note that a reviewer looked at what a screening asks a person to look at. The note is free
 * words: personal data, for reviewers only.
 */
export type ScreeningReview = Pick<
  Rows['screening_review'],
  'screening' | 'person' | 'principal' | 'at' | 'note'
>;

/**
 * Marks a screening as seen by a reviewer and keeps the note. The same reviewer may add another
 * note. Findings that come later ask for a person again.
 *
 * @param by `shown`: the version that was shown
 * @returns the person that it is about; undefined when another reviewer was faster, it has changed,
 *   or it is not this tenant's
 */
export async function markSeen(
  tx: Tx,
  tenant: string,
  screening: string,
  by: { principal: string; shown: string; note?: string | undefined },
): Promise<string | undefined> {
  const { rows } = await tx.query<{ person: string }>(
    `with seen as (
       update screening set seen_at = loopwell_now(), seen_by = $3
        where tenant = $1 and id = $2 and (seen_at is null or seen_by = $3) and md5(issues) = $4
          returning person)
     insert into screening_review (tenant, screening, person, principal, note)
     select $1, $2, person, $3, $5 from seen returning person`,
    [tenant, screening, by.principal, by.shown, by.note ?? null],
  );
  return rows[0]?.person;
}

/** Lists the reviews of the screenings of some people, in order. */
export async function screeningReviewsOf(
  tx: Tx,
  tenant: string,
  people: readonly string[],
): Promise<ScreeningReview[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<ScreeningReview>(
    'select screening, person, principal, at, note from screening_review where tenant = $1 and ' +
      'person = any($2) order by at, id',
    [tenant, people],
  );
  return rows;
}
