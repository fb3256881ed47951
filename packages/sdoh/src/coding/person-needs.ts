import { type fhir4, type Labels, labelsOf, systems } from '@loopwell/fhir';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingIssue, PersonRecord } from '../model.ts';
import { restrictionOf } from '../terminology/label-restriction.ts';
import { findChosen } from './condition-review.ts';
import type { CodedNeed } from './conditions.ts';
import { isUnambiguous } from './denials.ts';
import { bySupport, type Verdict } from './need-evidence.ts';
import { isConfirmedOnFile } from './on-file/condition-status.ts';
import type { Need } from './person-coding.ts';

/**
 * Lists one need per category, as one referral is for one category. Its `conditions` are all
 * Conditions of the category.
 */
export function listNeeds(
  record: PersonRecord,
  coded: readonly CodedNeed[],
  verdicts: readonly Verdict[],
  inDoubt: readonly CodingIssue[],
): Need[] {
  const chosen = findChosen(record);
  const isConfirmed = (name: string) =>
    isConfirmedOnFile(record, name) && !inDoubt.some((issue) => issue.source === name);
  const standing = coded.filter((need) => need.target !== undefined);
  const byCategory = Map.groupBy(standing, (need) => need.category);
  return [...byCategory].map(([category, group]) => {
    const supports = group.flatMap((need) => need.supports).sort(bySupport);
    const isContradicted = supports.some((support) => support.finding.contradicted === true);
    const conditions = [...new Set(group.flatMap((need) => need.target ?? []))].sort();
    const isClear =
      !isContradicted &&
      !conditions.some((name) => chosen.has(name)) &&
      supports.some((support) => isUnambiguous(support, verdicts));
    // Labels of the answers and of the Conditions that stand for the need count.
    const labels = [
      ...supports.flatMap((support) => support.labels),
      ...listStandingLabels(record, conditions),
    ];
    return omitUndefined<Need>({
      category,
      conditions,
      confirmed: !isContradicted && conditions.every(isConfirmed) ? true : undefined,
      unambiguous: isClear,
      sensitive: false,
      restriction: restrictionOf(labels),
      since: supports.at(-1)?.raw.authored ?? '',
    });
  });
}

/**
 * Lists the labels of Conditions on file, and of our Conditions that a person has decided on.
 */
function listStandingLabels(record: PersonRecord, names: readonly string[]): Labels {
  const onFile = objectsOf(record.conditions).filter(({ id }) => names.includes(`Condition/${id}`));
  const decided = record.made.filter(
    ({ id = '' }) => names.includes(id) && record.decided?.has(id) === true,
  );
  return [...onFile, ...decided].flatMap(labelsOf);
}

/**
 * Lists needs that a person had decided on and that no answer supports any more. No policy may act
 * on them.
 */
export function listDoubtedNeeds(
  coded: readonly CodedNeed[],
  doubted: readonly fhir4.Condition[],
): Need[] {
  const covered = coded.filter((need) => need.target !== undefined);
  const standing = new Set(covered.map((need) => need.category));
  const byCategory = Map.groupBy(doubted, categoryOf);
  const left = [...byCategory].filter(([category]) => !standing.has(category));
  return left.map(([category, conditions]) => {
    const dates = conditions.map((condition) => condition.recordedDate ?? '').sort();
    return omitUndefined<Need>({
      category,
      conditions: conditions.flatMap((condition) => condition.id ?? []).sort(),
      unambiguous: false,
      sensitive: false,
      doubted: true,
      restriction: restrictionOf(conditions.flatMap(labelsOf)),
      since: dates.at(-1) ?? '',
    });
  });
}

function categoryOf(condition: fhir4.Condition): string {
  const codings = objectsOf(condition.category).flatMap(({ coding }) => objectsOf(coding));
  return codings.find((coding) => coding.system === systems.sdohcc)?.code ?? '';
}
