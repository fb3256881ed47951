import { RequestProblems } from '@loopwell/http';
import { AppError } from '@loopwell/kit';

/** What a refusal shows: why, and the rule that each field of the form breaks. */
export type ReachRefusal = { outcome: 'wrong' | 'stale'; errors: ReadonlyMap<string, string> };

/** Fields of the contract that have another name in the form. */
const names: Readonly<Record<string, string>> = {
  ways: 'best',
  meet: 'place',
  'meet.place': 'place',
  'meet.day': 'day',
  interpreter: 'language',
  'interpreter.language': 'language',
  'interpreter.dialect': 'dialect',
};

function formField(path: string): string {
  const field = path
    .replace(/^\/body\//, '')
    .replaceAll('/', '.')
    .replace(/^choice\./, '')
    .replace(/\.\d+$/, '');
  return names[field] ?? field;
}

/** Returns what a refusal shows beside the fields; an error that is none is thrown on. */
export function refusalOf(error: unknown): ReachRefusal {
  if (error instanceof RequestProblems) {
    const rules = error.problems.map(({ path, rule }) => [formField(path), rule] as const);
    return { outcome: 'wrong', errors: new Map(rules) };
  }
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'CONFLICT') return { outcome: 'stale', errors: new Map() };
  if (error.code !== 'REQUEST_INVALID') throw error;
  const field = formField(String(error.facts.field ?? ''));
  return { outcome: 'wrong', errors: new Map([[field, 'is not as it should be']]) };
}
