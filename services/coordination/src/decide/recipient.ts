import { AppError } from '@loopwell/kit';
import type { DirectoryPartner } from '@loopwell/sdoh';
import { directory, type PartnerRow, type ReferralRow, type Tx } from '@loopwell/store';
import type { Reviewer } from '../reviewer.ts';
import type { DecisionOf } from './apply-decision.ts';

/** A partner that serves a category, by the id of its Organization. */
export type Recipient = { id: string; name: string };

/**
 * Lists the partners that a referral of this category may be approved for, each once, in the order
 * of the directory.
 */
export function recipientsFor(rows: readonly PartnerRow[], category: string): Recipient[] {
  const serving = rows.filter((row) =>
    (JSON.parse(row.body) as DirectoryPartner).categories.includes(category),
  );
  return [...new Map(serving.map(({ id, name }) => [id, { id, name }])).values()];
}

/**
 * Checks that an approval names a partner if it has to. A need that rests on restricted information
 * is approved by a signed-in person, by itself, for one partner. Under ETH and 42CFRPart2 a consent
 * has to name that partner, and no consent recorded here does.
 *
 * @throws AppError FORBIDDEN or REQUEST_INVALID, naming the referral
 */
export async function requireRecipient(
  tx: Tx,
  reviewer: Reviewer,
  locked: readonly ReferralRow[],
  { recipient, referrals }: Pick<DecisionOf<'approve'>, 'recipient' | 'referrals'>,
): Promise<void> {
  const count = new Set(referrals).size;
  for (const referral of locked) requireAllowed(reviewer, referral, count, recipient);
  const [referral] = locked;
  if (recipient === undefined || !referral) return;
  if (count > 1)
    throw invalid(
      referral,
      'A recipient is chosen for one referral at a time; nothing was recorded',
    );
  const recipients = recipientsFor(
    await directory.loadDirectory(tx, referral.tenant),
    referral.category,
  );
  if (!recipients.some((one) => one.id === recipient))
    throw invalid(
      referral,
      'The recipient is no partner of the directory that serves this need; nothing was recorded',
    );
}

/**
 * Checks that a recorded consent names a known partner. `any`, or no name, means all partners.
 *
 * @throws AppError REQUEST_INVALID, naming the field
 */
export async function requirePartner(
  tx: Tx,
  [referral]: readonly ReferralRow[],
  { recipient = 'any' }: DecisionOf<'recordConsent'>,
): Promise<void> {
  if (recipient === 'any' || !referral) return;
  const partners = await directory.loadDirectory(tx, referral.tenant);
  if (!partners.some((one) => one.id === recipient))
    throw invalid(
      referral,
      'The recipient is no partner of the directory, nor `any`; nothing was recorded',
    );
}

function requireAllowed(
  reviewer: Reviewer,
  referral: ReferralRow,
  count: number,
  recipient: string | undefined,
): void {
  const facts = { referral: referral.id };
  if (referral.restriction === null) return;
  if (referral.restriction === 'named-consent')
    throw new AppError(
      'FORBIDDEN',
      'This need rests on information labeled ETH or 42CFRPart2: it may leave only under a consent that names the partner, which cannot be recorded here yet. It stays in review; nothing was recorded',
      { facts },
    );
  if (reviewer.kind !== 'person')
    throw new AppError(
      'FORBIDDEN',
      'A need that rests on restricted information is approved by a signed-in person only',
      { facts },
    );
  if (count > 1)
    throw invalid(
      referral,
      'A need that rests on restricted information is approved by itself, for one recipient; nothing was recorded',
    );
  if (recipient === undefined)
    throw invalid(
      referral,
      'A need that rests on restricted information is approved for one partner: name it in recipient; nothing was recorded',
    );
}

const invalid = (referral: ReferralRow, says: string) =>
  new AppError('REQUEST_INVALID', says, { facts: { referral: referral.id, field: 'recipient' } });
