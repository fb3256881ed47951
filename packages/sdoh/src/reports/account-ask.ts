import { type Period, readPeriod } from './period.ts';

/** What an account is asked for, as it was typed. */
export type AccountTexts = Partial<Record<AccountField, string | undefined>>;

/** The fields by which the account of disclosures, and that of views, are narrowed. */
export type AccountField = 'person' | 'partner' | 'by' | 'from' | 'to';

/** What an account is asked for. `partner` may still be a name. */
export type AccountAsk = Period & { person?: string; partner?: string; by?: string };

/** What is wrong with one field. */
export type AccountProblem = { field: AccountField; rule: string };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const longest = 200;

/** Reads what an account is asked for. An empty field asks for nothing. */
export function readAccountAsk(
  texts: AccountTexts,
  timeZone: string,
): { ask: AccountAsk } | { problems: AccountProblem[] } {
  const problems: AccountProblem[] = [];
  const read = readPeriod(texts, timeZone);
  if ('problem' in read) problems.push(read.problem);
  const ask: AccountAsk = 'period' in read ? read.period : {};
  const person = texts.person?.trim().toLowerCase();
  if (person && !uuid.test(person)) problems.push({ field: 'person', rule: 'must be an id' });
  else if (person) ask.person = person;
  for (const field of ['partner', 'by'] as const) {
    const text = texts[field]?.trim() ?? '';
    if (text.length > longest || /\p{Cc}/u.test(text))
      problems.push({ field, rule: `must be at most ${longest} characters on one line` });
    else if (text !== '') ask[field] = field === 'by' ? principalOf(text) : text;
  }
  return problems.length > 0 ? { problems } : { ask };
}

/**
 * Completes the name of a person: `mai` becomes `person:mai`. Other principals say what they are.
 */
const principalOf = (name: string): string => (name.includes(':') ? name : `person:${name}`);

/** Says why a text does not name one partner; undefined where it does. */
export function partnerProblem(partners: readonly unknown[]): AccountProblem | undefined {
  if (partners.length === 1) return undefined;
  const rule =
    partners.length === 0 ? 'is not known here' : 'is the name of several partners; give the id';
  return { field: 'partner', rule };
}
