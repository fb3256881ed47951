import { RequestProblems } from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import { conditionCodesOf } from '@loopwell/sdoh';
import { serviceChoices } from '../decide/apply-decision.ts';
import type { ReviewTexts } from './en.ts';

type Trouble = { stage: string; code: string; waitsFor: string };

/**
 * Writes the sentence that says why work on a referral stands still, such as an unproved recall or
 * a partner that cannot be reached.
 */
export function troubleSentence(
  { stage, code, waitsFor }: Trouble,
  { standing: { trouble } }: ReviewTexts,
): string {
  const next = waitsFor === 'operator' ? trouble.byOperator : trouble.again;
  if (code === 'RECORD_UNCLEAR') return trouble.recordUnclear;
  if (code === 'TELL_BY_HAND') return trouble.tellByHand;
  if (code === 'OUTCOME_UNKNOWN') return trouble.outcomeUnknown(next);
  return stage === 'track' ? trouble.notAsked(next) : trouble.notDone(next);
}

/** Writes a decision with its day or code, as a line of the decision history. */
export function decisionSentence(
  { decision, facts }: { decision: string; facts: string | null },
  category: string,
  { decisions, formats }: ReviewTexts,
): string {
  const { until, agreedOn, code, serviceCode } = JSON.parse(facts ?? '{}') as Readonly<
    Record<string, string | undefined>
  >;
  const finding = conditionCodesOf(category).find((condition) => condition.code === code)?.display;
  const service = serviceChoices(category).find((choice) => choice.code === serviceCode)?.display;
  const parts = [
    decisions.decided[decision] ?? decision,
    until === undefined ? undefined : decisions.until(until),
    agreedOn === undefined ? undefined : formats.shortDay(agreedOn),
    code === undefined ? undefined : (finding ?? decisions.asSuggested),
    service,
  ];
  return parts.filter((part) => part !== undefined).join(': ');
}

/** Writes the reason why a decision could not be made, as a sentence for the page. */
export function problemSentence(error: AppError, texts: ReviewTexts): string {
  const { decisions, consent } = texts;
  const rule = error instanceof RequestProblems ? error.problems[0]?.rule : undefined;
  const broken = consent.whole.rules[rule ?? ''];
  if (broken !== undefined && error.facts.referral !== undefined) {
    const name = consent.whole.fieldNames[String(error.facts.field ?? '')];
    return [decisions.nothing, name && `${name}:`, broken].filter(Boolean).join(' ');
  }
  const field = typeof error.facts.field === 'string' ? error.facts.field : '';
  const isIncomplete = error.code === 'REQUEST_INVALID' && error.facts.referral === undefined;
  const missing = isIncomplete ? decisions.missing[field] : undefined;
  return missing ?? `${error.message}.`.replace(/\.\.$/, '.');
}
