import { AppError } from '@loopwell/kit';
import type { ReviewCursor, ReviewRow, WorklistSort } from '@loopwell/store';

/** Writes a cursor for the end of a page of the worklist. It is valid for one sort order. */
export const writeCursor = (row: ReviewRow, sort: WorklistSort): string =>
  Buffer.from(
    [sort, String(row.rank), row.cursor_group, row.cursor_at, row.id].join('\n'),
  ).toString('base64url');

/**
 * Reads a cursor of the worklist.
 *
 * @throws AppError REQUEST_INVALID for a text that is no cursor, or a cursor of another sort order
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

/** Tells whether these are an instant as the database writes it, and an id. */
export const isPlaceInTime = (changedAt: string, id: string): boolean =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d\d(:\d\d)?$/.test(changedAt) &&
  !Number.isNaN(Date.parse(changedAt.replace(/([+-]\d\d)$/, '$1:00'))) &&
  /^(19|20|21)/.test(changedAt) &&
  /[+-](0\d|1[0-4])(:\d\d)?$/.test(changedAt) &&
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
