import { waitsForUndo } from '@loopwell/sdoh';
import {
  directory,
  peopleInDanger,
  type ReferralRow,
  referrals,
  type Tx,
  tasks,
  undos,
  type Viewer,
} from '@loopwell/store';
import { personNames } from '../../person-names.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { showPeople } from '../../shown-people.ts';
import { isStop } from '../versions.ts';
import { isStopped, type Obstacle, readObstacles } from './obstacles.ts';
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
  /** Referrals among them that wait although their person bears the mark *See first*. */
  marked: readonly string[];
  /** What stands before referrals, each with the name of the person. */
  obstacles: readonly { name: string | undefined; obstacle: Obstacle }[];
  /** What a stop has stopped: the need, the person, and the partner that has it. */
  stopped: readonly { name: string | undefined; category: string; partner: string | undefined }[];
  /** Names of partners by Organization id. */
  partners: ReadonlyMap<string, string>;
};

/**
 * Reads what a request of this reviewer decided. An address names the request alone; the people are
 * looked up here. Gives undefined for a request of somebody else.
 */
export async function readMadeDecision(
  tx: Tx,
  principal: Viewer,
  request: string,
  deps: ReviewDeps,
): Promise<MadeDecision | undefined> {
  const lines = await undos.decidedInRequest(tx, request);
  const { id } = principal;
  const mine = lines.filter((line) => line.principal === id);
  if (mine.length === 0) return undefined;
  const ids = [...new Set(mine.map(({ referral }) => referral))];
  const latest = await undos.latestUndos(tx, id, ids);
  const rows = [...(await referrals.loadReferrals(tx, ids)).values()];
  const names = await namesOf(tx, principal, mine, todayOf(deps));
  const decisions = [...new Set(mine.map(({ decision }) => decision))];
  return {
    request,
    decisions,
    names: [...new Set(mine.map(({ person }) => person))].map((person) => names.get(person)),
    canUndo: [...latest.values()].includes(request),
    ...(await readOutlook(tx, deps, { rows, names, decisions })),
    stopped: decisions.some((decision) => isStop({ decision }))
      ? await stoppedIn(tx, rows, names)
      : [],
    partners: new Map(
      (await directory.loadDirectory(tx, tx.tenant)).map((one) => [one.id, one.name]),
    ),
  };
}

type Names = ReadonlyMap<string, string | undefined>;

/** Reads what goes out because of a request, and when; and what stands before the rest. */
async function readOutlook(
  tx: Tx,
  deps: ReviewDeps,
  { rows, names, decisions }: { rows: readonly ReferralRow[]; names: Names; decisions: string[] },
): Promise<Pick<MadeDecision, 'until' | 'marked' | 'obstacles'>> {
  const isLetGo = decisions.some(waitsForUndo);
  const waiting = isLetGo ? rows.filter(({ state }) => state === 'waiting') : [];
  const obstacles = await readObstacles(tx, deps, waiting);
  const free = waiting.filter(({ id }) => !obstacles.has(id));
  const late = free.filter(
    ({ undo_until }) => undo_until !== null && undo_until > deps.clock.now(),
  );
  // Not for a date alone: nobody beside the screen learns whose mark is one. DECISIONS D188.
  const people = late.map(({ person }) => person);
  const marked = await peopleInDanger(tx, tx.tenant, people);
  return {
    until: late[0]?.undo_until ?? null,
    marked: late.filter(({ person }) => marked.has(person)).map(({ id }) => id),
    obstacles: waiting.flatMap(({ id, person }) => {
      const obstacle = obstacles.get(id);
      return obstacle ? [{ name: names.get(person), obstacle }] : [];
    }),
  };
}

/** Lists the referrals that a stop ended, with the partner from which each comes back. */
async function stoppedIn(
  tx: Tx,
  rows: readonly ReferralRow[],
  names: Names,
): Promise<MadeDecision['stopped']> {
  const ended = rows.filter(isStopped);
  const attempts = await tasks.tasksOfReferrals(
    tx,
    ended.map(({ id }) => id),
  );
  return ended.map(({ id, person, category }) => ({
    name: names.get(person),
    category,
    partner: attempts.get(id)?.find(({ live }) => live)?.partner,
  }));
}

/** The people of an undo, by what became of their referrals. */
export type UndonePeople = {
  undone: readonly (string | undefined)[];
  recalled: readonly (string | undefined)[];
  /** Whose partner had said yes already. They are not among the recalled. */
  answered: readonly (string | undefined)[];
  refused: readonly { name: string | undefined; rule: Undone['refused'][number]['rule'] }[];
  /** What cannot be recalled from partners. */
  stays: NonNullable<Undone['stays']>;
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
    stays: result.stays ?? [],
    refused: result.refused.map(({ referral, rule }) => ({ name: nameOf(referral), rule })),
  };
}

async function namesOf(
  tx: Tx,
  principal: Viewer,
  lines: readonly { person: string }[],
  today: string,
): Promise<Names> {
  const people = [...new Set(lines.map(({ person }) => person))];
  const visible = await showPeople(tx, { principal, page: '/review' }, people);
  const names = await personNames(tx, [...visible], today);
  return new Map(people.map((person) => [person, names.get(person)?.name]));
}
