import type { fhir4 } from '@loopwell/fhir';
import type { PersonCoding } from '../coding/person-coding.ts';
import { findSafetyIssues } from '../coding/safety-issues.ts';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import type { Instrument } from '../model.ts';
import type { BundleRead, PlacedIssue } from './bundle-model.ts';

/**
 * Reports entries that could not be read in full and that name a safety question without a read
 * answer. The answer is unknown, so a person has to look.
 *
 * @param placedIssues issues of the Bundle so far
 */
export function findUnreadSafety(
  { bundle, entries, places }: BundleRead,
  { readings }: PersonCoding,
  placedIssues: readonly PlacedIssue[],
  instruments: readonly Instrument[],
): PlacedIssue[] {
  // Only this person's entries are searched: a Bundle may hold thousands of people.
  const numbers = places ?? (bundle.entry === undefined ? [] : [bundle.entry].flat().keys());
  const nested = [...numbers].filter((index) => isHolder(entryAt(bundle, index)));
  const unread = new Set([...nested, ...entryNumbers(placedIssues, 'unreadable')]);
  const reported = entryNumbers(placedIssues, 'sensitive');
  return [...unread.difference(reported)].flatMap((index) => {
    const path = `Bundle.entry[${index}].resource`;
    const sources = [...entries].filter(([, entry]) => entry.path === path).map(([key]) => key);
    const answers = readings.flatMap(({ finding }) => finding.answers);
    const ofEntry = answers.filter((answer) => sources.includes(answer.source));
    const read = new Set(ofEntry.map((answer) => answer.question));
    const questions = findQuestions(entryAt(bundle, index)).filter((code) => !read.has(code));
    return unreadSafety(questions, path, instruments);
  });
}

/** Returns the numbers of the entries that issues of this code are about. */
function entryNumbers(issues: readonly PlacedIssue[], code: string): Set<number> {
  const numbers = issues.filter((issue) => issue.code === code).map(numberOf);
  return new Set(numbers.filter((number) => number !== undefined));
}

function unreadSafety(
  questions: readonly string[],
  expression: string,
  instruments: readonly Instrument[],
): PlacedIssue[] {
  const asked = questions.map((question) => ({
    question,
    invalid: 'unreadable',
    source: '',
    place: '',
    authored: '',
  }));
  if (findSafetyIssues(asked, instruments).length === 0) return [];
  const text =
    'It names a question about safety, and the answer could not be read: a person looks at it ' +
    'first.';
  return [{ severity: 'warning', code: 'sensitive', text, expression }];
}

/** Reports a safety question that is named in input that was not read at all. */
export const findUnreadSafetyIn = (
  input: unknown,
  expression: string,
  instruments: readonly Instrument[],
): PlacedIssue[] => unreadSafety(findQuestions(input), expression, instruments);

/** Tells whether an entry holds a Bundle or Parameters, whose own resources are not read. */
const isHolder = (json: unknown): boolean => {
  const { resource } = isObject(json) ? json : {};
  return (
    isObject(resource) &&
    (resource.resourceType === 'Bundle' || resource.resourceType === 'Parameters')
  );
};

const numberOf = ({ expression }: PlacedIssue): number | undefined => {
  const [, index] = /^Bundle\.entry\[(\d+)\]/.exec(expression ?? '') ?? [];
  return index === undefined ? undefined : Number(index);
};

const entryAt = (bundle: fhir4.Bundle, index: number): unknown =>
  Array.isArray(bundle.entry) ? bundle.entry[index] : bundle.entry;

/**
 * Finds LOINC codes of questions at any depth of an entry. It loops instead of recursing, because
 * input that is nested too deeply comes here, too.
 */
function findQuestions(root: unknown): string[] {
  const codes = new Set<string>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const json = open.pop();
    if (typeof json !== 'object' || json === null) continue;
    for (const [key, member] of Object.entries(json)) {
      const code = questionNamed(key, member);
      if (code === undefined) open.push(member);
      else codes.add(code);
    }
  }
  return [...codes];
}

const question = /(?:^|\/)(\d{1,7}-\d)$/;

function questionNamed(key: string, member: unknown): string | undefined {
  const mayName = (key === 'code' || key === 'linkId') && typeof member === 'string';
  return mayName ? question.exec(member)?.[1] : undefined;
}
