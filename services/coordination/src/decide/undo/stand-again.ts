import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { findNo } from '@loopwell/sdoh';
import {
  contact,
  grants,
  type NoRow,
  type ReferralRow,
  referrals,
  type Tx,
  tasks,
  unrecallable,
} from '@loopwell/store';
import { type ReviewDeps, type Reviewer, todayOf } from '../../reviewer.ts';

/** What a partner has of a referral whatever is taken back. */
export type Stays = components['schemas']['Unrecallable'];

/**
 * Lists the other open referrals of people whose no a request ended. Without that no they may have
 * gone out as well.
 */
export async function openedWith(
  tx: Tx,
  request: string,
  seen: readonly ReferralRow[],
): Promise<ReferralRow[]> {
  const people = seen.map(({ person }) => person);
  const nos = await contact.personNos(tx, people);
  const isEnded = (no: NoRow) => isEndedBy(no, request);
  const concerned = people.filter((person) => nos.get(person)?.some(isEnded));
  const patients = [...(await contact.patientsOfHumans(tx, concerned)).values()].flat();
  const rows = await referrals.referralsOfPeople(tx, [...new Set(patients)]);
  const ids = new Set(seen.map(({ id }) => id));
  return rows.filter(({ id, state }) => !ids.has(id) && openStates.includes(state));
}

const isEndedBy = ({ lifted_request, brought_up }: NoRow, request: string): boolean =>
  lifted_request === request || brought_up?.includes(request) === true;

const openStates: readonly string[] = ['waiting', 'partner'];

/**
 * Lets nos stand again that a request had ended, and ends at once what partners read against them.
 * The gates take the Tasks back afterward. Something that the person never brought up stays a no.
 *
 * @param rows the referrals that are undone, and those that the request had opened as well
 * @returns what cannot be recalled
 */
export async function letNosStand(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  { reviewer, request }: { reviewer: Reviewer; request: string },
  rows: { undone: readonly ReferralRow[]; recalled: readonly string[]; others: ReferralRow[] },
): Promise<Stays[]> {
  const { undone, others, recalled } = rows;
  const people = undone.map(({ person }) => person);
  await contact.standAgain(tx, { people, request });
  const open = [...undone, ...others];
  const against = await againstNos(tx, deps, open);
  const ids = [...new Set([...recalled, ...against.map(({ id }) => id)])];
  await endWaits(
    tx,
    others.filter((other) => against.includes(other)),
  );
  await grants.endGrantsOfReferrals(tx, { referrals: ids, by: reviewer.id });
  return staysOf(tx, ids);
}

/** Lists the referrals that a no is against, by the help or by the place that has them. */
async function againstNos(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  open: readonly ReferralRow[],
): Promise<ReferralRow[]> {
  const nosOf = await contact.nosOfPeople(
    tx,
    open.map(({ person }) => person),
  );
  const attempts = await tasks.tasksOfReferrals(
    tx,
    open.map(({ id }) => id),
  );
  return open.filter(({ id, person, category }) => {
    const partner = attempts.get(id)?.find(({ live }) => live)?.partner;
    const question = { category, partner, today: todayOf(deps) };
    return findNo(nosOf.get(person) ?? [], question) !== undefined;
  });
}

/** Ends waits for an undo that has come. */
async function endWaits(tx: Tx, rows: readonly ReferralRow[]): Promise<void> {
  const waiting = rows.filter(({ undo_until }) => undo_until !== null);
  const patches = waiting.map(({ id }) => ({ id, patch: { undo_until: null } }));
  await referrals.patchReferrals(tx, patches);
}

/** Lists what cannot be recalled of referrals. */
async function staysOf(tx: Tx, ids: readonly string[]): Promise<Stays[]> {
  const left = await unrecallable(tx, ids);
  return left.map((row) => ({ ...row, lastRead: row.lastRead?.toISOString() ?? null }));
}
