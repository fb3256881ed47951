import { isRealDate } from '@loopwell/fhir';
import { bodyCheck, RequestProblems } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { brokenNoRule } from '@loopwell/sdoh';
import { noMessages } from '../decide/said-no/decided-nos.ts';

type Schemas = components['schemas'];
/** A no as the API describes it. */
export type NoBody = Schemas['NewNo'];
/** A try as the API describes it, before it is made or with how it ended. */
export type TryBody = Schemas['NewTry'];
/** How a try ended. */
export type TryEndBody = Schemas['TryEnd'];

const sentence = 'A field is missing, or has not the form it must have; nothing was recorded';

const checkNo = bodyCheck<NoBody>(contracts.coordination, 'NewNo', sentence);
const checkLift = bodyCheck<Schemas['BroughtUp']>(contracts.coordination, 'BroughtUp', sentence);
const checkTry = bodyCheck<TryBody>(contracts.coordination, 'NewTry', sentence);
const checkEnd = bodyCheck<TryEndBody>(contracts.coordination, 'TryEnd', sentence);

/**
 * Reads a no from the API or from a form.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming field and rule, never the value
 */
export function parseNo(input: unknown, today: string): NoBody {
  const body = checkNo(trimmed(input));
  for (const field of ['saidOn', 'until'] as const) requireDay(field, body[field]);
  for (const field of ['saidTo', 'note'] as const) requireWords(field, body[field]);
  const broken = brokenNoRule(body, today);
  if (broken === undefined) return body;
  const { field, rule } = broken;
  const message = `${noMessages[rule]}; nothing was recorded`;
  throw new AppError('REQUEST_INVALID', message, { facts: { field, rule } });
}

/**
 * Reads the day on which a person brought something up again.
 *
 * @throws as `parseNo`
 */
export function parseBroughtUp(input: unknown, today: string): string {
  const { on } = checkLift(trimmed(input));
  requireDay('on', on);
  if (on <= today) return on;
  const facts = { field: 'on', rule: 'future' };
  throw new AppError('REQUEST_INVALID', `${noMessages.future}; nothing was recorded`, { facts });
}

/**
 * Reads a try.
 *
 * @throws as `parseNo`
 */
export function parseTry(input: unknown): TryBody {
  const body = checkTry(trimmed(input));
  if (body.outcome !== undefined) requireEnd(body.outcome, body);
  return body;
}

/**
 * Reads how a try ended.
 *
 * @throws as `parseNo`
 */
export function parseTryEnd(input: unknown): TryEndBody {
  const body = checkEnd(trimmed(input));
  requireEnd(body.outcome, body);
  return body;
}

/** Where somebody else answered, whoever called says what they were told. */
function requireEnd(outcome: string, { saidWhy, note }: Partial<TryEndBody>): void {
  requireWords('note', note);
  const isElse = outcome === 'someone-else' || outcome === 'wrong-number';
  if (!isElse || saidWhy !== undefined) return;
  const facts = { field: 'saidWhy', rule: 'required' };
  const message = 'Say whether they were told why you called; nothing was recorded';
  throw new AppError('REQUEST_INVALID', message, { facts });
}

/** Removes the blanks around typed words. What is left blank is left out. */
function trimmed(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(input)) {
    const text = typeof field === 'string' ? field.trim() : field;
    if (text !== '') fields.push([name, text]);
  }
  return Object.fromEntries(fields);
}

function requireDay(field: string, day: string | undefined): void {
  if (day === undefined || isRealDate(day)) return;
  throw new RequestProblems(sentence, [{ path: `/body/${field}`, rule: 'date' }], {
    facts: { field, rule: 'date' },
  });
}

/** A database and a page can hold typed words: line breaks, no other control character. */
function requireWords(field: string, text = ''): void {
  if (!/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(text)) return;
  const problem = { path: `/body/${field}`, rule: 'characters' };
  throw new RequestProblems(sentence, [problem], { facts: { field, rule: 'characters' } });
}
