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
  type Tx,
} from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { jsonOption, lookIntoHelp, lookIntoOption } from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { readFindings } from '../run/findings.ts';
import { attentionLines, summary } from '../run/result.ts';
import { printLine } from '../terminal/standard-streams.ts';
import { countOf, titledList } from '../terminal/text-lines.ts';

type StatusOptions = { dataDir?: string; json: boolean };

/**
 * `loopwell status`: prints the place of all work, what waits for whom and since when, and what is
 * quarantined and why.
 */
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

/** Reads the object of `--json` in one snapshot. */
async function readStatus(db: Database) {
  return readSnapshot(db, async (tx) => ({
    ...(await readWork(tx)),
    ...(await readWrites(tx)),
    ...(await readConnections(tx)),
  }));
}

async function readWork(tx: Tx) {
  const parked = await statusOf.readParked(tx, tx.tenant);
  return {
    totals: await readRunTotals(tx, tx.tenant),
    stages: await statusOf.readStages(tx, tx.tenant),
    gates: await statusOf.readGates(tx, tx.tenant),
    failed: parked.map(withParsedFacts),
    unfinished: await readUnfinished(tx, tx.tenant),
    quarantine: await operations.readQuarantine(tx, tx.tenant),
  };
}

async function readWrites(tx: Tx) {
  const alteredWrites = await altered.listAlteredWrites(tx, tx.tenant);
  return {
    refusals: await statusOf.readRefusals(tx, tx.tenant),
    refusedWrites: (await refusedWrites(tx, tx.tenant)).map(withoutWords),
    alteredWrites: alteredWrites.map(withoutBodies),
  };
}

async function readConnections(tx: Tx) {
  return {
    partners: await operations.readPartners(tx, tx.tenant),
    lanes: await operations.readLanes(tx, tx.tenant),
    notes: await connectionNotes.readNotes(tx, tx.tenant),
    holds: await holds.loadHolds(tx, tx.tenant),
    wouldGo: await sendPreview.readSendPreview(tx, tx.tenant),
  };
}

const withParsedFacts = (row: statusOf.ParkedRow) => ({
  ...row,
  facts: row.facts ? (JSON.parse(row.facts) as object) : null,
});

/** Removes the bodies, which hold personal data. Reviewers see them on the page of the referral. */
const withoutBodies = ({ sent: _sent, stored: _stored, ...write }: AlteredWrite) => write;

/**
 * Removes words of an EHR that may name the person. Reviewers read them all on the page of the
 * referral; only words about no person are shown here.
 */
const withoutWords = ({ words, ...refused }: RefusedWrite) => ({
  ...refused,
  withWords: words !== null,
  says: plainWords(words ?? undefined) ?? null,
});

async function statusLines(db: Database): Promise<string[]> {
  const { stages, gates, holds: heldScopes, refusedWrites, alteredWrites } = await readStatus(db);
  const { totals, left, notices, preview } = await readFindings(db, db.tenant);
  return [
    summary(totals),
    '',
    ...stages.map(stageLine),
    ...gates.map(gateLine),
    ...heldScopes.map(holdLine),
    ...titledList('What would go where:', preview),
    ...titledList(
      'What an EHR refused; reviewers read its words on the page of the referral:',
      refusedWrites.map(refusedLine),
    ),
    ...titledList(
      'What an EHR stores otherwise than it was sent; reviewers see both versions on the page ' +
        'of the referral:',
      alteredWrites.map(alteredLine),
    ),
    ...titledList('What was noticed while reading:', notices),
    ...titledList('What is left:', [...left, ...attentionLines(totals.screenings)]),
  ];
}

type WrittenResource = { connection: string; type: string; ehrId?: string | null };

const labelOf = ({ connection, type, ehrId }: WrittenResource): string =>
  `${connection} ${ehrId ? `${type}/${ehrId}` : type}`;

function refusedLine(refused: ReturnType<typeof withoutWords>): string {
  const { status, issueCode, says, withWords } = refused;
  const codes = [status, issueCode].filter((code) => code !== null).join(' ');
  let line = labelOf(refused);
  if (codes !== '') line += `: ${codes}`;
  if (says !== null) line += `; it says: “${says}”`;
  return withWords ? `${line}, with words` : line;
}

function alteredLine(write: ReturnType<typeof withoutBodies>): string {
  const advice = write.takenBack ? 'taken back there' : 'correct it in the chart';
  return `${labelOf(write)}: ${write.lost.join(', ')}; ${advice}`;
}

function gateLine({ count, gate, oldest, overdue }: GateCount): string {
  const referrals = countOf(count, 'referral waits', 'referrals wait');
  const line = `${referrals}: ${gate}, the oldest since ${oldest.toISOString()}`;
  if (overdue === 0) return line;
  return `${line}; ${overdue} longer than this site allows, a reviewer has to decide`;
}

function holdLine({ scope, principal, at, reason }: holds.Hold): string {
  const suffix = reason ? ` (${reason})` : '';
  return `Held: ${scope} by ${principal} since ${at.toISOString()}${suffix}`;
}

function stageLine({ stage, done, failed, waiting, oldestSince }: StageStatus): string {
  const owners = Object.entries(waiting).filter(([, count]) => count > 0);
  const waits = owners.map(([owner, count]) => `${count} for ${owner}`).join(', ');
  let line = `${stage.padEnd(11)} ${String(done).padStart(7)} done`;
  if (failed > 0) line += `  ${failed} failed`;
  if (waits === '') return line;
  line += `  waiting: ${waits}`;
  return oldestSince ? `${line}, the oldest since ${oldestSince.toISOString()}` : line;
}
