import { plainWords } from '@loopwell/fhir/client';
import {
  type AlteredWrite,
  altered,
  connectionNotes,
  type Database,
  type GateCount,
  holds,
  operations,
  type RefusedWrite,
  readRunTotals,
  readSnapshot,
  readUnfinished,
  refusedWrites,
  type StageStatus,
  sendPreview,
  status as statusOf,
} from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { attentionLines, readFindings, summary } from '../run/result.ts';
import { tenant } from '../run/run.ts';
import { printLine } from '../terminal/standard-streams.ts';

type StatusOptions = { dataDir?: string; json: boolean };

/** `loopwell status`: what is where, what waits for whom and since when, what is quarantined and why. */
export const statusCommand: CommandDefinition = {
  name: 'status',
  description: 'what is where, what waits for whom and since when, what is quarantined and why',
  options: [lookIntoOption, jsonOption],
  helpText: lookIntoHelp,
  run: showStatus,
};

async function showStatus(options: StatusOptions, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    if (options.json) printLine(JSON.stringify(await readStatus(db)));
    else printLine((await statusLines(db)).join('\n'));
    return 0;
  });
}

/** One object, read in one snapshot. */
async function readStatus(db: Database) {
  return readSnapshot(db, async (tx) => {
    return {
      totals: await readRunTotals(tx, tenant),
      stages: await statusOf.readStages(tx, tenant),
      gates: await statusOf.readGates(tx, tenant),
      failed: (await statusOf.readParked(tx, tenant)).map((one) => ({
        ...one,
        facts: one.facts ? (JSON.parse(one.facts) as object) : null,
      })),
      unfinished: await readUnfinished(tx, tenant),
      quarantine: await operations.readQuarantine(tx, tenant),
      refusals: await statusOf.readRefusals(tx, tenant),
      refusedWrites: (await refusedWrites(tx, tenant)).map(withoutWords),
      alteredWrites: (await altered.listAlteredWrites(tx, tenant)).map(
        ({ sent: _sent, stored: _stored, ...one }) => one,
      ),
      partners: await operations.readPartners(tx, tenant),
      lanes: await operations.readLanes(tx, tenant),
      notes: await connectionNotes.readNotes(tx, tenant),
      holds: await holds.loadHolds(tx, tenant),
      wouldGo: await sendPreview.readSendPreview(tx, tenant),
    };
  });
}

async function statusLines(db: Database): Promise<string[]> {
  const { stages, gates, holds: held, refusedWrites, alteredWrites } = await readStatus(db);
  const { totals, left, notices, prospects: wouldGo } = await readFindings(db, tenant);
  return [
    summary(totals),
    '',
    ...stages.map(stageLine),
    ...gates.map(gateLine),
    ...held.map(
      (one) =>
        `Held: ${one.scope} by ${one.principal} since ${one.at.toISOString()}${one.reason ? ` (${one.reason})` : ''}`,
    ),
    ...section('What would go where:', wouldGo),
    ...section(
      'What an EHR refused; reviewers read its words on the page of the referral:',
      refusedWrites.map(refusalLine),
    ),
    ...section(
      'What an EHR stores otherwise than it was sent; reviewers see both versions on the page of the referral:',
      alteredWrites.map(alteredLine),
    ),
    ...section('What was noticed while reading:', notices),
    ...section('What is left:', [...left, ...attentionLines(totals.screenings)]),
  ];
}

/** An EHR's words may name the person: only reviewers read them all, on the page of the referral; here stands what is about nobody. */
const withoutWords = ({ words, ...refused }: RefusedWrite) => ({
  ...refused,
  withWords: words !== null,
  says: plainWords(words ?? undefined) ?? null,
});

const refusalLine = ({
  connection,
  type,
  ehrId,
  status,
  issueCode,
  withWords,
  says,
}: ReturnType<typeof withoutWords>): string => {
  const codes = [status, issueCode].filter((code) => code !== null).join(' ');
  return `${connection} ${type}${ehrId ? `/${ehrId}` : ''}${codes ? `: ${codes}` : ''}${says === null ? '' : `; it says: “${says}”`}${withWords ? ', with words' : ''}`;
};

const alteredLine = ({
  connection,
  type,
  ehrId,
  lost,
  takenBack,
}: Omit<AlteredWrite, 'sent' | 'stored'>): string =>
  `${connection} ${type}${ehrId ? `/${ehrId}` : ''}: ${lost.join(', ')}${takenBack ? '; taken back there' : '; correct it in the chart'}`;

const gateLine = ({ count, gate, oldest, overdue }: GateCount): string =>
  `${count} ${count === 1 ? 'referral waits' : 'referrals wait'}: ${gate}, the oldest since ${oldest.toISOString()}${overdue > 0 ? `; ${overdue} longer than this site allows, a reviewer has to decide` : ''}`;

const section = (title: string, lines: readonly string[]) =>
  lines.length > 0 ? ['', title, ...lines.map((line) => `- ${line}`)] : [];

function stageLine(one: StageStatus): string {
  const waiting = Object.entries(one.waiting)
    .filter(([, n]) => n > 0)
    .map(([who, n]) => `${n} for ${who}`)
    .join(', ');
  const since = one.oldestSince ? `, the oldest since ${one.oldestSince.toISOString()}` : '';
  const failed = one.failed > 0 ? `  ${one.failed} failed` : '';
  return `${one.stage.padEnd(11)} ${String(one.done).padStart(7)} done${failed}${waiting ? `  waiting: ${waiting}${since}` : ''}`;
}
