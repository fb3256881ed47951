import { bodyCheck } from '@loopwell/http';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { requirePast, requireWords, trimmed } from '../work/typed-words.ts';

type Schemas = components['schemas'];

export type CloseBody = Schemas['CloseByHand'];
export type PartnerBody = Schemas['ChosenPartner'];
export type ListBody = Schemas['NewGivenList'];
export type SaidBody = Schemas['SaidOfList'];

const sentence = 'A field is missing, or has not the form it must have; nothing was recorded';

const checkClose = bodyCheck<CloseBody>(contracts.coordination, 'CloseByHand', sentence);
const checkPartner = bodyCheck<PartnerBody>(contracts.coordination, 'ChosenPartner', sentence);
const checkList = bodyCheck<ListBody>(contracts.coordination, 'NewGivenList', sentence);
const checkSaid = bodyCheck<SaidBody>(contracts.coordination, 'SaidOfList', sentence);

/**
 * Reads why somebody ends a referral by hand, and since when that is so.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming field and rule
 */
export function parseClose(input: unknown, today: string): CloseBody & { on: string } {
  const body = checkClose(trimmed(input));
  requireWords('note', body.note);
  const { on = today } = body;
  requirePast('on', on, today);
  return { ...body, on };
}

/**
 * Reads which partner somebody chose.
 *
 * @throws as `parseClose`
 */
export function parsePartner(input: unknown): PartnerBody {
  return checkPartner(trimmed(input));
}

/**
 * Reads the places of a list, and how it was given.
 *
 * @throws as `parseClose`
 */
export function parseList(input: unknown): ListBody {
  return checkList(trimmed(input));
}

/**
 * Reads what the person said became of their list.
 *
 * @throws as `parseClose`
 */
export function parseSaid(input: unknown, today: string): SaidBody & { on: string } {
  const body = checkSaid(trimmed(input));
  const { on = today } = body;
  requirePast('on', on, today);
  return { ...body, on };
}
