import { findNoToHelp, type PartnerStanding, partnerStanding } from '@loopwell/sdoh';
import {
  contact,
  type HelpTotals,
  type ListedNeed,
  type PeopleList,
  readHelpTotals,
  type Tx,
} from '@loopwell/store';
import { withoutHelpOf } from '../read/without-help.ts';
import type { Moment } from '../reviewer.ts';

/** What a list says beside its needs, by referral, and above its rows. */
export type ListNotes = {
  /** How needs stand at their partners, where the list is about what was sent. */
  standings: ReadonlyMap<string, PartnerStanding>;
  /** The days of the nos that needs wait for. */
  noDays: ReadonlyMap<string, string>;
  /** Whether people say that they were helped, where somebody has asked them. */
  helped: ReadonlyMap<string, boolean>;
  helpTotals?: HelpTotals;
  /** Referrals about which nobody has decided in time. */
  overdue: ReadonlySet<string>;
};

const nothing: ListNotes = {
  standings: new Map(),
  noDays: new Map(),
  helped: new Map(),
  overdue: new Set(),
};

/** Reads what a list says beside its needs. */
export async function readNotes(
  tx: Tx,
  list: PeopleList,
  needs: readonly ListedNeed[],
  { now, today }: Pick<Moment, 'now' | 'today'>,
): Promise<ListNotes> {
  const ids = needs.map(({ id }) => id);
  if (list === 'later') return { ...nothing, noDays: await readNoDays(tx, needs, today) };
  if (list === 'waiting') return { ...nothing, standings: await readStandings(tx, ids, now) };
  if (list === 'withoutHelp') {
    const late = needs.filter((need) => withoutHelpOf(need, { now, today })?.overdue);
    return { ...nothing, overdue: new Set(late.map(({ id }) => id)) };
  }
  if (list !== 'helped') return nothing;
  const answers = [...(await contact.helpAnswers(tx, ids))];
  const helped = new Map(answers.map(([id, answer]) => [id, answer.helped]));
  return { ...nothing, helped, helpTotals: await readHelpTotals(tx) };
}

async function readStandings(
  tx: Tx,
  ids: readonly string[],
  now: Date,
): Promise<Map<string, PartnerStanding>> {
  const moves = [...(await contact.partnerMoves(tx, ids))];
  return new Map(moves.map(([id, one]) => [id, partnerStanding(one, now)]));
}

/** Reads the day on which the person said the no that each need waits for. */
async function readNoDays(
  tx: Tx,
  needs: readonly ListedNeed[],
  today: string,
): Promise<Map<string, string>> {
  const waiting = needs.filter(({ gate }) => gate === 'saidNo');
  const nos = await contact.nosOfPeople(
    tx,
    waiting.map(({ person }) => person),
  );
  const days = waiting.flatMap(({ id, person, category }) => {
    const no = findNoToHelp(nos.get(person) ?? [], category, today);
    return no ? [[id, no.saidOn] as const] : [];
  });
  return new Map(days);
}
