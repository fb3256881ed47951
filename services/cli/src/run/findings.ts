import {
  connectionNotes,
  type Database,
  hasReadAnything,
  type Refusal,
  type RunTotals,
  readRunTotals,
  readSnapshot,
  readUnfinished,
  readUnreadNotes,
  sendPreview,
  status,
  type Tx,
} from '@loopwell/store';
import { countOf } from '../terminal/text-lines.ts';
import { sendPreviewLines } from './send-preview-text.ts';

/**
 * A note on a whole connection: until when its EHR locks us out, or which scopes its token lacks.
 */
export type ConnectionNote = {
  connection: string;
  kind: string;
  says: string;
  until: string | null;
};

/** The results that are reported at the end of a run. */
export type Findings = {
  totals: RunTotals;
  connections: ConnectionNote[];
  /** Work that waits, is quarantined or was refused: the reasons for exit status 3. */
  left: string[];
  /** Notices about reading that lose nothing. */
  notices: string[];
  /** The preview of what would be sent where. */
  preview: string[];
  hasReadNothing: boolean;
};

/** Reads the findings in one snapshot, so that the sums add up while workers work. */
export async function readFindings(db: Database, tenant: string): Promise<Findings> {
  return readSnapshot(db, async (tx) => {
    const totals = await readRunTotals(tx, tenant);
    const connections = await readConnectionNotes(tx, tenant);
    const closed = totals.unread.filter((unread) => !unread.open);
    return {
      totals,
      connections,
      left: [
        ...leftoverLines(totals),
        ...(await readProblemLines(tx, tenant, totals)),
        ...connections.map((note) => note.says),
      ],
      notices: [...totals.notices, ...closed.map((unread) => unread.says)],
      preview: sendPreviewLines(await sendPreview.readSendPreview(tx, tenant)),
      hasReadNothing: !(await hasReadAnything(tx, tenant)),
    };
  });
}

async function readConnectionNotes(tx: Tx, tenant: string): Promise<ConnectionNote[]> {
  const notes = await connectionNotes.readNotes(tx, tenant);
  return notes.map(({ connection, kind, says, until }) => {
    return { connection, kind, says, until: until?.toISOString() ?? null };
  });
}

/** The number of lines shown of parked work, and of records that an EHR cannot show. */
const shownProblems = 20;

async function readProblemLines(tx: Tx, tenant: string, totals: RunTotals): Promise<string[]> {
  // A type whose reading failed is shown with its work.
  const unread = totals.unread.filter(({ open, kind }) => open && kind !== 'failed');
  const unfinished = await readUnfinished(tx, tenant);
  const parked = await status.readParked(tx, tenant, 100);
  const forOperator = parked.filter((row) => row.waits_for === 'operator');
  const refusals = await status.readRefusals(tx, tenant);
  const cannotShow = { code: 'ehr-cannot-show', limit: shownProblems };
  const unshown = await status.pageOfQuarantine(tx, tenant, cannotShow);
  return [
    ...unread.map(({ says }) => says),
    ...unfinished.map(unfinishedLine),
    ...parkedLines(forOperator).slice(0, shownProblems),
    ...refusals.map(refusalLine),
    ...(await readUnreadNotes(tx, tenant)),
    ...unshown.map(unshownLine),
  ];
}

type Unfinished = Awaited<ReturnType<typeof readUnfinished>>[number];

function unfinishedLine({ stage, code, count, example }: Unfinished): string {
  const reason = code ? ` (${code})` : '';
  return `${count} pieces of work of ${stage} are not done${reason}, for example ${example}`;
}

function refusalLine(refusal: Refusal): string {
  const code = refusal.status ? ` with status ${refusal.status}` : '';
  const issue = refusal.issueCode ? ` (${refusal.issueCode})` : '';
  return `${refusal.count} refused by ${refusal.receiver}${code}${issue}`;
}

/**
 * Returns the line about a record that the EHR cannot show: its Patient, and what the EHR says is
 * missing.
 */
function unshownLine({ type, facts }: { type: string; facts: string | null }): string {
  const { patient, element, says, from, to } = parseFacts(facts);
  let what = type;
  if (patient !== undefined) what += ` of Patient/${patient}`;
  if (from !== undefined && to !== undefined) what += ` last updated at ${from}`;
  if (element !== undefined) what += ` (${element} is missing or wrong there)`;
  else if (says !== undefined) what += ` (it says: “${says}”)`;
  return (
    `The EHR cannot show ${what}: all else is read. Ask the vendor to mend the record; it is ` +
    'asked for again by itself.'
  );
}

const parseFacts = (facts: string | null): Record<string, unknown> =>
  facts ? (JSON.parse(facts) as Record<string, unknown>) : {};

type Parked = {
  stage: string;
  subject: string;
  code: string;
  facts: string | null;
};

/** Returns one line for each reason, with the number of pieces of work that it stops. */
function parkedLines(rows: readonly Parked[]): string[] {
  const byReason = Map.groupBy(rows, ({ stage, code, facts }) => [stage, code, facts].join('\n'));
  const lines: string[] = [];
  for (const [first, ...others] of byReason.values())
    if (first) lines.push(parkedLine(first, 1 + others.length));
  return lines;
}

/**
 * Returns the line about parked work: the rule first, then ids and codes. Only those words of the
 * other server that are about no person are shown.
 */
function parkedLine({ stage, subject, code, facts }: Parked, count: number): string {
  const { rule, says, ...others } = parseFacts(facts);
  const work =
    count === 1
      ? `${stage} of ${subject} waits`
      : `${count} pieces of ${stage}, for example ${subject}, wait`;
  let reason = typeof rule === 'string' ? `${code}: ${rule}` : code;
  if (typeof says === 'string') reason += `; it says: “${says}”`;
  const details = Object.entries(others)
    .filter(([, fact]) => fact !== null && fact !== undefined)
    .map(([name, fact]) => `${name}: ${String(fact)}`);
  if (details.length > 0) reason += ` (${details.join(', ')})`;
  return `${work} for an operator: ${reason}`;
}

function leftoverLines(totals: RunTotals): string[] {
  const { encounters, referrals, writeBack, quarantine } = totals;
  const lines: string[] = [];
  const addLine = (count: number, singular: string, plural: string) => {
    if (count > 0) lines.push(countOf(count, singular, plural));
  };
  for (const [gate, count] of Object.entries(referrals.waiting))
    addLine(count, `referral waits: ${gate}`, `referrals wait: ${gate}`);
  addLine(encounters.inProgress, 'Encounter is in progress', 'Encounters are in progress');
  addLine(encounters.needsPerson, 'Encounter needs a person', 'Encounters need a person');
  addLine(writeBack.waiting, 'resource waits for write-back', 'resources wait for write-back');
  addLine(
    writeBack.refused,
    'resource was refused by the EHR',
    'resources were refused by the EHR',
  );
  const whereToLook = 'in the chart otherwise than sent: see status, and the page of the referral';
  addLine(writeBack.altered, `resource stands ${whereToLook}`, `resources stand ${whereToLook}`);
  for (const { code, count, example } of quarantine) {
    const quarantined = `quarantined: ${code}, for example ${example}`;
    addLine(count, quarantined, quarantined);
  }
  return lines;
}
