import { people, type ReferralRow, type Tx } from '@loopwell/store';
import { noNameOnFile, personNames } from '../../person-names.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import type { ReviewDecision } from '../decisions.ts';

/** What recording a consent has to know of the person beside their referral. */
export type Signing = {
  /** When the person took every consent back; no form from before that counts. */
  everythingTakenBack: Date | undefined;
  /** The name of a person who signs for themselves; undefined where the chart has none. */
  ownName: string | undefined;
};

type Deps = Pick<ReviewDeps, 'clock'>;

/**
 * Reads what recording a consent has to know of each person, by Patient; nothing for other
 * decisions.
 */
export async function signersOf(
  tx: Tx,
  deps: Deps,
  steps: readonly ReviewDecision[],
  locked: readonly ReferralRow[],
): Promise<ReadonlyMap<string, Signing>> {
  const step = steps.find(({ decision }) => decision === 'recordConsent');
  if (step === undefined) return new Map();
  const patients = [...new Set(locked.map(({ person }) => person))];
  const withdrawals = await people.consentWithdrawalsOf(tx, patients);
  const names = isOwnName(step) ? await ownNamesOf(tx, deps, patients) : undefined;
  return new Map(
    patients.map((patient): [string, Signing] => [
      patient,
      { everythingTakenBack: withdrawals.get(patient)?.at, ownName: names?.get(patient) },
    ]),
  );
}

/** Tells whether a consent names no signer because each person signed for themselves. */
export const isOwnName = (decision: ReviewDecision): boolean =>
  decision.decision === 'recordConsent' &&
  decision.authority === 'self' &&
  decision.signer === undefined;

/** Reads the names by which people sign for themselves; those without a name are left out. */
export async function ownNamesOf(
  tx: Tx,
  deps: Deps,
  patients: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = await personNames(tx, patients, todayOf(deps));
  const known = [...names].filter(([, { name }]) => name !== noNameOnFile);
  return new Map(known.map(([patient, { name }]) => [patient, name.slice(0, 120)]));
}
