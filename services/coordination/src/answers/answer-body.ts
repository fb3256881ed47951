import { bodyCheck, RequestProblems } from '@loopwell/http';
import { AppError, withOffsetOf } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import type { PhoneAnswer } from '@loopwell/sdoh';

type AnswerBody = components['schemas']['AnswerByPhone'];

const sentence = 'The answer is not complete, or a field has not the form it must have';

const check = bodyCheck<AnswerBody>(contracts.coordination, 'AnswerByPhone', sentence);

/**
 * Reads an answer by phone from the API or from a form.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming the field, never its text
 */
export function parseAnswer(input: unknown): PhoneAnswer {
  const { status, reason, reasonCode, note, saidBy, at } = check(trimmed(input));
  requireWords('reason', reason);
  requireWords('note', note);
  requireWords('saidBy', saidBy);
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime())) throw new AppError('REQUEST_INVALID', sentence, atFacts);
  return { status, reason, reasonCode, note, saidBy, at: instant };
}

const atFacts = { facts: { field: 'at', rule: 'date-time' } };

/** Removes the blanks around typed words. Blank words are left out, as if nothing was typed. */
function trimmed(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(input)) {
    const text = typeof field === 'string' ? field.trim() : field;
    if (text !== '') fields.push([name, text]);
  }
  return Object.fromEntries(fields);
}

/**
 * Checks that a database and a page can hold typed words: no control character but a line break,
 * no half of a character.
 */
function requireWords(field: string, text = ''): void {
  if (!/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(text)) return;
  const problem = { path: `/body/${field}`, rule: 'characters' };
  throw new RequestProblems(sentence, [problem], { facts: { field } });
}

const formFields = ['status', 'reason', 'reasonCode', 'note', 'saidBy'] as const;

/**
 * Reads the form of the referral's page. Its time of day is in the site's zone.
 *
 * @throws as `parseAnswer`
 */
export function answerInForm(body: unknown, timeZone: string): PhoneAnswer {
  const form = typeof body === 'object' && body !== null ? body : {};
  const typed = new Map<string, unknown>(Object.entries(form));
  const fields = formFields.map((name) => [name, typed.get(name) ?? ''] as const);
  const at = withOffsetOf(timeZone, String(typed.get('at') ?? '')) ?? '';
  return parseAnswer({ ...Object.fromEntries(fields), at, by: 'phone' });
}
