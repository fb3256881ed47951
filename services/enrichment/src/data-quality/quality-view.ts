import { onFileSentence, questionLabel } from '@loopwell/sdoh';
import type { EhrQuality } from './quality.ts';

/** One EHR as the page shows it: most frequent first, with labels beside the codes. */
export type EhrView = {
  ehr: string;
  address: string;
  people: number;
  screenings: number;
  quarantined: number;
  verdicts: readonly string[];
  unread: readonly string[];
  instruments: readonly InstrumentView[];
  unknown: readonly EhrQuality['unknown'][string][];
  mended: readonly Labeled[];
  issues: readonly (readonly [code: string, count: number])[];
  onFile: { sentence: string; byCode: readonly Labeled[] };
  notScreening: readonly Labeled[];
  neverSeen: readonly string[];
};

/** One instrument, with its questions in the order of their codes. */
export type InstrumentView = {
  name: string;
  screenings: number;
  questions: readonly QuestionView[];
};

type Question = EhrQuality['instruments'][string]['questions'][string];

/** One question. `share`: the percentage of arrived answers that were read. */
export type QuestionView = Question & { code: string; share: number };

/** A code with its label and its count. */
export type Labeled = { code: string; label: string; count: number };

/** The most unknown wordings and codes on one page. */
const mostUnknown = 50;

/** Makes the page's view of one EHR's report. */
export function viewOf(report: EhrQuality): EhrView {
  const { ehr, address, people, screenings, quarantined } = report;
  const { verdicts, unread, neverSeen, onFile } = report;
  const mended = byCount(report.mended);
  return {
    ehr,
    address,
    people,
    screenings,
    quarantined,
    verdicts,
    unread,
    neverSeen,
    instruments: Object.values(report.instruments).map(instrumentView),
    unknown: Object.values(report.unknown).sort(byFrequency).slice(0, mostUnknown),
    mended: mended.map(([code, count]) => ({ code, label: questionLabel(report, code), count })),
    issues: byCount(report.issues),
    onFile: { sentence: onFileSentence(onFile), byCode: labeled(onFile.byCode) },
    notScreening: labeled(report.notScreening),
  };
}

function instrumentView({
  name,
  screenings,
  questions,
}: EhrQuality['instruments'][string]): InstrumentView {
  const sorted = Object.entries(questions).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name,
    screenings,
    questions: sorted.map(([code, question]) => withShare(code, question)),
  };
}

function withShare(code: string, question: Question): QuestionView {
  const share = Math.round((question.coded * 100) / Math.max(1, question.arrived));
  return { ...question, code, share };
}

type Unknown = EhrQuality['unknown'][string];

const keyOf = ({ question, code }: Unknown): string => `${question}${code}`;

const byFrequency = (a: Unknown, b: Unknown): number =>
  b.count - a.count || (keyOf(a) < keyOf(b) ? -1 : 1);

const byCount = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts).sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));

const labeled = (counts: Readonly<Record<string, { label: string; count: number }>>): Labeled[] =>
  Object.entries(counts)
    .map(([code, { label, count }]) => ({ code, label, count }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
