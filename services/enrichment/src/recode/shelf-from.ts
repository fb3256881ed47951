import { shelfOf, tables } from '@loopwell/instruments';
import { AppError } from '@loopwell/kit';
import type { Instrument, InstrumentTable } from '@loopwell/sdoh';
import { z } from 'zod';

const Answer = z.looseObject({ code: z.string(), display: z.string() });
const Question = z.looseObject({
  code: z.string(),
  label: z.string(),
  type: z.string(),
  categories: z.array(z.string()),
  answers: z.array(Answer).optional(),
});
const Table = z.looseObject({
  id: z.string(),
  name: z.string(),
  panel: z.string(),
  version: z.string(),
  canonicals: z.array(z.string()),
  codeSystems: z.record(z.string(), z.string()),
  questions: z.array(Question),
});

/**
 * A shelf of tables that were read from files, or that of this release.
 *
 * @throws AppError REQUEST_INVALID with the place and the rule of the first thing that is wrong
 */
export function shelfFrom(some: readonly unknown[] | 'current'): { shelf: Instrument[]; versions: Record<string, string> } {
  const read: readonly InstrumentTable[] = some === 'current' ? tables : some.map(requireTable);
  return { shelf: shelfOf(read), versions: Object.fromEntries(read.map((one) => [one.id, one.version])) };
}

function requireTable(value: unknown): InstrumentTable {
  const parsed = Table.safeParse(value);
  if (parsed.success) return parsed.data as unknown as InstrumentTable;
  const [first] = parsed.error.issues;
  throw new AppError('REQUEST_INVALID', `A table is not one: ${first?.path.join('.') || 'the file'}: ${first?.message ?? ''}`);
}
