import { mapDefined } from '@loopwell/fhir';
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
} from '@loopwell/store';
import { sendPreviewLines } from './send-preview-text.ts';

/** 0 nothing waits; 1 could not run; 2 wrong usage; 3 something waits, is quarantined or was refused. */
export const exitStatus = { ok: 0, couldNotRun: 1, usage: 2, leftovers: 3 } as const;

/** What a run ends with. */
export type RunResult = RunTotals & {
  /** What to know of a connection as a whole: until when its EHR locks us out, and which scopes its token lacks. */
  connections: ConnectionNote[];
  durationMs: number;
};

type ConnectionNote = { connection: string; kind: string; says: string; until: string | null };

/** Everything that a run says at its end, read in one snapshot so that the sums add up while workers work. */
export type Findings = {
  totals: RunTotals;
  connections: ConnectionNote[];
  left: string[];
  notices: string[];
  prospects: string[];
  nothingRead: boolean;
};

export async function readFindings(db: Database, tenant: string): Promise<Findings> {
  return readSnapshot(db, async (tx) => {
    const totals = await readRunTotals(tx, tenant);
    const unfinished = (await readUnfinished(tx, tenant)).map(
      (one) =>
        `${one.count} pieces of work of ${one.stage} are not done${one.code ? ` (${one.code})` : ''}, for example ${one.example}`,
    );
    const parked = reasonLines(
      (await status.readParked(tx, tenant, 100)).filter((one) => one.waits_for === 'operator'),
    ).slice(0, 20);
    const unshown = (
      await status.pageOfQuarantine(tx, tenant, { code: 'ehr-cannot-show', limit: 20 })
    ).map(unshownLine);
    const connections = (await connectionNotes.readNotes(tx, tenant)).map(
      ({ connection, kind, says, until }) => ({
        ...{ connection, kind, says },
        until: until?.toISOString() ?? null,
      }),
    );
    const refused = refusalLines(await status.readRefusals(tx, tenant));
    // What failed is said with its work.
    const unread = totals.unread
      .filter((one) => one.open && one.kind !== 'failed')
      .map((one) => one.says);
    const closed = totals.unread.filter((one) => !one.open).map((one) => one.says);
    const notes = await readUnreadNotes(tx, tenant);
    return {
      totals,
      connections,
      left: [
        ...leftovers(totals),
        ...unread,
        ...unfinished,
        ...parked,
        ...refused,
        ...notes,
        ...unshown,
        ...connections.map((one) => one.says),
      ],
      notices: [...totals.notices, ...closed],
      prospects: sendPreviewLines(await sendPreview.readSendPreview(tx, tenant)),
      nothingRead: !(await hasReadAnything(tx, tenant)),
    };
  });
}

/** What the EHR itself cannot show: whose, and what it says that is missing. */
function unshownLine({ type, facts }: { type: string; facts: string | null }): string {
  const { patient, element, says, from, to } = (facts ? JSON.parse(facts) : {}) as Record<
    string,
    string | undefined
  >;
  const whose = patient === undefined ? '' : ` of Patient/${patient}`;
  const when = from === undefined || to === undefined ? '' : ` last updated at ${from}`;
  const why =
    element === undefined
      ? says === undefined
        ? ''
        : ` (it says: “${says}”)`
      : ` (${element} is missing or wrong there)`;
  return `The EHR cannot show ${type}${whose}${when}${why}: all else is read. Ask the vendor to mend the record; it is asked for again by itself.`;
}

type Parked = { stage: string; subject: string; code: string; facts: string | null };

/** One line for each reason, with how many pieces of work it stops: what a person needs to find them again. */
function reasonLines(rows: readonly Parked[]): string[] {
  const reasons = Map.groupBy(rows, (one) => [one.stage, one.code, one.facts].join('\n'));
  return mapDefined([...reasons.values()], (some) => {
    const [first] = some;
    return first ? reasonLine(first, some.length) : undefined;
  });
}

/** The rule first, then ids, codes, and of the other server's words what is about nobody. */
function reasonLine({ stage, subject, code, facts }: Parked, count: number): string {
  const { rule, says, ...rest } = (facts ? JSON.parse(facts) : {}) as Record<string, unknown>;
  const told = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
  const what =
    count === 1
      ? `${stage} of ${subject} waits`
      : `${count} pieces of ${stage}, for example ${subject}, wait`;
  const parts = [code, ...(typeof rule === 'string' ? [rule] : [])].join(': ');
  const words = typeof says === 'string' ? `; it says: “${says}”` : '';
  return `${what} for an operator: ${parts}${words}${told.length > 0 ? ` (${told.map(([name, value]) => `${name}: ${String(value)}`).join(', ')})` : ''}`;
}

function refusalLines(refusals: readonly Refusal[]): string[] {
  return refusals.map(
    (one) =>
      `${one.count} refused by ${one.receiver}${one.status ? ` with status ${one.status}` : ''}${one.issueCode ? ` (${one.issueCode})` : ''}`,
  );
}

/** One line for each thing that waits, is quarantined or was refused: the reasons for exit status 3. */
function leftovers(totals: RunTotals): string[] {
  const waiting = Object.entries(totals.referrals.waiting).map(
    ([gate, n]) => [n, `${n === 1 ? 'referral waits' : 'referrals wait'}: ${gate}`] as const,
  );
  const { inProgress, needsPerson } = totals.encounters;
  const rest = [
    [inProgress, inProgress === 1 ? 'Encounter is in progress' : 'Encounters are in progress'],
    [needsPerson, needsPerson === 1 ? 'Encounter needs a person' : 'Encounters need a person'],
    [
      totals.writeBack.waiting,
      totals.writeBack.waiting === 1
        ? 'resource waits for write-back'
        : 'resources wait for write-back',
    ],
    [
      totals.writeBack.refused,
      totals.writeBack.refused === 1
        ? 'resource was refused by the EHR'
        : 'resources were refused by the EHR',
    ],
    [
      totals.writeBack.altered,
      `${totals.writeBack.altered === 1 ? 'resource stands' : 'resources stand'} in the chart otherwise than sent: see status, and the page of the referral`,
    ],
  ] as const;
  const quarantined = totals.quarantine.map(
    ({ code, count, example }) => [count, `quarantined: ${code}, for example ${example}`] as const,
  );
  return [...waiting, ...rest, ...quarantined]
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n} ${what}`);
}

/** Prints the result on stdout, and on stderr what is left and what would go where; returns the exit status. */
export function report(
  findings: Findings,
  durationMs: number,
  json: boolean,
  say: (sentence: string) => void,
): number {
  const result: RunResult = { ...findings.totals, connections: findings.connections, durationMs };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${summary(result)}\n`);
  for (const line of findings.prospects) say(line);
  for (const line of findings.notices) say(line);
  for (const line of findings.left) say(`- ${line}`);
  const { needsPerson } = findings.totals.screenings;
  const isEmpty = findings.left.length > 0 || needsPerson > 0 ? findings.nothingRead : false;
  if (isEmpty) say('Nothing could be read from the EHR.');
  // The last line: whoever reads no other one reads that somebody may be in danger.
  for (const line of attentionLines(findings.totals.screenings)) say(line);
  if (findings.left.length === 0 && needsPerson === 0) return exitStatus.ok;
  return isEmpty ? exitStatus.couldNotRun : exitStatus.leftovers;
}

/** That answers wait for a person to look at them, in one line; none where nobody has to. */
export function attentionLines({ needsPerson, danger }: RunTotals['screenings']): string[] {
  if (needsPerson === 0) return [];
  const wait =
    needsPerson === 1 ? '1 screening needs a person' : `${needsPerson} screenings need a person`;
  const of =
    danger === 0
      ? ''
      : `; in ${needsPerson === 1 ? 'it' : `${danger} of them`} somebody may be in danger`;
  return [`${wait}${of}: see “Needs review” on the review page.`];
}

export function summary(result: RunTotals): string {
  const { encounters, screenings, conditions, referrals, writeBack } = result;
  const waiting = Object.values(referrals.waiting).reduce((sum, n) => sum + n, 0);
  return [
    `Encounters: ${encounters.pulled} pulled, ${encounters.coded} coded, ${encounters.nothingToCode} with nothing to code, ${encounters.needsPerson} for a person, ${encounters.quarantined} quarantined, ${encounters.inProgress} in progress`,
    `Screenings: ${screenings.read} read, ${screenings.attached} attached to an Encounter, ${screenings.unattached} without one, ${screenings.quarantined} quarantined, ${screenings.inProgress} not completed yet; ${screenings.needsPerson} for a person, ${screenings.danger} of them with danger`,
    `Conditions: ${conditions.created} suggested, evidence added ${conditions.evidenceAdded} times`,
    `Referrals:  ${referrals.needed} needed, ${waiting} waiting, ${referrals.closed} closed, ${referrals.failed} failed, ${referrals.withdrawn} withdrawn; ${referrals.sent} were sent`,
    `Write-back: ${writeBack.done} done, ${writeBack.waiting} waiting, ${writeBack.refused} refused, ${writeBack.altered} altered by the EHR`,
  ].join('\n');
}
