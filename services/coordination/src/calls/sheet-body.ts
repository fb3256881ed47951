import { withOffsetOf } from '@loopwell/kit';
import { uuid } from '../decide/form-data.ts';

/** What a coordinator wrote down about one request. */
export type SheetLine = { referral: string; came: boolean; words: string };

/** A filled sheet. `problem`: what has to be filled in first. */
export type Sheet = {
  saidBy: string;
  at: string;
  lines: readonly SheetLine[];
  problem?: 'nothing' | 'required';
};

/** The most letters that a line may hold, as for one answer. */
export const longestNote = 2_000;

/** Reads the form of a sheet. Lines on which nothing was written are left out. */
export function readSheet(body: unknown, timeZone: string): Sheet {
  const form = typeof body === 'object' && body !== null ? body : {};
  const typed = new Map<string, unknown>(Object.entries(form));
  const textOf = (name: string) => String(typed.get(name) ?? '').trim();
  const sheet = {
    saidBy: textOf('saidBy'),
    at: withOffsetOf(timeZone, textOf('at')) ?? '',
    lines: linesIn(typed, textOf),
  };
  if (sheet.lines.length === 0) {
    return { ...sheet, problem: 'nothing' };
  }
  const isSigned = sheet.saidBy !== '' && sheet.at !== '';
  return isSigned ? sheet : { ...sheet, problem: 'required' };
}

/** Reads the lines of a form. */
function linesIn(
  typed: ReadonlyMap<string, unknown>,
  textOf: (name: string) => string,
): SheetLine[] {
  const ticked = new Set([typed.get('came')].flat());
  const names = [...typed.keys()];
  const written = names.map((name) => name.replace(/^said-/, ''));
  const lines: SheetLine[] = [];
  for (const referral of new Set([...ticked, ...written])) {
    if (typeof referral !== 'string') continue;
    if (!uuid.test(referral)) continue;
    const words = textOf(`said-${referral}`);
    const came = ticked.has(referral);
    if (!came && words === '') continue;
    lines.push({
      referral,
      came,
      words,
    });
  }
  return lines;
}
