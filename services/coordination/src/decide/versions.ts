import { mapDefined } from '@loopwell/fhir';
import { AppError, fingerprint } from '@loopwell/kit';
import { type ReferralRow, reviews, type Tx } from '@loopwell/store';
import type { Reviewer } from '../reviewer.ts';
import type { ReviewDecision } from './decisions.ts';

/**
 * Gives the version of a referral that a reviewer saw, as two parts: a fingerprint of the need's
 * basis, which only new or changed answers change, and the number of decisions of people. Work of
 * Loopwell's workers (gates, approval by a policy, sending) is in neither, so a reviewer is never
 * in conflict with them. DECISIONS D78.
 */
export const versionOf = (referral: ReferralRow): string =>
  `${foundIn(referral)}-${referral.people_decided}`;

const foundIn = (referral: ReferralRow): string =>
  fingerprint(JSON.stringify(factsSeen.map((column) => referral[column]))).slice(0, 16);

const factsSeen = [
  'conditions',
  'since',
  'evidence_version',
  'unambiguous',
  'sensitive',
  'danger',
  'confirmed',
  'doubted',
  'restriction',
] as const satisfies (keyof ReferralRow)[];

/**
 * The subject of each decision. Two decisions of one service token on the same subject are in
 * conflict, because a token may stand for many people.
 */
const subjects: Readonly<Record<ReviewDecision['decision'], string>> = {
  approve: 'need',
  refuse: 'need',
  closeWithoutHelp: 'need',
  askNext: 'need',
  openAgain: 'need',
  sendNow: 'send',
  postpone: 'day',
  chooseCode: 'code',
  agree: 'agreement',
  withdrawAgreement: 'agreement',
  recordConsent: 'consent',
  withdrawConsent: 'consent',
  chooseService: 'service',
};

/**
 * Tells whether a decision takes something back. That always works, whatever version the reviewer
 * saw.
 */
export const takesBack = ({ decision }: ReviewDecision): boolean =>
  decision === 'withdrawConsent' || decision === 'withdrawAgreement';

/** Tells whether a decision stops something: a no, something taken back, or an end. */
export const isStop = ({ decision }: { decision: string }): boolean => stopNames.includes(decision);
const stopNames: readonly string[] = [
  'refuse',
  'withdrawAgreement',
  'withdrawConsent',
  'closeWithoutHelp',
];

/**
 * Checks that nothing has changed that the reviewer did not see. New answers are a change, and so
 * is a decision of another reviewer. Later decisions of the same person on the same page are not.
 *
 * @throws AppError CONFLICT, naming the referral
 */
export async function requireUnchanged(
  tx: Tx,
  reviewer: Reviewer,
  rows: readonly ReferralRow[],
  decision: ReviewDecision,
): Promise<void> {
  if (takesBack(decision)) return;
  const shown = mapDefined(rows, (row) => {
    const version = decision.versions?.[row.id];
    return version === undefined ? undefined : { row, version };
  });
  const behind: { referral: string; seen: number }[] = [];
  for (const { row, version } of shown) {
    const [, fingerprintSeen, count = ''] = /^([0-9a-f]+)-(\d{1,9})$/.exec(version) ?? [];
    if (fingerprintSeen !== foundIn(row) || Number(count) > row.people_decided)
      throw conflict(
        row,
        'What this referral rests on has changed since you looked at it; nothing was recorded, look again',
      );
    if (Number(count) < row.people_decided) behind.push({ referral: row.id, seen: Number(count) });
  }
  const since = await reviews.decisionsSince(tx, reviewer.tenant, behind);
  const other = since.find((one) => isOfSomebodyElse(one, reviewer, decision));
  const row = other && rows.find((one) => one.id === other.referral);
  if (row)
    throw conflict(
      row,
      'Somebody else has decided about this referral since you looked at it; nothing was recorded, look again',
    );
}

function isOfSomebodyElse(
  before: { principal: string; decision: string },
  reviewer: Reviewer,
  { decision }: ReviewDecision,
): boolean {
  if (before.principal !== reviewer.id) return true;
  return (
    reviewer.kind !== 'person' &&
    subjects[before.decision as ReviewDecision['decision']] === subjects[decision]
  );
}

const conflict = (row: ReferralRow, says: string) =>
  new AppError('CONFLICT', says, { facts: { referral: row.id, state: row.state } });
