import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import type { PersonCoding } from '../coding/person-coding.ts';
import { findSafetyIssues } from '../coding/safety-issues.ts';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import type { Instrument } from '../model.ts';
import type { BundleRead, PlacedIssue } from './bundle-model.ts';

/**
 * Entries of which something could not be read, and that name a question about safety that was not read: what was
 * answered to it nobody knows.
 *
 * @param placedIssues what is said of the Bundle already
 */
export function unreadSafetyOf(
  { bundle, entries, places }: BundleRead,
  { readings }: PersonCoding,
  placedIssues: readonly PlacedIssue[],
  instruments: readonly Instrument[],
): PlacedIssue[] {
  // Each person of a Bundle of thousands looks at their own entries only.
  const own = places ?? (bundle.entry === undefined ? [] : [bundle.entry].flat().keys());
  const nested = [...own].filter((index) => isHolder(entryAt(bundle, index)));
  const unread = new Set([
    ...nested,
    ...placedIssues.flatMap((one) => (one.code === 'unreadable' ? (numberOf(one) ?? []) : [])),
  ]);
  const said = new Set(
    placedIssues.flatMap((one) => (one.code === 'sensitive' ? (numberOf(one) ?? []) : [])),
  );
  return [...unread.difference(said)].flatMap((index) => {
    const path = `Bundle.entry[${index}]`;
    const sources = mapDefined([...entries], ([key, one]) =>
      one.path === `${path}.resource` ? key : undefined,
    );
    const read = new Set(
      readings
        .flatMap(({ finding }) => finding.answers.filter((one) => sources.includes(one.source)))
        .map((one) => one.question),
    );
    const named = questionsIn(entryAt(bundle, index)).filter((one) => !read.has(one));
    return unreadSafety(named, `${path}.resource`, instruments);
  });
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
    'It names a question about safety, and the answer could not be read: a person looks at it first.';
  return [{ severity: 'warning', code: 'sensitive', text, expression }];
}

/** The same of what is not read at all. */
export const unreadSafetyIn = (
  input: unknown,
  expression: string,
  instruments: readonly Instrument[],
): PlacedIssue[] => unreadSafety(questionsIn(input), expression, instruments);

/** What holds resources of its own, none of which is read: one Bundle is one Patient. */
const isHolder = (entry: unknown): boolean => {
  const { resource } = isObject(entry) ? entry : {};
  return (
    isObject(resource) &&
    (resource.resourceType === 'Bundle' || resource.resourceType === 'Parameters')
  );
};

const numberOf = ({ expression }: PlacedIssue): number | undefined => {
  const [, index] = /^Bundle\.entry\[(\d+)\]/.exec(expression ?? '') ?? [];
  return index === undefined ? undefined : Number(index);
};

const entryAt = ({ entry }: fhir4.Bundle, index: number): unknown =>
  Array.isArray(entry) ? entry[index] : entry;

/** LOINC codes of questions, wherever an entry has them. The walk is a loop, for what is nested too deeply is here, too. */
function questionsIn(entry: unknown): string[] {
  const found = new Set<string>();
  const open: unknown[] = [entry];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== 'object' || one === null) continue;
    for (const [key, value] of Object.entries(one)) {
      const [, code] =
        (key === 'code' || key === 'linkId') && typeof value === 'string'
          ? (question.exec(value) ?? [])
          : [];
      if (code === undefined) open.push(value);
      else found.add(code);
    }
  }
  return [...found];
}

const question = /(?:^|\/)(\d{1,7}-\d)$/;
