import type { SendPreview } from '@loopwell/store';

/** Gates that a switch or an operator opens, and those in front of which a person has to say something first. */
const openable: ReadonlySet<string> = new Set(['send', 'hold']);

/** What would go where, in sentences: categories, receivers and numbers, nobody's name. */
export function prospectLines(one: SendPreview): string[] {
  const ready = one.referrals.filter((row) => openable.has(row.gate) && row.address !== null);
  const later = one.referrals.filter((row) => !openable.has(row.gate) && row.address !== null);
  const nowhere = [
    ...Map.groupBy(
      one.referrals.filter((row) => row.address === null),
      (row) => row.category,
    ),
  ];
  return [
    ...ready.map(readyLine),
    ...laterLines(later),
    ...nowhere.map(([category, some]) => nowhereLine(category, some)),
    ...copyLines(one),
  ];
}

function nowhereLine(category: string, rows: readonly Row[]): string {
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return `Would go nowhere: ${total} ${category} ${plural(total, 'referral')}, which no (further) partner in the directory may be asked about`;
}

type Row = SendPreview['referrals'][number];

const receiver = (row: Row) => `${row.name ?? row.partner} (${originOf(row.address ?? '')})`;

function readyLine(row: Row): string {
  const why =
    row.gate !== 'hold'
      ? 'with --send'
      : row.sendOff
        ? 'after a release and with --send'
        : 'after a release';
  return `Would go ${why}: ${row.count} ${row.category} ${plural(row.count, 'referral')} to ${receiver(row)}`;
}

function laterLines(rows: readonly Row[]): string[] {
  const byPlace = Map.groupBy(rows, (row) => `${row.category} ${receiver(row)}`);
  return [...byPlace.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const total = some.reduce((sum, row) => sum + row.count, 0);
    const gates = some.map((row) => `${row.count} ${gateWords[row.gate] ?? row.gate}`).join(', ');
    return [
      `Would go to ${receiver(first)} once a person lets it: ${total} ${first.category} ${plural(total, 'referral')} (${gates})`,
    ];
  });
}

const gateWords: Readonly<Record<string, string>> = {
  review: 'without approval',
  agreement: 'without agreement',
  consent: 'without consent',
  noServiceCode: 'without a service code',
};

function copyLines({ copies, suggested }: SendPreview): string[] {
  const byEhr = Map.groupBy(copies, (row) => row.base);
  const ready = [...byEhr].map(
    ([base, some]) =>
      `Would be written into ${originOf(base)}: ${some.map((row) => `${row.count} ${plural(row.count, row.type)}`).join(', ')}`,
  );
  return suggested > 0
    ? [
        ...ready,
        `Would be written into the EHR once approved: ${suggested} suggested ${plural(suggested, 'Condition')} with ${suggested === 1 ? 'its' : 'their'} Observations`,
      ]
    : ready;
}

const plural = (count: number, word: string) => (count === 1 ? word : `${word}s`);

const originOf = (address: string) => (URL.canParse(address) ? new URL(address).origin : address);
