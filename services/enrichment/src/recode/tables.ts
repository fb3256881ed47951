import { withoutUndefined } from '@loopwell/fhir';
import { tables } from '@loopwell/instruments';
import { AppError, fingerprint } from '@loopwell/kit';
import { type InstrumentTable, listRows } from '@loopwell/sdoh';
import { z } from 'zod';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day, such as 2026-10-01');
const origin = {
  source: z.string().optional(),
  version: z.string().optional(),
  validFrom: day.optional(),
  validTo: day.optional(),
};
const Answer = z.looseObject({ ...origin, code: z.string(), display: z.string() });
const Question = z.looseObject({
  ...origin,
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
  source: z.string().default(''),
  validFrom: day.default(''),
  validTo: day.optional(),
  canonicals: z.array(z.string()),
  codeSystems: z.record(z.string(), z.string()),
  questions: z.array(Question),
});

/**
 * Reads tables from files, or gives those of this release.
 *
 * DECISIONS D29.
 * @throws AppError REQUEST_INVALID with the place and the rule of the first mistake
 */
export const tablesFrom = (files: readonly unknown[] | 'current'): readonly InstrumentTable[] =>
  files === 'current' ? tables : files.map(requireTable);

/**
 * One table in a list of versions. Two tables that differ under one version have different
 * fingerprints.
 */
export type TableVersion = {
  id: string;
  name: string;
  version: string;
  fingerprint: string;
  source: string;
  validFrom: string;
  validTo?: string;
  questions: number;
  answers: number;
  verified: number;
  unverified: number;
};

/** Describes a table for the list of versions. */
export function tableVersion(table: InstrumentTable): TableVersion {
  const { id, name, version, source, validFrom, validTo } = table;
  const rows = listRows(table);
  const verified = rows.filter((one) => one.verified).length;
  return {
    ...{
      id,
      name,
      version,
      fingerprint: fingerprint(canonical(table)).slice(0, 12),
      source,
      validFrom,
    },
    ...withoutUndefined({ validTo }),
    questions: table.questions.length,
    answers: rows.length - table.questions.length,
    verified,
    unverified: rows.length - verified,
  };
}

/** Writes content as JSON with sorted keys, so that the same content gives the same text. */
const canonical = (content: unknown): string =>
  JSON.stringify(content, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort())
      : part,
  );

function requireTable(content: unknown): InstrumentTable {
  const parsed = Table.safeParse(content);
  if (parsed.success) return parsed.data as unknown as InstrumentTable;
  const [first] = parsed.error.issues;
  throw new AppError(
    'REQUEST_INVALID',
    `A table is not one: ${first?.path.join('.') || 'the file'}: ${first?.message ?? ''}`,
  );
}
