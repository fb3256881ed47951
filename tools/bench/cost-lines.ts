import type { CodingResult } from './coding.ts';
import { fixed, intakeCpuOf, type SizeResult } from './report.ts';

/**
 * Screenings that one core is to code in a second, and milliseconds in which the tables are to be
 * there.
 */
const [codingAim, tablesAimMs] = [5_000, 100];

/** How fast one core codes, for people. */
export function codingLines({ bundles, bytes, ...coding }: CodingResult): string {
  const rules = coding.rulesPerSecond >= codingAim ? 'reaches' : 'misses';
  const tables = coding.tablesMs < tablesAimMs ? 'reaches' : 'misses';
  return [
    `${bundles} screenings of 10 answers, ${fixed(bytes / bundles, 0)} bytes each, on one core:`,
    `  rules alone            ${fixed(coding.rulesPerSecond, 0)}/s; ${rules} the aim of ` +
      `${codingAim}/s`,
    `  lines in, lines out    ${fixed(coding.linesPerSecond, 0)}/s ` +
      '(`loopwell code`: parsed, coded, the transaction written)',
    `  JSON.parse of the same ${fixed(coding.parsePerSecond, 0)}/s`,
    `  tables loaded in       ${fixed(coding.tablesMs, 0)} ms; ${tables} the aim of ` +
      `${tablesAimMs} ms`,
    `  peak memory            ${fixed(coding.peakMb, 0)} MB`,
    '',
  ].join('\n');
}

/** Aims for PostgreSQL's CPU milliseconds of a nudge, and for CPU milliseconds of a resource. */
const [nudgeAimMs, intakeAimMs] = [2, 0.2];

/** What a nudge and a pulled resource cost, for people. */
export function costLines(size: SizeResult, nudgeMs: number): string {
  const intakeMs = intakeCpuOf(size);
  const cost = (ms: number, most: number) =>
    `${fixed(ms, 2)} CPU ms; ${ms <= most ? 'reaches' : 'misses'} the aim of ${most}`;
  const intake = intakeMs > 0 ? `A pulled resource: ${cost(intakeMs, intakeAimMs)}\n` : '';
  return `A nudge on PostgreSQL: ${cost(nudgeMs, nudgeAimMs)}\n${intake}`;
}
