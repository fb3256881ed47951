import { AppError, newId } from '@loopwell/kit';
import { hadTurn, isUntaken, type UndoRefusal, undoOutcome } from '@loopwell/sdoh';
import {
  ledger,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
  type UndoRow,
  undos,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../../reviewer.ts';
import { requireVisible } from '../../shown-people.ts';
import { dueRows, ownReferrals } from '../own-referrals.ts';
import { codesBefore, hasCodes, restoreCodes } from './restore-codes.ts';
import { letNosStand, openedWith, type Stays } from './stand-again.ts';

/** What became of each referral of a request that was undone. */
export type Undone = {
  request: string;
  /** Nothing had gone out: everything is as before. */
  undone: string[];
  /** A send was claimed: the Task is taken back. */
  recalled: string[];
  /** Those of the recalled whose partner had said yes already. */
  answered: string[];
  refused: { referral: string; rule: UndoRefusal }[];
  /** What partners have whatever is taken back. */
  stays?: Stays[];
};

type Judged = {
  row: UndoRow;
  referral: ReferralRow;
  attempts: readonly TaskRow[];
  outcome: ReturnType<typeof undoOutcome>;
};

/**
 * Undoes what one request decided, as far as that is possible, and makes the gates due. Where a
 * send was claimed, the Task is taken back, and its partner reads nothing from now on.
 *
 * @param only the referrals of the request whose decision is undone; all where it is left out
 * @throws AppError FORBIDDEN for a caller who is no signed-in person; NOT_FOUND for a request that
 *   does not exist; CONFLICT for a stop, and where nothing of the request can be undone
 */
export async function undo(
  deps: ReviewDeps,
  reviewer: Reviewer,
  request: string,
  only?: readonly string[],
): Promise<Undone> {
  if (reviewer.kind !== 'person')
    throw new AppError('FORBIDDEN', 'A decision is undone by the signed-in person who made it');
  const batch = newId();
  let stages: ('code' | 'refer')[] = [];
  const result = await deps.tx(async (tx) => {
    const rows = chosenAmong(await requireRows(tx, request), only);
    const ids = rows.map(({ referral }) => referral);
    const seen = ownReferrals(ids, await referrals.loadReferrals(tx, ids), reviewer);
    const people = seen.map(({ person }) => person);
    await requireVisible(tx, reviewer, people, 'There is no such decision');
    const others = await openedWith(tx, request, seen);
    // The ledger's rows are locked before the referrals, in the order in which workers lock them.
    stages = rows.some(hasCodes) ? ['code', 'refer'] : ['refer'];
    await ledger.due(tx, [
      ...stages.flatMap((stage) => dueRows(stage, seen, batch)),
      ...dueRows('refer', others, batch),
    ]);
    await referrals.lockReferrals(tx, [...ids, ...others.map(({ id }) => id)]);
    const judged = await judge(tx, reviewer, request, ids);
    const changed = judged.filter(({ outcome }) => isChange(outcome.kind));
    const result = resultOf(request, judged);
    requireAnything(result);
    const stays = await record(tx, deps, reviewer, { changed, others });
    return { ...result, ...(stays.length > 0 ? { stays } : {}) };
  });
  await deps.nudge(stages.map((stage) => ({ stage, batch })));
  return result;
}

async function requireRows(tx: Tx, request: string): Promise<UndoRow[]> {
  const rows = await undos.undosOfRequest(tx, request);
  if (rows.length > 0) return rows;
  const facts = { request };
  if ((await undos.decidedInRequest(tx, request)).length === 0)
    throw new AppError('NOT_FOUND', 'There is no such decision', { facts });
  throw new AppError(
    'CONFLICT',
    'This stops something, so it is not undone; only a new yes from the person reverses it',
    { facts: { ...facts, rule: 'stop' } },
  );
}

/** @throws AppError NOT_FOUND for a referral that the request did not decide about */
function chosenAmong(rows: UndoRow[], only: readonly string[] | undefined): UndoRow[] {
  if (only === undefined) return rows;
  const missing = only.find((id) => rows.every(({ referral }) => referral !== id));
  if (missing === undefined) return rows.filter(({ referral }) => only.includes(referral));
  throw new AppError('NOT_FOUND', 'This decision is not about this referral', {
    facts: { referral: missing, field: 'referrals', rule: 'in-request' },
  });
}

/** Locks the referrals of a request and decides what its undo does to each. */
async function judge(
  tx: Tx,
  reviewer: Reviewer,
  request: string,
  ids: readonly string[],
): Promise<Judged[]> {
  const locked = await referrals.lockReferrals(tx, ids);
  const attempts = await tasks.tasksOfReferrals(tx, ids);
  const rows = await undos.undosOfRequest(tx, request);
  return rows.flatMap((row) => {
    const referral = locked.get(row.referral);
    if (!referral) return [];
    const made = attempts.get(referral.id) ?? [];
    const outcome = undoOutcome({
      isSamePerson: row.principal === reviewer.id,
      isUndone: row.undone_at !== null,
      isDecidedSince: referral.people_decided !== row.people_decided,
      state: referral.state,
      sentSince: sentSince(made, row.tasks),
      isInChart: hasCodes(row) && referral.approval === 'approved',
    });
    return [{ row, referral, attempts: made, outcome }];
  });
}

/** Tells what became of the Tasks that were made after the first so many. */
function sentSince(attempts: readonly TaskRow[], before: number): 'none' | 'live' | 'ended' {
  const later = attempts.slice(before);
  if (later.some(({ live }) => live)) return 'live';
  return later.some(hadTurn) ? 'ended' : 'none';
}

const isChange = (kind: Judged['outcome']['kind']): boolean => kind === 'undo' || kind === 'recall';

function resultOf(request: string, judged: readonly Judged[]): Undone {
  const result: Undone = { request, undone: [], recalled: [], answered: [], refused: [] };
  for (const { row, attempts, outcome } of judged) {
    if (outcome.kind === 'refused')
      result.refused.push({ referral: row.referral, rule: outcome.rule });
    // A second press of the button finds what the first one did.
    else if (sentSince(attempts, row.tasks) === 'live') result.recalled.push(row.referral);
    else result.undone.push(row.referral);
    if (result.recalled.includes(row.referral) && attempts.some(isAnswered))
      result.answered.push(row.referral);
  }
  return result;
}

/** Tells whether the partner of a Task that is out has said yes. */
const isAnswered = ({ live, status }: TaskRow): boolean => live && !isUntaken(status);

/** The sentence for each reason why nothing could be undone. */
const sentences: Readonly<Record<UndoRefusal, string>> = {
  'not-yours': 'Somebody else made this decision; only that person can undo it',
  'decided-since': 'There is a later decision, so this one cannot be undone; nothing was changed',
  answered: 'The partner has answered already, so this cannot be undone; nothing was changed',
  ended: 'This referral has ended meanwhile, so there is nothing to undo',
  'in-chart': 'The need was approved since, so its finding is changed in the EHR now',
};

/** @throws AppError if nothing of a request could be undone */
function requireAnything({ request, undone, recalled, refused }: Undone): void {
  const [first] = refused;
  if (!first || undone.length + recalled.length > 0) return;
  const code = first.rule === 'not-yours' ? 'FORBIDDEN' : 'CONFLICT';
  const facts = { request, ...first };
  throw new AppError(code, sentences[first.rule], { facts });
}

async function record(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  { changed, others }: { changed: readonly Judged[]; others: ReferralRow[] },
): Promise<Stays[]> {
  const [first] = changed;
  if (!first) return [];
  const { request } = first.row;
  const now = deps.clock.now();
  for (const { row, referral } of changed)
    if (hasCodes(row)) await restoreCodes(tx, deps, reviewer, referral, codesBefore(row));
  await referrals.patchReferrals(
    tx,
    changed.map((one) => ({ id: one.referral.id, patch: patchOf(one, now) })),
  );
  const ids = changed.map(({ referral }) => referral.id);
  await undos.markUndone(tx, { request, referrals: ids, by: reviewer.id });
  const back = changed.filter(({ outcome }) => outcome.kind === 'undo');
  await undos.leadBack(tx, { request, referrals: back.map(({ row }) => row.referral) });
  await referrals.addDecisions(
    tx,
    changed.map(({ referral: { tenant, id, person } }) => ({
      tenant,
      referral: id,
      person,
      decision: 'undo',
      principal: reviewer.id,
      principalKind: reviewer.kind,
      facts: JSON.stringify({ request }),
    })),
  );
  await ledger.appendHistory(
    tx,
    changed.map(({ referral: { tenant, id, person, trace }, outcome }) => ({
      tenant,
      stage: 'refer',
      subject: id,
      person,
      trace,
      principal: reviewer.id,
      outcome: outcome.kind === 'recall' ? 'undone-recalled' : 'undone',
      facts: { request },
    })),
  );
  const recalled = changed.filter(({ outcome }) => outcome.kind === 'recall');
  return letNosStand(
    tx,
    deps,
    { reviewer, request },
    {
      undone: changed.map(({ referral }) => referral),
      recalled: recalled.map(({ referral }) => referral.id),
      others,
    },
  );
}

/**
 * Makes the patch that puts back what a request changed. The gate begins anew, so that a consent
 * that never should have been there is not taken for one that was taken back. What comes back from
 * a partner waits for a person.
 */
function patchOf({ row, referral, attempts, outcome }: Judged, now: Date): ReferralPatch {
  const before = {
    ...(JSON.parse(row.before) as ReferralPatch),
    people_decided: referral.people_decided + 1,
  };
  if (outcome.kind === 'recall') {
    const unapproved = { approval: null, approved_by: null, approved_at: null, undo_until: null };
    return { ...before, ...unapproved, undone_at: now };
  }
  // A Task that was out before the decision stays out.
  if (attempts.some(({ live }) => live)) return before;
  return { ...before, gate: 'review', undone_at: now };
}
