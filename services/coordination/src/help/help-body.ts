import { isRealDate } from '@loopwell/fhir';
import { bodyCheck } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { lineOf } from '../decide/decisions.ts';

/** What a person says about help, as `openapi/coordination.yaml` describes it. */
export type HelpBody = components['schemas']['HelpAnswer'];

const sentence = 'A field is missing, or has not the form it must have; nothing was recorded';

const check = bodyCheck<HelpBody>(contracts.coordination, 'HelpAnswer', sentence);

/**
 * Reads what a person says about help from the API.
 *
 * @param today the site's day (YYYY-MM-DD)
 * @throws RequestProblems or AppError REQUEST_INVALID naming field and rule
 */
export function parseHelp(input: unknown, today: string): HelpBody {
  const body = check(input);
  if (!isRealDate(body.saidOn)) throw problem('saidOn', 'date');
  if (body.saidOn > today) throw problem('saidOn', 'future');
  const askedBy = lineOf(body.askedBy, 120);
  if (askedBy === undefined) throw problem('askedBy', 'required');
  return { ...body, askedBy };
}

const problem = (field: string, rule: string) =>
  new AppError('REQUEST_INVALID', sentence, { facts: { field, rule } });

/** Reads the form of the referral's page as the API has it. */
export function helpInForm(body: unknown): unknown {
  const form = new Map<string, unknown>(Object.entries((body ?? {}) as object));
  const answers: Readonly<Record<string, boolean>> = { yes: true, no: false };
  return {
    helped: answers[String(form.get('helped') ?? '')],
    saidOn: form.get('saidOn'),
    askedBy: form.get('askedBy'),
  };
}
