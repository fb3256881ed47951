import type { RunTotals } from '@loopwell/store';
import { printLine } from '../terminal/standard-streams.ts';
import { countOf } from '../terminal/text-lines.ts';
import type { ConnectionNote, Findings } from './findings.ts';

/**
 * The exit statuses: 0 nothing waits; 1 could not run; 2 wrong usage; 3 something waits, is
 * quarantined or was refused.
 */
export const exitStatus = { ok: 0, couldNotRun: 1, usage: 2, leftovers: 3 } as const;

/** The output of a run with `--json`. */
export type RunResult = RunTotals & { connections: ConnectionNote[]; durationMs: number };

/**
 * Prints the result on stdout, and on stderr the leftovers and what would be sent where.
 * @returns the exit status
 */
export function report(
  findings: Findings,
  durationMs: number,
  json: boolean,
  say: (sentence: string) => void,
): number {
  const { totals, connections, left, notices, preview, hasReadNothing } = findings;
  const result: RunResult = { ...totals, connections, durationMs };
  printLine(json ? JSON.stringify(result) : summary(totals));
  for (const line of [...preview, ...notices]) say(line);
  for (const line of left) say(`- ${line}`);
  const isAllDone = left.length === 0 && totals.screenings.needsPerson === 0;
  if (!isAllDone && hasReadNothing) say('Nothing could be read from the EHR.');
  // It comes last, so that a reader of one line learns that a person may be in danger.
  for (const line of attentionLines(totals.screenings)) say(line);
  if (isAllDone) return exitStatus.ok;
  return hasReadNothing ? exitStatus.couldNotRun : exitStatus.leftovers;
}

/**
 * Returns one line with the number of screenings that wait for a person, and the lists on which they
 * are; no line when there are none.
 */
export function attentionLines({ needsPerson, danger }: RunTotals['screenings']): string[] {
  if (needsPerson === 0) return [];
  let line = countOf(needsPerson, 'screening needs a person', 'screenings need a person');
  const inDanger = needsPerson === 1 ? 'it' : `${danger} of them`;
  if (danger > 0) line += `; in ${inDanger} somebody may be in danger: see “See first”`;
  const isMore = needsPerson > danger;
  if (isMore) line += `${danger > 0 ? '; for the others' : ':'} see “Answers to check”`;
  return [`${line}.`];
}

/** Returns the totals in five lines. */
export function summary(totals: RunTotals): string {
  const { encounters, screenings, conditions, referrals, writeBack } = totals;
  const waiting = Object.values(referrals.waiting).reduce((sum, count) => sum + count, 0);
  return [
    `Encounters: ${encounters.pulled} pulled, ${encounters.coded} coded, ` +
      `${encounters.nothingToCode} with nothing to code, ${encounters.needsPerson} for a ` +
      `person, ${encounters.quarantined} quarantined, ${encounters.inProgress} in progress`,
    `Screenings: ${screenings.read} read, ${screenings.attached} attached to an Encounter, ` +
      `${screenings.unattached} without one, ${screenings.quarantined} quarantined, ` +
      `${screenings.inProgress} not completed yet; ${screenings.needsPerson} for a person, ` +
      `${screenings.danger} of them with danger`,
    `Conditions: ${conditions.created} suggested, evidence added ${conditions.evidenceAdded} times`,
    `Referrals:  ${referrals.needed} needed, ${waiting} waiting, ${referrals.closed} ` +
      `closed, ${referrals.failed} failed, ${referrals.withdrawn} withdrawn; ` +
      `${referrals.sent} were sent`,
    `Write-back: ${writeBack.done} done, ${writeBack.waiting} waiting, ` +
      `${writeBack.refused} refused, ${writeBack.altered} altered by the EHR`,
  ].join('\n');
}
