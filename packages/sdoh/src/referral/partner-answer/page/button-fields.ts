import { type AnswerButton, type AnswerField, buttonRow } from '../answer-buttons.ts';

/** What a helper typed beside a button, checked. */
export type AnswerFields = Partial<Record<AnswerField, string>>;

/** A field that cannot be taken, and the rule that it breaks. Its text is never in it. */
export type FieldProblem = {
  field: AnswerField;
  rule: 'too-long' | 'characters' | 'not-a-day' | 'past' | 'too-far' | 'not-text';
};

/** The most characters of each field. Days are written YYYY-MM-DD. */
export const longestField = {
  when: 120,
  where: 200,
  bring: 300,
  pauseUntil: 10,
  whoElse: 200,
  missing: 300,
  nextTry: 10,
  partner: 64,
  note: 500,
} as const satisfies Record<AnswerField, number>;

const dayFields: readonly AnswerField[] = ['pauseUntil', 'nextTry'];

/** No pause and no next try lies further ahead, in days. */
const furthestDays = 366;

/**
 * Reads what was typed beside a button. Fields that are not the button's are left out, and so are
 * blank ones.
 *
 * @param today the day at the site
 */
export function readButtonFields(
  button: AnswerButton,
  typed: Readonly<Record<string, unknown>>,
  today: string,
): { fields: AnswerFields; problems: FieldProblem[] } {
  const fields: AnswerFields = {};
  const problems: FieldProblem[] = [];
  for (const field of buttonRow(button).fields) {
    const text = plainWords(typed[field]);
    if (text === '') continue;
    const rule = brokenFieldRule(field, text, today);
    if (rule) problems.push({ field, rule });
    else if (text !== undefined) fields[field] = text;
  }
  return { fields, problems };
}

/** Gives typed text with plain line breaks; undefined for what is no text. */
function plainWords(typed: unknown): string | undefined {
  if (typed === undefined || typed === null) return '';
  if (typeof typed !== 'string') return undefined;
  return typed.normalize('NFC').replace(/\r\n?/g, '\n').trim();
}

function brokenFieldRule(
  field: AnswerField,
  text: string | undefined,
  today: string,
): FieldProblem['rule'] | undefined {
  if (text === undefined) return 'not-text';
  if (dayFields.includes(field)) return brokenDayRule(text, today);
  if (text.length > longestField[field]) return 'too-long';
  // A database and a page can hold no other control character, and no half of a character.
  return /[^\P{Cc}\n\t]|\p{Cs}/u.test(text) ? 'characters' : undefined;
}

function brokenDayRule(text: string, today: string): FieldProblem['rule'] | undefined {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  const isDay = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
  if (!isDay) return 'not-a-day';
  if (text < today) return 'past';
  return at - Date.parse(today) > furthestDays * 86_400_000 ? 'too-far' : undefined;
}
