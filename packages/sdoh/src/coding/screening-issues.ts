import type { fhir4 } from '@loopwell/fhir';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import type { CodingIssue, PersonRecord } from '../model.ts';
import type { RawScreening } from '../screening/screenings.ts';
import type { CodedNeed } from './conditions.ts';
import { findLaterDenials } from './denials.ts';
import type { ReadScreening, Support } from './need-evidence.ts';

/** Tells whether a Patient has died. */
export const isDeceased = (patient: fhir4.Patient | undefined) =>
  isObject(patient) &&
  (saysYes(patient.deceasedBoolean) || typeof patient.deceasedDateTime === 'string');

/** Reads a boolean, which may have come as text. DECISIONS D39. */
const saysYes = (json: unknown) =>
  json === true || (typeof json === 'string' && json.trim().toLowerCase() === 'true');

type Statement = Pick<CodingIssue, 'severity' | 'code' | 'text'>;
type Say = (raw: RawScreening | undefined, statement: Statement, support?: Support) => void;

/**
 * Finds issues between screenings: later answers that deny a need, categories that exclude each
 * other, Conditions that were refuted or have lost their support. Each is listed with the screening
 * that raises it, at the answer where one answer does. A later denial is a warning where a person
 * has decided on the Condition already; a new suggestion is looked at anyway.
 */
export function findScreeningIssues(
  record: PersonRecord,
  read: readonly ReadScreening[],
  coded: readonly CodedNeed[],
  doubted: readonly fhir4.Condition[],
  excluded: readonly Support[],
  reviews: readonly CodingIssue[],
): Map<RawScreening, CodingIssue[]> {
  const issues = new Map<RawScreening, CodingIssue[]>();
  const add = (raw: RawScreening, added: readonly CodingIssue[]) =>
    issues.set(raw, [...(issues.get(raw) ?? []), ...added]);
  const say: Say = (raw, statement, support) => {
    if (!raw) return;
    const answer = support?.finding.answers[0];
    const issue: CodingIssue = { ...statement, source: answer?.source ?? raw.sources[0] ?? '' };
    if (answer?.place) issue.place = answer.place;
    add(raw, [issue]);
  };
  for (const need of coded) sayOfNeed(need, record, read, say);
  sayLeftOut(record, read, excluded, say);
  const latest = read.filter((screening) => !screening.raw.quarantine).at(-1)?.raw;
  for (const condition of doubted) {
    const text = `Condition ${condition.id ?? ''} was decided on, and what it rested on is gone.`;
    say(latest, { severity: 'warning', code: 'condition-review', text });
  }
  // Conditions on file in doubt are reported with the latest screening.
  if (latest) add(latest, reviews);
  return issues;
}

const notCoded = (text: string): Statement => ({
  severity: 'information',
  code: 'not-coded',
  text,
});

/** Reports the answers that support no need, with the reason. */
function sayLeftOut(
  record: PersonRecord,
  read: readonly ReadScreening[],
  excluded: readonly Support[],
  say: Say,
): void {
  const isDead = isDeceased(record.patient);
  const text = isDead
    ? 'The person has died: nothing is coded.'
    : 'Homelessness and housing instability exclude each other: the other one counts.';
  const left = isDead ? read.flatMap((screening) => screening.supports) : excluded;
  for (const support of left) say(support.raw, notCoded(text), support);
}

/** Reports later answers that deny a need, and a Condition that was judged with its evidence. */
function sayOfNeed(
  need: CodedNeed,
  record: PersonRecord,
  read: readonly ReadScreening[],
  say: Say,
): void {
  const { category, target } = need;
  const last = need.supports.at(-1);
  if (need.outweighed) {
    const text = `A later answer says otherwise about ${category}: nothing is suggested.`;
    say(last?.raw, notCoded(text), last);
  } else if (need.evidenceAdded === undefined) {
    const isLookedAt = target !== undefined && record.decided?.has(target) === true;
    const severity = isLookedAt ? 'warning' : 'information';
    const text = `A later answer says otherwise about ${category}: both stay, a person decides.`;
    const verdicts = read.flatMap((screening) => screening.verdicts);
    for (const raw of findLaterDenials(need, verdicts))
      say(raw, { severity, code: 'condition-review', text });
  }
  if (need.judged && target === undefined) {
    const text = `A Condition about ${category} was refuted or has ended with this evidence.`;
    say(last?.raw, notCoded(text), last);
  }
}
