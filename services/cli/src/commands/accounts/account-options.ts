import { AppError } from '@loopwell/kit';
import {
  type AccountAsk,
  type AccountField,
  type AccountProblem,
  type AccountTexts,
  partnerProblem,
  readAccountAsk,
} from '@loopwell/sdoh';
import { type Database, disclosures, site } from '@loopwell/store';
import type { OptionDefinition } from '../../command-line/definition.ts';

/** The values of the options that narrow an account. */
export type AccountOptions = AccountTexts & { dataDir?: string; csv: boolean; json: boolean };

/** The options that narrow an account. */
export const accountOptions: readonly OptionDefinition[] = [
  { flags: '--person <id>', description: 'a person, in all EHRs that are the same person' },
  { flags: '--by <name>', description: 'who did it, such as mai or policy:unambiguous' },
  { flags: '--from <day>', description: 'first day, such as 2026-11-23, or an instant' },
  { flags: '--to <day>', description: 'last day, which counts whole, or an instant' },
  { flags: '--csv', description: 'as CSV, with a line of headings', default: false },
];

/**
 * Reads what an account is asked for, in the time zone of the site.
 *
 * @throws AppError REQUEST_INVALID naming the option and its rule
 */
export async function accountAskOf(db: Database, options: AccountOptions): Promise<AccountAsk> {
  const empty = fieldNames.filter((name) => options[name]?.trim() === '');
  if (empty.length > 0) throw wrongUsage(empty.map((field) => ({ field, rule: 'is empty' })));
  const row = await site.readSite(db);
  const { timeZone } = JSON.parse(row?.settings ?? '{}') as { timeZone?: string | null };
  const machine = new Intl.DateTimeFormat('en-US').resolvedOptions().timeZone;
  const read = readAccountAsk(options, timeZone ?? machine);
  if ('problems' in read) throw wrongUsage(read.problems);
  const { ask } = read;
  if (ask.person !== undefined && !(await disclosures.isKnownPerson(db, ask.person)))
    throw wrongUsage([{ field: 'person', rule: 'is not known here' }]);
  if (ask.partner === undefined) return ask;
  const partners = await disclosures.partnersNamed(db, ask.partner);
  const problem = partnerProblem(partners);
  if (problem) throw wrongUsage([problem]);
  return { ...ask, partner: partners[0]?.id ?? ask.partner };
}

const fieldNames: readonly AccountField[] = ['person', 'partner', 'by', 'from', 'to'];

function wrongUsage(problems: readonly AccountProblem[]): AppError {
  const option = (field: AccountField) => `--${field}`;
  const sentences = problems.map(({ field, rule }) => `${option(field)} ${rule}`);
  return new AppError('REQUEST_INVALID', sentences.join('; '));
}

/** How many rows are read at once. */
export const pageSize = 500;
