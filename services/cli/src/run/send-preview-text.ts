import type { SendPreview } from '@loopwell/store';
import { countOf } from '../terminal/text-lines.ts';

/** Gates that a switch or an operator opens. At the others a person decides first. */
const openableGates: ReadonlySet<string> = new Set(['send', 'hold']);

type ReferralRow = SendPreview['referrals'][number];
type CopyRow = SendPreview['copies'][number];

/**
 * Returns sentences about what would be sent where: categories, receivers and numbers, without
 * names of people.
 */
export function sendPreviewLines(preview: SendPreview): string[] {
  const withReceiver = preview.referrals.filter((row) => row.address !== null);
  const withoutReceiver = preview.referrals.filter((row) => row.address === null);
  const ready = withReceiver.filter((row) => openableGates.has(row.gate));
  const undecided = withReceiver.filter((row) => !openableGates.has(row.gate));
  const lines = ready.map(readyLine);
  for (const rows of groupsOf(undecided, (row) => `${row.category} ${receiverOf(row)}`))
    lines.push(undecidedLine(rows));
  for (const rows of groupsOf(withoutReceiver, (row) => row.category))
    lines.push(nowhereLine(rows));
  for (const rows of groupsOf(preview.copies, (row) => row.base)) lines.push(copiesLine(rows));
  if (preview.suggested > 0) lines.push(suggestedLine(preview.suggested));
  return lines;
}

/** A list with at least one row. */
type Group<Row> = readonly [Row, ...Row[]];

/** Groups rows by key. Each group is at the place of its first row. */
function groupsOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Group<Row>[] {
  return [...Map.groupBy(rows, keyOf).values()].map((group) => group as [Row, ...Row[]]);
}

const totalOf = (rows: readonly ReferralRow[]): number =>
  rows.reduce((sum, row) => sum + row.count, 0);

const referralsOf = (category: string, count: number): string =>
  countOf(count, `${category} referral`);

function readyLine(row: ReferralRow): string {
  return (
    `Would go ${conditionOf(row)}: ${referralsOf(row.category, row.count)} to ` +
    `${receiverOf(row)}`
  );
}

/** Returns what has to happen before a referral is sent. */
function conditionOf({ gate, sendOff }: ReferralRow): string {
  if (gate !== 'hold') return 'with --send';
  return sendOff ? 'after a release and with --send' : 'after a release';
}

function undecidedLine(rows: Group<ReferralRow>): string {
  const [first] = rows;
  const gates = rows.map((row) => `${row.count} ${gateWords[row.gate] ?? row.gate}`).join(', ');
  return (
    `Would go to ${receiverOf(first)} once a person lets it: ` +
    `${referralsOf(first.category, totalOf(rows))} (${gates})`
  );
}

const gateWords: Readonly<Record<string, string>> = {
  saidNo: 'against a no',
  review: 'without approval',
  listGiven: 'given a list',
  withSibling: 'with a sibling',
  agreement: 'without agreement',
  consent: 'without consent',
  noServiceCode: 'without a service code',
  underWay: 'under way already',
};

function nowhereLine(rows: Group<ReferralRow>): string {
  return (
    `Would go nowhere: ${referralsOf(rows[0].category, totalOf(rows))}, which no (further) ` +
    'partner in the directory may be asked about'
  );
}

function copiesLine(rows: Group<CopyRow>): string {
  const resources = rows.map((row) => countOf(row.count, row.type)).join(', ');
  return `Would be written into ${originOf(rows[0].base)}: ${resources}`;
}

function suggestedLine(count: number): string {
  const conditions = countOf(count, 'suggested Condition');
  return (
    `Would be written into the EHR once approved: ${conditions} with ` +
    `${count === 1 ? 'its' : 'their'} Observations`
  );
}

const receiverOf = (row: ReferralRow): string =>
  `${row.name ?? row.partner} (${originOf(row.address ?? '')})`;

/** Gives the origin of an address. A partner without an Endpoint has `<kind>:<id>` instead. */
const originOf = (address: string): string =>
  /^https?:/.test(address) && URL.canParse(address) ? new URL(address).origin : address;
