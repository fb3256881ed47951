import { type EhrQuality, readQuality } from '@loopwell/enrichment';
import { onFileSentence, questionLabel } from '@loopwell/sdoh';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { openProgressLine } from '../terminal/progress-line.ts';
import { printLine } from '../terminal/standard-streams.ts';
import { countOf, titledList } from '../terminal/text-lines.ts';

/**
 * `loopwell quality`: reports what arrives from each EHR and what can be made of it. It holds
 * nothing about a person.
 */
export const qualityCommand: CommandDefinition = {
  name: 'quality',
  description: 'what arrives from each EHR and what can be made of it: a data-quality report',
  options: [lookIntoOption, jsonOption],
  helpText: lookIntoHelp,
  run: showQuality,
};

async function showQuality(
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const progress = openProgressLine('people looked at');
    const reports = await readQuality(db, db.tenant, { progress: progress.show });
    progress.end();
    printLine(options.json ? JSON.stringify(reports) : qualityText(reports));
    return 0;
  });
}

function qualityText(reports: readonly EhrQuality[]): string {
  if (reports.length === 0) return 'Nobody has been pulled yet.';
  return reports.map((report) => qualityLines(report).join('\n')).join('\n\n');
}

function qualityLines(report: EhrQuality): string[] {
  const { address, ehr, people, screenings, quarantined, neverSeen } = report;
  const unknownAnswers = Object.values(report.unknown).sort(mostFrequentFirst).slice(0, 30);
  const onFile = [onFileSentence(report.onFile), ...labelLines(report.onFile.byCode)];
  return [
    `EHR ${address} (${ehr}): ${people} people, ${screenings} screenings, ${quarantined} ` +
      'of them could not be read',
    ...titledList('Verdict:', report.verdicts),
    ...titledList('Not read, or not all of it:', report.unread),
    ...Object.values(report.instruments).flatMap(instrumentLines),
    ...titledList('Not known, most frequent first:', unknownAnswers.map(unknownLine)),
    ...titledList('Read only after mending:', mendedLines(report)),
    ...titledList('For a person, by reason:', issueLines(report)),
    ...titledList('Social Conditions in the charts:', onFile),
    ...titledList('No screening for social needs:', labelLines(report.notScreening)),
    ...titledList(
      'SDOHCC categories that nothing asks about:',
      neverSeen.length > 0 ? [neverSeen.join(', ')] : [],
    ),
  ];
}

type InstrumentQuality = EhrQuality['instruments'][string];
type QuestionQuality = InstrumentQuality['questions'][string];

/**
 * The width of the question column, enough for most questions in words. A longer one moves only its
 * own line.
 */
const questionWidth = 52;

function instrumentLines(instrument: InstrumentQuality): string[] {
  const questions = Object.entries(instrument.questions).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '',
    `${instrument.name}: ${countOf(instrument.screenings, 'screening')}`,
    `  ${'question'.padEnd(questionWidth)} arrived    read   refused   no answer   not readable`,
    ...questions.map(([question, quality]) => questionLine(question, quality)),
  ];
}

function questionLine(question: string, quality: QuestionQuality): string {
  const { label, arrived, coded, declined, absent, unread } = quality;
  return [
    `  ${`${label} (${question})`.padEnd(questionWidth)}`,
    String(arrived).padStart(8),
    percentOf(coded, arrived).padStart(8),
    String(declined).padStart(10),
    String(absent).padStart(12),
    String(unread).padStart(15),
  ].join('');
}

const percentOf = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${Math.round((part * 100) / whole)} %`;

type UnknownAnswer = EhrQuality['unknown'][string];

function mostFrequentFirst(a: UnknownAnswer, b: UnknownAnswer): number {
  const byName = `${a.question}${a.code}` < `${b.question}${b.code}` ? -1 : 1;
  return b.count - a.count || byName;
}

function unknownLine({ kind, question, label, code, count }: UnknownAnswer): string {
  if (kind === 'question') return `${count} × question ${question}`;
  const labeled = label === undefined ? question : `“${label}” (${question})`;
  return `${count} × answer to ${labeled}: ${code}`;
}

function mendedLines(report: EhrQuality): string[] {
  return sortedCounts(report.mended).map(
    ([question, count]) => `${count} × ${questionLabel(report, question)} (${question})`,
  );
}

function issueLines(report: EhrQuality): string[] {
  return sortedCounts(report.issues).map(([code, count]) => `${count} × ${code}`);
}

/** Sorts counts, the highest first, equal ones by name. */
function sortedCounts(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts).sort(
    ([nameA, countA], [nameB, countB]) => countB - countA || (nameA < nameB ? -1 : 1),
  );
}

function labelLines(labels: Record<string, { label: string; count: number }>): string[] {
  const sorted = Object.entries(labels).sort(
    ([codeA, a], [codeB, b]) => b.count - a.count || (codeA < codeB ? -1 : 1),
  );
  return sorted.map(([code, { label, count }]) => `${count} × ${label} (${code})`);
}
