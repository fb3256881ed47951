import { needKey } from '../instrument/need-key.ts';
import type { Finding, Instrument } from '../model.ts';
import type { RawScreening } from '../screening/screenings.ts';
import type { NeedSupports, Support, Verdict } from './need-evidence.ts';

/**
 * Judges each category of a screening: a need where any answer says so, else no need where an
 * answer denies it.
 * DECISIONS D34.
 */
export function judgeCategories(raw: RawScreening, findings: readonly Finding[]): Verdict[] {
  const needs = new Set<string>();
  for (const { positive, need } of findings) if (positive && need) needs.add(need.category);
  const disputed = raw.beside ? findings.filter((finding) => finding.overruled) : [];
  const denials = findings.filter((finding) => finding.negative && !finding.contradicted);
  const denied = categoriesOf(denials).filter((category) => !needs.has(category));
  const isOfList = (category: string) =>
    denials.every(({ ofList, categories }) => ofList || !categories.includes(category));
  return [
    ...categoriesOf(disputed).map((category): Verdict => ({ raw, category, says: 'disputed' })),
    ...[...needs].map((category): Verdict => ({ raw, category, says: 'need' })),
    ...denied.map((category): Verdict => {
      const verdict: Verdict = { raw, category, says: 'no-need' };
      return isOfList(category) ? { ...verdict, ofList: true } : verdict;
    }),
  ];
}

const categoriesOf = (findings: readonly Finding[]): string[] => [
  ...new Set(findings.flatMap((finding) => finding.categories)),
];

/**
 * Finds needs that a question could have told and whose answers, all of them read, did not. A
 * person who ticks pests and not mold has no mold. A need that another answer of the screening
 * tells is not denied. A denial by a question of another category is weak (see `denies`): a person
 * who does not tick food among things they could not get has not said that they have enough food.
 */
export function findDeniedNeeds(
  raw: RawScreening,
  instrument: Instrument,
  findings: readonly Finding[],
): Verdict[] {
  const established = new Set(
    findings.filter(({ need }) => need).map(({ need, rule }) => needKey(need, rule)),
  );
  const isRead = (finding: Finding) =>
    (finding.positive || finding.negative === true) && !finding.contradicted && !finding.mended;
  const denials: Verdict[] = [];
  for (const [question, answered] of Map.groupBy(findings, (finding) => finding.question)) {
    if (!answered.every(isRead)) continue;
    for (const { key, isOwn, category } of instrument.asksFor(question))
      if (!established.has(key))
        denials.push({
          raw,
          category,
          says: 'no-need',
          need: key,
          question: `${instrument.id}/${question}`,
          isOwn,
        });
  }
  return denials;
}

/**
 * Tells whether a policy may act on this answer. The answer has a code, is not mended, sensitive or
 * contradicted, and no other screening of the same time or later denies or disputes the need.
 */
export function isUnambiguous({ finding, raw }: Support, verdicts: readonly Verdict[]): boolean {
  if (finding.mended || finding.contradicted || finding.sensitive) return false;
  if (!finding.answers.some((one) => one.code !== undefined)) return false;
  const key = needKey(finding.need, finding.rule);
  const questions = new Set([`${raw.instrumentId}/${finding.question}`]);
  const later = verdicts.filter(
    (verdict) => verdict.raw !== raw && verdict.raw.instant >= raw.instant,
  );
  return later.every((verdict) => !denies(verdict, key, questions) && !isDispute(verdict, finding));
}

const isDispute = ({ says, category }: Verdict, { need }: Finding) =>
  says === 'disputed' && category === need?.category;

/** Tells whether a verdict is about this need, or about its whole category. */
const isAbout = (verdict: Verdict, key: string) =>
  (verdict.need ?? key) === key && verdict.category === key.slice(0, key.indexOf('|'));

/**
 * Tells whether a verdict denies a need. An answer that was not chosen denies it where the question
 * is about that category, or where that question alone had told the need.
 *
 * @param toldBy `<instrument>/<question>` of the answers that told it
 */
export function denies(verdict: Verdict, key: string, toldBy: ReadonlySet<string>): boolean {
  if (verdict.says !== 'no-need' || !isAbout(verdict, key)) return false;
  return (
    verdict.question === undefined ||
    verdict.isOwn === true ||
    (toldBy.size === 1 && toldBy.has(verdict.question))
  );
}

/**
 * Finds the screenings that deny a need later than its last support. They do not resolve the need.
 */
export function findLaterDenials(need: NeedSupports, verdicts: readonly Verdict[]): RawScreening[] {
  const latest = need.supports.at(-1)?.raw.instant ?? 0;
  const toldBy = new Set(
    need.supports.map((one) => `${one.raw.instrumentId}/${one.finding.question}`),
  );
  return verdicts
    .filter((one) => one.raw.instant > latest && denies(one, need.key, toldBy))
    .map((one) => one.raw)
    .filter((raw, index, all) => all.indexOf(raw) === index);
}
