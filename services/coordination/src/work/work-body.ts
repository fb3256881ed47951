import { bodyCheck } from '@loopwell/http';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { requireComing, requireWords, trimmed } from './typed-words.ts';

type Schemas = components['schemas'];

const sentence = 'A field is missing, too long, or has not the form it must have';

const checkOwner = bodyCheck<Schemas['NewOwner']>(contracts.coordination, 'NewOwner', sentence);
const checkStep = bodyCheck<Schemas['NewStep']>(contracts.coordination, 'NewStep', sentence);
const checkNote = bodyCheck<Schemas['NewNote']>(contracts.coordination, 'NewNote', sentence);
const checkCover = bodyCheck<Schemas['NewCover']>(contracts.coordination, 'NewCover', sentence);

/**
 * Reads who looks after a person from now on.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming field and rule, never what was typed
 */
export function parseOwner(input: unknown): Schemas['NewOwner'] {
  const body = checkOwner(trimmed(input));
  requireWords('note', body.note);
  return body;
}

/**
 * Reads the next step for a person.
 *
 * @throws as `parseOwner`
 */
export function parseStep(input: unknown, today: string): Schemas['NewStep'] {
  const body = checkStep(trimmed(input));
  requireWords('step', body.step);
  requireComing('on', body.on, today);
  return body;
}

/**
 * Reads a note for the care team.
 *
 * @throws as `parseOwner`
 */
export function parseNote(input: unknown): Schemas['NewNote'] {
  const body = checkNote(trimmed(input));
  requireWords('text', body.text);
  return body;
}

/**
 * Reads who covers for somebody.
 *
 * @throws as `parseOwner`
 */
export function parseCover(input: unknown, today: string): Schemas['NewCover'] {
  const body = checkCover(trimmed(input));
  requireComing('until', body.until, today);
  return body;
}
