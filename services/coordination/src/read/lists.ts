import { withoutUndefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import {
  directory,
  type ListedRow,
  type ListedState,
  listedReferrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { Moment } from '../reviewer.ts';
import { isPlaceInTime } from './cursor.ts';
import { itemsOf, type ReviewItem } from './review-view.ts';

/**
 * The query for one of the other lists: referrals that are at a partner, wait for others or have
 * ended.
 */

export type ListAsk = Moment & {
  state: ListedState;
  limit: number;
  cursor?: string | undefined;
  category?: string | undefined;
  person?: string | undefined;
};

export type ListedItem = ReviewItem & {
  tasks: { id: string; partner: string; status: string; live: boolean }[];
};

export type ListPage = {
  items: ListedItem[];
  next?: string;
  rows: ListedRow[];
  tasks: ReadonlyMap<string, TaskRow[]>;
};

/**
 * Lists a page of referrals in one state. Ended ones come latest first. Others come with people to
 * be seen first, then longest unchanged first.
 *
 * @throws AppError REQUEST_INVALID naming the field, for a cursor that this list did not give, and
 *   for the list of all states without a person
 */
export async function listState(tx: Tx, tenant: string, ask: ListAsk): Promise<ListPage> {
  const { cursor, limit, now, today, timeZone, ...rest } = ask;
  if (ask.state === 'all' && ask.person === undefined)
    throw new AppError(
      'REQUEST_INVALID',
      'Whatever has become of them, referrals are listed for one person',
      {
        facts: { field: 'person' },
      },
    );
  const after = cursor === undefined ? undefined : readCursor(cursor, ask.state);
  const listedRows = await listedReferrals.listReferrals(tx, tenant, { ...rest, limit, after });
  const rows = listedRows.slice(0, limit);
  const last = rows.at(-1);
  const attempts = await tasks.tasksOfReferrals(
    tx,
    rows.map((row) => row.id),
  );
  const reviews = await itemsOf(tx, rows, { now, today, timeZone });
  const items = reviews.map((review) => withTasks(review, attempts.get(review.id) ?? []));
  return {
    items,
    rows,
    tasks: attempts,
    ...withoutUndefined({
      next: listedRows.length > limit && last ? writeCursor(last, ask.state) : undefined,
    }),
  };
}

function withTasks(review: ReviewItem, attempts: readonly TaskRow[]): ListedItem {
  // The answer to a POST was lost: the Task is at the partner, or may be.
  const isOut = review.state === 'waiting' && attempts.some(({ live }) => live);
  const tasksShown = attempts.map(({ id, partner, status, live }) => ({
    id,
    partner,
    status,
    live,
  }));
  return { ...review, state: isOut ? 'partner' : review.state, tasks: tasksShown };
}

/** Gives the names of partners by Organization id. */
export async function partnerNames(tx: Tx, tenant: string): Promise<ReadonlyMap<string, string>> {
  return new Map((await directory.loadDirectory(tx, tenant)).map((one) => [one.id, one.name]));
}

const writeCursor = (row: ListedRow, state: ListedState): string =>
  Buffer.from([state, String(row.rank), row.cursor_at, row.id].join('\n')).toString('base64url');

function readCursor(
  cursor: string,
  state: ListedState,
): { rank: number; changedAt: string; id: string } {
  const [of, rank = '', changedAt = '', id = ''] = Buffer.from(cursor, 'base64url')
    .toString()
    .split('\n');
  if (of === state && /^[012]$/.test(rank) && isPlaceInTime(changedAt, id))
    return { rank: Number(rank), changedAt, id };
  throw new AppError('REQUEST_INVALID', 'The cursor is not one that this list gave', {
    facts: { field: 'cursor' },
  });
}
