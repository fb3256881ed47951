import { withoutUndefined } from '@loopwell/fhir';
import { AppError, newId } from '@loopwell/kit';
import {
  grants,
  type HistoryLine,
  ledger,
  peopleInDanger,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type Tx,
  undos,
} from '@loopwell/store';
import { alertByDate } from '../alert-by-date.ts';
import { keepAskedOf } from '../equity/keep-asked.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { change, type Decidable, datesIn } from './apply-decision.ts';
import { askNext, meantAsNext } from './ask-next.ts';
import { chooseCode } from './choose-code.ts';
import { asAgreed, requireAgreement } from './consent/minors.ts';
import { signersOf } from './consent/signers.ts';
import { type ReviewDecision, stepsOf } from './decisions.ts';
import { endangeredOf } from './left-out.ts';
import { dueRows, ownReferrals } from './own-referrals.ts';
import { requireConsent, requireRecipient } from './recipient.ts';
import { liftForDecision } from './said-no/brought-up.ts';
import { endsIt, othersOf, recordDecidedNos, requireGoodNos } from './said-no/decided-nos.ts';
import { keepWithdrawals, meantReferrals, type StaysThere, whatStays } from './take-back.ts';
import { keepUndos, limitedByDate, type Made, undoEndOf, waitWith } from './undo/keep-undos.ts';
import { openAgain } from './undo/open-again.ts';
import { requireUnchanged, takesBack } from './versions.ts';

/** What became of a request to decide. */
export type Decided = {
  /** The number of decided referrals. */
  decided: number;
  /** Referrals that were left out because their person is to be seen first. */
  skipped: { referral: string; reason: 'danger' }[];
  /** Names the request, so that its people can be shown, and so that it can be undone. */
  request: string;
  /** What could not be recalled of a consent that was taken back. */
  stays?: StaysThere[];
};

/**
 * Records one decision about one or many referrals, or several decisions in one go, all or nothing,
 * and makes their gates due. The gates decide what happens: a refusal recalls a Task that a partner
 * has already. A decision about several referrals leaves out those whose person may be in danger,
 * because each of them is decided alone. A stop leaves out none.
 *
 * @param isOnPage the reviewer looks at a page, which offers the undo while nothing is sent
 * @throws AppError NOT_FOUND, CONFLICT (decided or ended meanwhile, or changed since the reviewer
 *   saw it), FORBIDDEN or REQUEST_INVALID; each names the referral, and nothing is changed
 */
export async function decide(
  deps: ReviewDeps,
  reviewer: Reviewer,
  decision: ReviewDecision,
  { isOnPage = false }: { isOnPage?: boolean } = {},
): Promise<Decided> {
  const asked = [...new Set(decision.referrals)];
  const batch = newId();
  const stages = stagesOf(decision);
  const made = { reviewer, request: newId(), steps: stepsOf(decision), isOnPage };
  const undoUntil = isOnPage ? undoEndOf(deps, made) : undefined;
  const result = await deps.tx(async (tx) => {
    const ids = await meantReferrals(tx, reviewer, asked, decision);
    const seen = ownReferrals(ids, await referrals.loadReferrals(tx, ids), reviewer);
    const others = await othersOf(tx, made.steps, seen, todayOf(deps));
    // The ledger's rows are locked before the referrals, in the order in which workers lock them.
    await ledger.due(tx, [
      ...stages.flatMap((stage) => dueRows(stage, seen, batch)),
      ...dueRows('refer', others, batch),
    ]);
    const rows = await referrals.lockReferrals(tx, [...ids, ...others.map(({ id }) => id)]);
    const locked = ownReferrals(ids, rows, reviewer);
    const people = locked.map(({ person }) => person);
    await requireVisible(tx, reviewer, people, 'There is no such referral', (hidden) => ({
      referral: locked.find(({ person }) => person === hidden)?.id,
    }));
    const endangered = await endangeredOf(tx, locked, decision);
    const decidable = locked.filter((referral) => !endangered.has(referral.person));
    await record(tx, deps, { ...made, undoUntil }, decidable);
    await recordOthers(tx, deps, { ...made, undoUntil }, { locked: decidable, others });
    const skipped = locked.filter((referral) => endangered.has(referral.person));
    return {
      decided: decidable.length,
      skipped: skipped.map(({ id }) => ({ referral: id, reason: 'danger' as const })),
      ...(await whatStays(tx, ids, decision)),
    };
  });
  await deps.nudge(stages.map((stage) => ({ stage, batch })));
  return { ...result, request: made.request };
}

/** Records what a decision means for other referrals of its people. */
async function recordOthers(
  tx: Tx,
  deps: ReviewDeps,
  made: Made & { undoUntil: Date | undefined },
  rows: { locked: readonly ReferralRow[]; others: readonly ReferralRow[] },
): Promise<void> {
  const { undoUntil } = made;
  await waitWith(tx, deps, rows.others, { undoUntil, decided: rows.locked });
  await recordDecidedNos(tx, deps, made, rows);
}

async function record(
  tx: Tx,
  deps: ReviewDeps,
  made: Made & { undoUntil: Date | undefined },
  locked: readonly ReferralRow[],
): Promise<void> {
  const { reviewer, steps } = made;
  const agreed = asAgreed(locked, steps);
  for (const step of steps) await requireAllowed(tx, deps, made, agreed, step);
  const lifted = await liftForDecision(tx, deps, made, locked);
  const patches = await patchesFor(tx, deps, made, locked, lifted);
  if (steps.some(({ decision }) => decision === 'sendNow'))
    await undos.passOverDecision(tx, idsOf(locked));
  await referrals.patchReferrals(tx, patches);
  await alertByDate(tx, datesIn(locked, steps), todayOf(deps));
  if (steps.some((step) => step.decision === 'refuse' || takesBack(step))) {
    const ended = locked.filter((referral) => endsIt(steps, referral, todayOf(deps)));
    const ids = ended.map((referral) => referral.id);
    await grants.endGrantsOfReferrals(tx, { referrals: ids, by: reviewer.id });
  }
  await keepUndos(tx, made, locked, patches);
  await keepWithdrawals(tx, deps, made, locked);
  const each = steps.flatMap((step) => locked.map((referral) => ({ referral, step })));
  await referrals.addDecisions(
    tx,
    each.map(({ referral, step }) => decisionRow(referral, made, step)),
  );
  await keepAskedOf(tx, reviewer, each, todayOf(deps));
  const lines = each.map(({ referral, step }) => historyLine(referral, reviewer, step));
  await ledger.appendHistory(tx, lines);
}

const idsOf = (rows: readonly ReferralRow[]): string[] => rows.map(({ id }) => id);

/** Checks a decision against the referrals as they are. */
async function requireAllowed(
  tx: Tx,
  deps: ReviewDeps,
  { reviewer, isOnPage }: Made,
  locked: readonly ReferralRow[],
  step: ReviewDecision,
): Promise<void> {
  await requireUnchanged(tx, reviewer, locked, step);
  for (const referral of locked) requireOpen(referral, step);
  await requireGoodNos(tx, deps, step, locked);
  if (step.decision === 'agree')
    await requireAgreement(tx, deps, locked, { ...step, isAsked: isOnPage && locked.length === 1 });
  if (step.decision === 'approve') await requireRecipient(tx, reviewer, locked, step);
  if (step.decision === 'recordConsent') await requireConsent(tx, deps, reviewer, locked, step);
}

type Patches = { id: string; patch: ReferralPatch }[];

async function patchesFor(
  tx: Tx,
  deps: ReviewDeps,
  { reviewer, steps, undoUntil }: Made & { undoUntil: Date | undefined },
  locked: readonly ReferralRow[],
  lifted: ReadonlyMap<string, ReferralPatch>,
): Promise<Patches> {
  const patches: Patches = [];
  const people = locked.map((one) => one.person);
  const endangered = steps.some(({ decision }) => decision === 'postpone')
    ? await peopleInDanger(tx, reviewer.tenant, people)
    : new Set<string>();
  const signers = await signersOf(tx, deps, steps, locked);
  for (const referral of locked) {
    const seeFirst = endangered.has(referral.person);
    const signing = signers.get(referral.person);
    // A decision ends a postponement, whatever day it was set to.
    let patch: ReferralPatch = { postponed_until: null, ...lifted.get(referral.id) };
    for (const step of steps) {
      const isLifted = lifted.has(referral.id);
      const decidable = { ...referral, ...patch, seeFirst, isLifted, ...signing };
      patch = { ...patch, ...(await patchFor(tx, deps, reviewer, decidable, step)) };
    }
    patch.people_decided = referral.people_decided + steps.length;
    if (undoUntil) patch.undo_until = limitedByDate(undoUntil, referral, todayOf(deps));
    patches.push({ id: referral.id, patch });
  }
  return patches;
}

async function patchFor(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  decidable: Decidable,
  decision: ReviewDecision,
): Promise<ReferralPatch> {
  if (decision.decision === 'chooseCode')
    return chooseCode(tx, deps, reviewer, decidable, decision);
  if (decision.decision === 'openAgain')
    return openAgain(tx, deps, reviewer, decidable, decision, todayOf(deps));
  if (decision.decision === 'askNext' || meantAsNext(decidable, decision))
    return askNext(tx, deps, reviewer, decidable, decision);
  return change(deps, reviewer, decidable, decision);
}

/** Lists the stages that a decision makes due; a chosen code may be news to a coding worker. */
const stagesOf = ({ decision }: ReviewDecision): ('code' | 'refer')[] =>
  decision === 'chooseCode' ? ['code', 'refer'] : ['refer'];

/**
 * Checks that a decision about this referral may still be made.
 *
 * @throws AppError CONFLICT if it may not
 */
function requireOpen(referral: ReferralRow, decision: ReviewDecision): void {
  const facts = { referral: referral.id, state: referral.state };
  // Taking back always works, also after the end, because the partner may read its order for a
  // while.
  if (takesBack(decision) || decision.decision === 'openAgain') return;
  if (referral.state !== 'waiting' && referral.state !== 'partner') {
    throw new AppError('CONFLICT', 'This referral has ended; nothing was recorded', { facts });
  }
  if (referral.given_up_by !== null)
    throw new AppError(
      'CONFLICT',
      'This referral was closed without help already; nothing was recorded',
      { facts },
    );
  if (referral.approval === 'refused')
    throw new AppError('CONFLICT', 'This need was refused already; nothing was recorded', {
      facts,
    });
}

/** The outcome of each decision in the history and the timeline. */
export const outcomes = {
  approve: 'approved',
  refuse: 'refused',
  postpone: 'postponed',
  chooseCode: 'code-chosen',
  agree: 'agreement-recorded',
  withdrawAgreement: 'agreement-withdrawn',
  recordConsent: 'consent-recorded',
  withdrawConsent: 'consent-withdrawn',
  chooseService: 'service-chosen',
  askNext: 'next-asked',
  closeWithoutHelp: 'closed-without-help',
  sendNow: 'sent-now',
  openAgain: 'opened-again',
} as const satisfies Record<ReviewDecision['decision'], string>;

/**
 * Makes the row that records a decision, with the reviewer's words, so that it explains the
 * referral later.
 */
function decisionRow(referral: ReferralRow, made: Made, decision: ReviewDecision) {
  const { referrals: _ids, versions: _versions, reason, decision: name, ...details } = decision;
  const { reviewer, request } = made;
  return {
    tenant: referral.tenant,
    referral: referral.id,
    person: referral.person,
    decision: name,
    principal: reviewer.id,
    principalKind: reviewer.kind,
    request,
    ...withoutUndefined({
      reason,
      facts: Object.keys(details).length > 0 ? JSON.stringify(details) : undefined,
    }),
  };
}

/** Makes the line of history of a decision, with ids and codes only. */
function historyLine(
  referral: ReferralRow,
  reviewer: Reviewer,
  decision: ReviewDecision,
): HistoryLine {
  return {
    tenant: referral.tenant,
    stage: 'refer',
    subject: referral.id,
    person: referral.person,
    outcome: outcomes[decision.decision],
    trace: referral.trace,
    principal: reviewer.id,
    ...factsOf(decision),
  };
}

function factsOf(decision: ReviewDecision): Pick<HistoryLine, 'facts'> {
  if (decision.decision === 'chooseService')
    return { facts: { serviceCode: decision.serviceCode } };
  return decision.decision === 'chooseCode'
    ? { facts: { condition: decision.condition, code: decision.code } }
    : {};
}
