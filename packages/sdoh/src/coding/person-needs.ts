import { type fhir4, type Labels, labelsOf, systems } from '@loopwell/fhir';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingIssue, PersonRecord, Restriction } from '../model.ts';
import { restrictionOf } from '../terminology/label-restriction.ts';
import { findChosen } from './condition-review.ts';
import type { CodedNeed } from './conditions.ts';
import { isUnambiguous } from './denials.ts';
import { bySupport, type Verdict } from './need-evidence.ts';
import { isConfirmedOnFile } from './on-file/condition-status.ts';
import type { Need } from './person-coding.ts';

/** One need per category: what one referral is for. Its reasons name all Conditions of the category. */
export function listNeeds(
  record: PersonRecord,
  coded: readonly CodedNeed[],
  verdicts: readonly Verdict[],
  inDoubt: readonly CodingIssue[],
): Need[] {
  const clashes = findChosen(record);
  const isConfirmed = (name: string) =>
    isConfirmedOnFile(record, name) && !inDoubt.some((one) => one.source === name);
  const standing = coded.filter((one) => one.target !== undefined);
  return [...Map.groupBy(standing, (one) => one.category)].map(([category, some]) => {
    const supports = some.flatMap((one) => one.supports).sort(bySupport);
    const contradicted = supports.some((one) => one.finding.contradicted === true);
    const conditions = [...new Set(some.flatMap((one) => one.target ?? []))].sort();
    return {
      category,
      conditions,
      ...(!contradicted && conditions.every(isConfirmed) ? { confirmed: true } : {}),
      unambiguous:
        !contradicted &&
        !conditions.some((one) => clashes.has(one)) &&
        supports.some((one) => isUnambiguous(one, verdicts)),
      sensitive: false,
      ...restrictedBy([
        ...supports.map((one) => one.labels),
        ...standingLabels(record, conditions),
      ]),
      since: supports.at(-1)?.raw.authored ?? '',
    };
  });
}

/** It rests on its answers, and on the Conditions that stand for it: labels of any of them count. */
function restrictedBy(labels: readonly Labels[]): { restriction?: Restriction } {
  const restriction = restrictionOf(labels.flat());
  return restriction === undefined ? {} : { restriction };
}

/** Conditions on file, and those of ours that somebody has decided on: their labels stay. */
function standingLabels(record: PersonRecord, conditions: readonly string[]): Labels[] {
  const named = new Set(conditions);
  const onFile = objectsOf(record.conditions).filter((one) => named.has(`Condition/${one.id}`));
  const made = record.made.filter(
    (one) => named.has(one.id ?? '') && record.decided?.has(one.id ?? '') === true,
  );
  return [...onFile, ...made].map(labelsOf);
}

/** Needs that somebody had decided on and that nothing supports any more: no policy may act on them. */
export function listDoubtedNeeds(
  coded: readonly CodedNeed[],
  doubted: readonly fhir4.Condition[],
): Need[] {
  const standing = new Set(
    coded.flatMap((one) => (one.target === undefined ? [] : [one.category])),
  );
  const categoryOf = (condition: fhir4.Condition) =>
    objectsOf(condition.category)
      .flatMap((concept) => objectsOf(concept.coding))
      .find((coding) => coding.system === systems.sdohcc)?.code ?? '';
  return [...Map.groupBy(doubted, categoryOf)]
    .filter(([category]) => !standing.has(category))
    .map(([category, some]) => ({
      category,
      conditions: some.flatMap((one) => one.id ?? []).sort(),
      unambiguous: false,
      sensitive: false,
      doubted: true,
      ...restrictedBy(some.map(labelsOf)),
      since:
        some
          .map((one) => one.recordedDate ?? '')
          .sort()
          .at(-1) ?? '',
    }));
}
