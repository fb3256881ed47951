import { type Principal, RequestProblems } from '@loopwell/http';
import { AppError, newId } from '@loopwell/kit';
import {
  directory,
  grants,
  ledger,
  people,
  peopleInDanger,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';
import type { PersonSubject } from '../find-subject.ts';
import { findSubject } from '../find-subject.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import type { ReachChange } from './reach-body.ts';
import { patientOf, type ReachView, readReach } from './reach-view.ts';

type Deps = Pick<ReviewDeps, 'tx' | 'nudge' | 'clock'>;

/**
 * Records how a person wants to be reached, and whom to keep out. Whatever is on its way to a
 * partner is judged again, and partners read nothing until then.
 *
 * @throws AppError NOT_FOUND, or CONFLICT where somebody has recorded another answer meanwhile;
 *   RequestProblems where nobody says whether somebody with the mark was alone
 */
export async function recordReach(
  deps: Deps,
  reviewer: Principal,
  id: string,
  change: ReachChange,
): Promise<ReachView> {
  return withStop(deps, { reviewer, id }, async (tx, subject) => {
    await requireSaidAlone(tx, subject, change);
    const { choice, answeredAt, instead, askedAlone = false } = change;
    const person = patientOf(subject);
    const answer = { person, choice, answeredAt, askedBy: reviewer.id, askedAlone, instead };
    await people.recordReach(tx, answer);
    for (const keepOut of change.allowAgain) {
      const act = { person, id: keepOut, by: reviewer.id };
      requireOne(await people.endKeepOut(tx, act));
    }
    const words = { person, words: change.keepOut, askedBy: reviewer.id };
    await people.addKeepOuts(tx, words, await directory.loadDirectory(tx, tx.tenant));
  });
}

/**
 * Records which partners a keep-out means; none where no partner is meant.
 *
 * @throws AppError NOT_FOUND, or REQUEST_INVALID for a partner that the directory does not have
 */
export async function resolveKeepOut(
  deps: Deps,
  reviewer: Principal,
  { person, keepOut }: { person: string; keepOut: string },
  partners: readonly string[],
): Promise<ReachView> {
  return withStop(deps, { reviewer, id: person }, async (tx, subject) => {
    const listed = await directory.loadDirectory(tx, tx.tenant);
    if (!partners.every((partner) => listed.some((row) => row.id === partner)))
      throw new AppError('REQUEST_INVALID', 'The directory has no such partner', {
        facts: { field: 'partners', rule: 'known' },
      });
    const act = { person: patientOf(subject), id: keepOut, by: reviewer.id };
    requireOne(await people.resolveKeepOut(tx, act, partners));
  });
}

/**
 * Requires of whoever bears the mark that somebody says whether they were alone. It is the same for
 * an answer about safety and for a date.
 *
 * @throws RequestProblems naming the field
 */
async function requireSaidAlone(
  tx: Tx,
  { patients }: PersonSubject,
  { askedAlone }: ReachChange,
): Promise<void> {
  if (askedAlone !== undefined) return;
  const marked = await peopleInDanger(tx, tx.tenant, patients);
  if (marked.size === 0) return;
  const rule = 'must say whether they were alone with you';
  throw new RequestProblems('Nothing was recorded', [{ path: '/body/askedAlone', rule }]);
}

function requireOne(isThere: boolean): void {
  if (!isThere)
    throw new AppError('NOT_FOUND', 'There is no such place or person to keep out', {
      facts: { field: 'keepOut' },
    });
}

/**
 * Runs a change after which all referrals of the person are judged again. Their ledger rows are
 * locked first, and the grants last.
 */
async function withStop(
  deps: Deps,
  { reviewer, id }: { reviewer: Principal; id: string },
  change: (tx: Tx, subject: PersonSubject) => Promise<void>,
): Promise<ReachView> {
  const batch = newId();
  const view = await deps.tx(async (tx) => {
    const subject = await findSubject(tx, id);
    await requireVisible(tx, reviewer, subject.patients, 'There is no such person');
    const rows = await referrals.referralsOfPeople(tx, subject.patients);
    await ledger.due(
      tx,
      rows.map((row) => dueRow(row, batch)),
    );
    await change(tx, subject);
    await grants.suspendGrantsOfPeople(tx, subject.patients);
    return readReach(tx, subject, deps.clock.now());
  });
  await deps.nudge([{ stage: 'refer', batch }]);
  return view;
}

const dueRow = ({ tenant, id: subject, person, trace }: ReferralRow, batch: string) => ({
  ...{ tenant, stage: 'refer' as const, subject, person, trace, batch },
});
