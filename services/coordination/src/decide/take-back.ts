import type { components } from '@loopwell/openapi/generated/coordination.ts';
import {
  people,
  type ReferralRow,
  referrals,
  referralsOfSamePeople,
  type Tx,
  unrecallable,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import type { ReviewDecision } from './decisions.ts';
import type { Made } from './undo/keep-undos.ts';

/** What a partner has of a referral whatever is taken back. */
export type StaysThere = components['schemas']['Unrecallable'];

/**
 * Lists the referrals that a decision is about. Where a person takes back everything, these are all
 * of the person's referrals, over all their Patients and EHRs. Ids of another tenant stay as they
 * are, and are refused later.
 */
export async function meantReferrals(
  tx: Tx,
  reviewer: Reviewer,
  asked: readonly string[],
  decision: ReviewDecision,
): Promise<string[]> {
  if (decision.decision !== 'withdrawConsent' || !decision.everything) return [...asked];
  const rows = await referrals.loadReferrals(tx, asked);
  const isOurs = (row: ReferralRow | undefined) => row?.tenant === reviewer.tenant;
  if (!asked.every((id) => isOurs(rows.get(id)))) return [...asked];
  return referralsOfSamePeople(tx, asked);
}

/**
 * Keeps that people took back everything, so that it also shuts referrals that are made later. Only
 * a consent that they sign afterward opens a gate. DECISIONS D166.
 */
export async function keepWithdrawals(
  tx: Tx,
  { clock }: Pick<ReviewDeps, 'clock'>,
  { reviewer, request, steps }: Made,
  locked: readonly ReferralRow[],
): Promise<void> {
  const isOfAll = steps.some((step) => step.decision === 'withdrawConsent' && step.everything);
  if (!isOfAll) return;
  const patients = [...new Set(locked.map(({ person }) => person))];
  const made = { at: clock.now(), by: reviewer.id, request };
  await people.addConsentWithdrawals(tx, patients, made);
}

/** Gives what cannot be recalled of a consent that is taken back; nothing for other decisions. */
export async function whatStays(
  tx: Tx,
  ids: readonly string[],
  { decision }: ReviewDecision,
): Promise<{ stays?: StaysThere[] }> {
  if (decision !== 'withdrawConsent') return {};
  const stays = await staysOf(tx, ids);
  return stays.length > 0 ? { stays } : {};
}

/** Lists what cannot be recalled of some referrals. */
export async function staysOf(tx: Tx, ids: readonly string[]): Promise<StaysThere[]> {
  const rows = await unrecallable(tx, ids);
  return rows.map((row) => ({ ...row, lastRead: row.lastRead?.toISOString() ?? null }));
}
