import { AppError, newId } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import {
  brokenNoRule,
  type DecidedNo,
  type NoProblem,
  type NoSayer,
  noOfDecision,
} from '@loopwell/sdoh';
import {
  contact,
  ledger,
  type NewNoRow,
  partnerProfiles,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';
import { type ReviewDeps, type Reviewer, todayOf } from '../../reviewer.ts';
import { lineOf, stopAgainst } from './stop-against.ts';

type Decision = components['schemas']['Decision'];
/** A decision that may be the person's no. */
type Stop = Extract<Decision, { decision: 'refuse' | 'withdrawAgreement' }>;

const isStop = (step: Decision): step is Stop =>
  step.decision === 'refuse' || step.decision === 'withdrawAgreement';

/** What each rule of a no says. */
export const noMessages: Readonly<Record<NoProblem['rule'], string>> = {
  unknown: 'There is no such kind of no',
  required: 'This kind of no needs this field',
  'not-with-this-kind': 'This kind of no does not have this field',
  past: 'The day has to be a later one',
  future: 'Nobody has said it yet on this day',
  'too-far': 'The day may be one year ahead at most',
};

/** Gives the person's no that a decision records; undefined for any other decision. */
export function noIn(
  step: Decision,
  { category }: Pick<ReferralRow, 'category'>,
  today: string,
): DecidedNo | undefined {
  if (!isStop(step)) return undefined;
  const { decision, reason, kind, partner, until, saidOn, saidTo } = step;
  const saidBy: NoSayer | 'staff' | undefined = step.saidBy;
  const fields = { reason, kind, partner, until, saidOn, saidBy, saidTo };
  return noOfDecision(decision, fields, { category, today });
}

/**
 * Checks the nos that decisions record.
 *
 * @throws AppError REQUEST_INVALID naming referral, field and rule
 */
export async function requireGoodNos(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  step: Decision,
  rows: readonly ReferralRow[],
): Promise<void> {
  const today = todayOf(deps);
  for (const row of rows) {
    const no = noIn(step, row, today);
    const broken = no && brokenNoRule(no, today);
    if (broken) {
      const facts = { referral: row.id, ...broken };
      const message = `${noMessages[broken.rule]}; nothing was recorded`;
      throw new AppError('REQUEST_INVALID', message, { facts });
    }
    if (no?.partner !== undefined) await requirePlace(tx, no.partner, { referral: row.id });
  }
}

/**
 * Requires that a place is a partner of the directory: a slip in an id would leave the no without
 * effect.
 *
 * @throws AppError REQUEST_INVALID
 */
export async function requirePlace(
  tx: Tx,
  partner: string,
  facts: Readonly<Record<string, string>> = {},
): Promise<void> {
  const listed = await partnerProfiles.namedPartners(tx);
  if (listed.some(({ id }) => id === partner)) return;
  throw new AppError('REQUEST_INVALID', 'The directory has no such place; nothing was recorded', {
    facts: { ...facts, field: 'partner', rule: 'known' },
  });
}

/**
 * Lists the other open referrals of the people of a decision that says no, or that says that the
 * person brought it up. They are judged again, whichever EHR they came from.
 */
export async function othersOf(
  tx: Tx,
  steps: readonly Decision[],
  seen: readonly ReferralRow[],
  today: string,
): Promise<ReferralRow[]> {
  const isAboutNo = (step: Decision) =>
    'broughtUpOn' in step || seen.some((row) => noIn(step, row, today) !== undefined);
  const people = seen.map(({ person }) => person);
  const mayReverse =
    steps.some(({ decision }) => decision === 'agree') &&
    (await contact.nosOfPeople(tx, people)).size > 0;
  if (!mayReverse && !steps.some(isAboutNo)) return [];
  const patients = [...(await contact.patientsOfHumans(tx, people)).values()].flat();
  const rows = await referrals.referralsOfPeople(tx, [...new Set(patients)]);
  const ids = new Set(seen.map(({ id }) => id));
  const isOpen = ({ state }: ReferralRow) => state === 'waiting' || state === 'partner';
  return rows.filter((row) => isOpen(row) && !ids.has(row.id));
}

/** Records the nos of a request to decide, and takes back what is out against them. */
export async function recordDecidedNos(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  { reviewer, steps }: { reviewer: Reviewer; steps: readonly Decision[] },
  { locked, others }: { locked: readonly ReferralRow[]; others: readonly ReferralRow[] },
): Promise<void> {
  const today = todayOf(deps);
  const rows = steps.flatMap((step) =>
    locked.flatMap((referral) => {
      const no = noIn(step, referral, today);
      return no ? [rowOf(no, step, referral, reviewer)] : [];
    }),
  );
  if (rows.length === 0) return;
  await contact.addNos(tx, rows);
  const against = await stopAgainst(tx, rows, { open: [...locked, ...others], reviewer, today });
  await ledger.appendHistory(
    tx,
    against.map(({ referral, no }) => lineOf(referral, reviewer, 'said-no', no.kind)),
  );
}

function rowOf(no: DecidedNo, step: Decision, referral: ReferralRow, by: Reviewer): NewNoRow {
  const saidTo = 'saidTo' in step ? step.saidTo : undefined;
  return {
    tenant: referral.tenant,
    id: newId(),
    person: referral.person,
    kind: no.kind,
    category: no.category ?? null,
    partner: no.partner ?? null,
    until: no.until ?? null,
    said_on: no.saidOn,
    said_by: no.saidBy,
    said_to: (saidTo ?? by.id).replace(/^person:/, ''),
    note: step.reason ?? null,
    referral: referral.id,
    recorded_by: by.id,
  };
}

/** Tells whether a stop ends a referral; a no to a place stops what is at that place alone. */
export const endsIt = (steps: readonly Decision[], referral: ReferralRow, today: string): boolean =>
  steps.some((step) => noIn(step, referral, today)?.kind !== 'not-this-place');
