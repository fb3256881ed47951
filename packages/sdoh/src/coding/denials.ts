import { needKey } from '../instrument/need-key.ts';
import type { Finding, Instrument } from '../model.ts';
import type { RawScreening } from '../screening/screenings.ts';
import type { NeedSupports, Support, Verdict } from './need-evidence.ts';

/**
 * What each screening says about each category: a need where any answer does, else none where an
 * answer says so.
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
 * Needs that a question could have told and whose answers, all of them read, did not: whoever ticks
 * pests and not mold has no mold. Not where another answer of the screening tells the need; and it
 * says nothing about a need that another question told: who is asked what they could not get, and
 * does not tick food, has not said that they have enough of it.
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
 * May a policy act on this answer? It was coded as such and of a verified row, not mended and not
 * contradicted by another answer to its question, and no other screening of the same time or later
 * says that there is no such need.
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

/** Does a verdict speak of this need: of it alone, or of its whole category? */
const isAbout = (verdict: Verdict, key: string) =>
  (verdict.need ?? key) === key && verdict.category === key.slice(0, key.indexOf('|'));

/**
 * Does it say that there is no such need? What was not chosen says so where the question is about
 * that category, or where that question alone had told the need.
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
 * The screenings that say, later than every support, that the need is not there (any more). Nothing
 * is resolved by that.
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
