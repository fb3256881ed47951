import { referrals, type Tx, undos, type Viewer } from '@loopwell/store';
import { personNames } from '../../person-names.ts';
import { showPeople } from '../../shown-people.ts';
import type { Undone } from './undo.ts';

/** What a request decided, for the page that comes after it. */
export type MadeDecision = {
  request: string;
  /** Its decisions, each once, in their order. */
  decisions: readonly string[];
  /** The people that it is about, each once. */
  names: readonly (string | undefined)[];
  /** It can be undone, or what it sent can be taken back. */
  canUndo: boolean;
  /** Until when nothing is sent because of it; null if nothing waits. */
  until: Date | null;
  /** Referrals among them that wait although they have a date by which they must happen. */
  dated: readonly string[];
};

/**
 * Reads what a request of this reviewer decided. An address names the request alone; the people are
 * looked up here. Gives undefined for a request of somebody else.
 */
export async function readMadeDecision(
  tx: Tx,
  principal: Viewer,
  request: string,
  { today, now }: { today: string; now: Date },
): Promise<MadeDecision | undefined> {
  const lines = await undos.decidedInRequest(tx, request);
  const { id } = principal;
  const mine = lines.filter((line) => line.principal === id);
  if (mine.length === 0) return undefined;
  const ids = [...new Set(mine.map(({ referral }) => referral))];
  const latest = await undos.latestUndos(tx, id, ids);
  const rows = [...(await referrals.loadReferrals(tx, ids)).values()];
  const waiting = rows.filter(({ undo_until }) => undo_until !== null && undo_until > now);
  return {
    request,
    decisions: [...new Set(mine.map(({ decision }) => decision))],
    names: await namesOf(tx, principal, mine, today),
    canUndo: [...latest.values()].includes(request),
    until: waiting[0]?.undo_until ?? null,
    dated: waiting.filter(({ must_by }) => must_by !== null).map(({ id }) => id),
  };
}

/** The people of an undo, by what became of their referrals. */
export type UndonePeople = {
  undone: readonly (string | undefined)[];
  recalled: readonly (string | undefined)[];
  /** Whose partner had said yes already. They are not among the recalled. */
  answered: readonly (string | undefined)[];
  refused: readonly { name: string | undefined; rule: Undone['refused'][number]['rule'] }[];
};

/** Looks up the people of an undo. */
export async function undonePeople(
  tx: Tx,
  principal: Viewer,
  result: Undone,
  today: string,
): Promise<UndonePeople> {
  const ids = [...result.undone, ...result.recalled, ...result.refused.map((one) => one.referral)];
  const rows = await referrals.loadReferrals(tx, ids);
  const all = [...rows.values()].map(({ person }) => person);
  const people = [...(await showPeople(tx, { principal, page: '/review' }, all))];
  const names = await personNames(tx, people, today);
  const isAnswered = (referral: string) => result.answered.includes(referral);
  const nameOf = (referral: string) => names.get(rows.get(referral)?.person ?? '')?.name;
  return {
    undone: [...new Set(result.undone.map(nameOf))],
    recalled: [...new Set(result.recalled.filter((id) => !isAnswered(id)).map(nameOf))],
    answered: [...new Set(result.answered.map(nameOf))],
    refused: result.refused.map(({ referral, rule }) => ({ name: nameOf(referral), rule })),
  };
}

async function namesOf(
  tx: Tx,
  principal: Viewer,
  lines: readonly { person: string }[],
  today: string,
): Promise<(string | undefined)[]> {
  const people = [...new Set(lines.map(({ person }) => person))];
  const visible = await showPeople(tx, { principal, page: '/review' }, people);
  const names = await personNames(tx, [...visible], today);
  return people.map((person) => names.get(person)?.name);
}
