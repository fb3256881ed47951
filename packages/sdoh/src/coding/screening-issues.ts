import type { fhir4 } from '@loopwell/fhir';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import type { CodingIssue, PersonRecord } from '../model.ts';
import type { RawScreening } from '../screening/screenings.ts';
import type { CodedNeed } from './conditions.ts';
import { findLaterDenials } from './denials.ts';
import type { ReadScreening, Support } from './need-evidence.ts';

export const isDeceased = (patient: fhir4.Patient | undefined) =>
  isObject(patient) &&
  (saysYes(patient.deceasedBoolean) || typeof patient.deceasedDateTime === 'string');

/** A boolean that came as text says the same. */
const saysYes = (value: unknown) =>
  value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');

type Say = (
  raw: RawScreening | undefined,
  codingIssue: Pick<CodingIssue, 'severity' | 'code' | 'text'>,
  support?: Support,
) => void;

/**
 * What stands between screenings: later answers that say otherwise, categories that exclude each other, Conditions that
 * were refuted or that nothing supports any more. Each is said with the screening that raises it, at the answer where one
 * answer does. It is a warning where somebody has decided on the Condition already; a fresh suggestion is looked at anyway.
 */
export function findScreeningIssues(
  record: PersonRecord,
  read: readonly ReadScreening[],
  coded: readonly CodedNeed[],
  doubted: readonly fhir4.Condition[],
  excluded: readonly Support[],
  reviews: readonly CodingIssue[],
): Map<RawScreening, CodingIssue[]> {
  const remarks = new Map<RawScreening, CodingIssue[]>();
  const say: Say = (raw, codingIssue, support) => {
    const answer = support?.finding.answers[0];
    const place = answer?.place ? { place: answer.place } : {};
    if (raw)
      remarks.set(raw, [
        ...(remarks.get(raw) ?? []),
        { ...codingIssue, source: answer?.source ?? raw.sources[0] ?? '', ...place },
      ]);
  };
  for (const need of coded) remarkOn(need, record, read, say);
  const supports = read.flatMap((one) => one.supports);
  const leftOut = (text: string, some: readonly Support[]) => {
    for (const support of some)
      say(support.raw, { severity: 'information', code: 'not-coded', text }, support);
  };
  if (isDeceased(record.patient)) leftOut('The person has died: nothing is coded.', supports);
  else
    leftOut(
      'Homelessness and housing instability exclude each other: the other one counts.',
      excluded,
    );
  const latest = read.filter((one) => !one.raw.quarantine).at(-1)?.raw;
  for (const condition of doubted) {
    const text = `Condition ${condition.id ?? ''} was decided on, and what it rested on is gone.`;
    say(latest, { severity: 'warning', code: 'condition-review', text });
  }
  // Conditions on file that are in doubt call a person with the latest screening.
  if (latest) remarks.set(latest, [...(remarks.get(latest) ?? []), ...reviews]);
  return remarks;
}

function remarkOn(
  need: CodedNeed,
  record: PersonRecord,
  read: readonly ReadScreening[],
  say: Say,
): void {
  const isLookedAt = need.target !== undefined && record.decided?.has(need.target) === true;
  const denials = findLaterDenials(
    need,
    read.flatMap((one) => one.verdicts),
  );
  const last = need.supports.at(-1);
  const leftOut = (text: string) =>
    say(last?.raw, { severity: 'information', code: 'not-coded', text }, last);
  const review = (
    raw: RawScreening,
    severity: 'warning' | 'information',
    text: string,
    support?: Support,
  ) => say(raw, { severity, code: 'condition-review', text }, support);
  if (need.outweighed)
    leftOut(`A later answer says otherwise about ${need.category}: nothing is suggested.`);
  else if (need.evidenceAdded === undefined)
    for (const raw of denials)
      review(
        raw,
        isLookedAt ? 'warning' : 'information',
        `A later answer says otherwise about ${need.category}: both stay, a person decides.`,
      );
  if (need.judged && need.target === undefined)
    leftOut(`A Condition about ${need.category} was refuted or has ended with this evidence.`);
}
