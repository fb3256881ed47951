import type { Finding, Instrument, PersonRecord } from '../model.ts';
import { screeningsOf } from './screenings.ts';
import { readFindings } from './stated-scores.ts';

/** One answer as a reviewer reads it beside a suggestion. */
export type AnswerSoFar = {
  /** Name of the instrument. */
  instrument: string;
  /** When it was answered, as its source writes it. */
  authored: string;
  /** “question”: answer, in short words. */
  said: string;
  /**
   * `need`: a possible need, `none`: none by this answer, `declined`: refused, `unread`: its
   * meaning is unknown.
   */
  meaning: 'need' | 'none' | 'declined' | 'unread' | 'other';
  /** Safety, violence, incarceration, refugee status, farm work, substance use, mental health. */
  restricted: boolean;
  /** Answers a question about safety, whatever it says: no page shows it beside others. */
  safety: boolean;
  /** SDOHCC categories of the question. */
  categories: string[];
  /** The resource of the EHR that carries it. */
  source: string;
};

/**
 * Lists all that one person has answered to instruments of the shelf, latest first. Computed scores
 * and blank answers are left out.
 */
export function answersSoFar(
  record: PersonRecord,
  instruments: readonly Instrument[],
): AnswerSoFar[] {
  const answers: AnswerSoFar[] = [];
  for (const raw of screeningsOf(record, instruments)) {
    const { instrument, authored, quarantine } = raw;
    if (!instrument || quarantine) continue;
    for (const finding of readFindings(raw).findings)
      if (!finding.computed && !finding.blank)
        answers.push(describeAnswer(finding, instrument.name, authored));
  }
  return answers.reverse();
}

const describeAnswer = (finding: Finding, instrument: string, authored: string): AnswerSoFar => ({
  instrument,
  authored,
  said: finding.label,
  meaning: meaningOf(finding),
  restricted: finding.restricted || finding.sensitive,
  safety: finding.safety === true,
  categories: finding.categories.filter((category) => category !== '-'),
  source: finding.answers[0]?.source ?? '',
});

function meaningOf(finding: Finding): AnswerSoFar['meaning'] {
  if (finding.positive) return 'need';
  if (finding.negative) return 'none';
  if (finding.declined) return 'declined';
  return finding.unread ? 'unread' : 'other';
}
