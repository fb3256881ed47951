import { bodyCheck } from '@loopwell/http';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { badField, requirePast, trimmed } from '../work/typed-words.ts';

type Schemas = components['schemas'];
export type HouseholdBody = Schemas['NewHousehold'] & { saidOn: string };

const sentence = 'A field is missing, or has not the form it must have; nothing was recorded';

const checkHousehold = bodyCheck<Schemas['NewHousehold']>(
  contracts.coordination,
  'NewHousehold',
  sentence,
);
const checkGuardian = bodyCheck<Schemas['NewGuardian']>(
  contracts.coordination,
  'NewGuardian',
  sentence,
);

/**
 * Reads what a person says of their household.
 *
 * @throws RequestProblems or AppError REQUEST_INVALID naming field and rule
 */
export function parseHousehold(input: unknown, today: string): HouseholdBody {
  const body = checkHousehold(trimmed(input));
  const { saidOn = today, ages = [], size } = body;
  requirePast('saidOn', saidOn, today);
  if (ages.length > size)
    throw badField('ages', 'more-than-size', 'There are more ages than people');
  return { ...body, saidOn };
}

/**
 * Reads the form of a page. Ages are numbers with commas or blanks between them.
 *
 * @throws as `parseHousehold`
 */
export function householdInForm(form: Readonly<Record<string, unknown>>, today: string) {
  const written = String(form.ages ?? '').split(/[\s,;]+/);
  const ages = written.filter((age) => age !== '');
  if (!ages.every((age) => /^\d{1,3}$/.test(age)))
    throw badField('ages', 'years', 'Ages are whole years with commas between them');
  const size = /^\d{1,3}$/.test(String(form.size ?? '').trim()) ? Number(form.size) : form.size;
  return parseHousehold({ ...form, size, ages: ages.map(Number) }, today);
}

/**
 * Reads who the guardian of a minor child is.
 *
 * @throws as `parseHousehold`
 */
export function parseGuardian(input: unknown, today: string) {
  const body = checkGuardian(trimmed(input));
  const { saidOn = today } = body;
  requirePast('saidOn', saidOn, today);
  return { ...body, saidOn };
}
