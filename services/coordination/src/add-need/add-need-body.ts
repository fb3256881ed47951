import { bodyCheck } from '@loopwell/http';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { findCatalogNeed, findMustByProblem } from '@loopwell/sdoh';
import { badField, requirePast, requireWords, trimmed } from '../work/typed-words.ts';

type Schemas = components['schemas'];
export type NeedBody = Schemas['NewNeed'];
export type DueListBody = Schemas['NewDueList'];

const sentence = 'A field is missing, or has not the form it must have; nothing was recorded';

const checkNeed = bodyCheck<NeedBody>(contracts.coordination, 'NewNeed', sentence);
const checkList = bodyCheck<DueListBody>(contracts.coordination, 'NewDueList', sentence);

/**
 * Reads a need that somebody adds.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming field and rule
 */
export function parseNeed(input: unknown, today: string): NeedBody {
  const body = checkNeed(trimmed(input));
  if (!findCatalogNeed(body.need))
    throw badField('need', 'unknown-need', 'This need is not in the catalog');
  requireWords('words', body.words);
  requirePast('saidOn', body.saidOn, today);
  const { mustBy } = body;
  if (mustBy !== undefined && findMustByProblem(mustBy, today) !== undefined)
    throw badField('mustBy', 'date', 'The date is no day of the calendar, or it has passed');
  return body;
}

/**
 * Reads a due list: which EHR its people are of, and the list as CSV or as a Group.
 *
 * @throws as `parseNeed`
 */
export function parseDueList(input: unknown): DueListBody {
  const body = checkList(trimmed(input));
  if ((body.csv === undefined) === (body.group === undefined))
    throw badField('csv', 'csv-or-group', 'Send the list as CSV or as a Group');
  return body;
}
