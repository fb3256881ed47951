import { AppError } from '@loopwell/kit';
import type { ReviewCursor, ReviewRow, WorklistSort } from '@loopwell/store';

/** Where a page of the worklist ended. It belongs to one way of sorting. */
export const writeCursor = (row: ReviewRow, sort: WorklistSort): string =>
  Buffer.from(
    [sort, String(row.rank), row.cursor_group, row.cursor_at, row.id].join('\n'),
  ).toString('base64url');

/**
 * @throws AppError REQUEST_INVALID for a cursor that is none, or of a list that was sorted
 *   otherwise
 */
export function readCursor(cursor: string, sort: WorklistSort): ReviewCursor {
  const [of, rank = '', group = '', changedAt = '', id = ''] = Buffer.from(cursor, 'base64url')
    .toString()
    .split('\n');
  const good =
    of === sort &&
    /^[012]$/.test(rank) &&
    /^[a-z0-9-]*$/.test(group) &&
    isPlaceInTime(changedAt, id);
  if (!good) throw new AppError('REQUEST_INVALID', 'The cursor is not one that this list gave');
  return { rank: Number(rank), group, changedAt, id };
}

/** An instant as the database writes it, and an id. */
export const isPlaceInTime = (changedAt: string, id: string): boolean =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d\d(:\d\d)?$/.test(changedAt) &&
  !Number.isNaN(Date.parse(changedAt.replace(/([+-]\d\d)$/, '$1:00'))) &&
  /^(19|20|21)/.test(changedAt) &&
  /[+-](0\d|1[0-4])(:\d\d)?$/.test(changedAt) &&
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
