import { csvLine } from './csv.ts';

/** What one partner could read of one resource because of one Task. */
export type DisclosedPart = {
  type: string;
  /** Everything that was ever shown of it, separated by blanks; `all` for the whole resource. */
  ever: string;
  class: 'personal' | 'record';
  until: Date | null;
  endedAt: Date | null;
  endedBy: string | null;
  /** It shows nothing but the status of a Task that was taken back. */
  isStatusOnly: boolean;
};

/** One disclosure: what went out to one partner because of one Task. */
export type Disclosure = {
  at: Date;
  /** The human being, and the Patient of the EHR that the referral came from. */
  person: string;
  patient: string;
  partner: string;
  partnerName: string | null;
  elements: readonly string[];
  purpose: string | null;
  /** The Consent and its version, as a reference. */
  consent: string | null;
  approvedBy: string | null;
  reads: number;
  lastRead: Date | null;
  /** The people at the partner who opened the request at its page, by name; undefined for nobody. */
  openedBy?: readonly string[];
  /** When the partner could not read the person's data any more; null while it can. */
  endedAt: Date | null;
  endedBy: string | null;
  /** By which channel the referral went out, and whether it arrived. */
  channel: string;
  state: string;
  referral: string;
  task: string;
};

/** Types that say nothing about a person. */
const impersonal: readonly string[] = ['Organization', 'Device'];

/** Names what was shown: `Patient.name`, or the type alone where all of it was. */
export function disclosedElements(parts: readonly DisclosedPart[]): string[] {
  const shown = parts.filter(({ type }) => !impersonal.includes(type));
  const named = shown.flatMap(({ type, ever }) =>
    ever.split(' ').map((part) => (part === 'all' ? type : `${type}.${part}`)),
  );
  const names = new Set(named);
  const isPartOfWhole = (name: string) =>
    name.includes('.') && names.has(name.slice(0, name.indexOf('.')));
  return [...names].filter((name) => !isPartOfWhole(name)).sort();
}

/**
 * Says when and by whom the reading of the person's data was ended. Parts of the record, such as
 * the order, stay readable for a time after the Task and count only where nothing personal was
 * shown.
 */
export function endOfDisclosure(
  parts: readonly DisclosedPart[],
  now: Date,
): { endedAt: Date | null; endedBy: string | null } {
  const shown = parts.filter(({ type }) => !impersonal.includes(type));
  const personal = shown.filter((part) => part.class === 'personal');
  const ends = (personal.length > 0 ? personal : shown)
    .filter(({ isStatusOnly }) => !isStatusOnly)
    .map((part) => endOf(part, now));
  let last: { endedAt: Date; endedBy: string } | undefined;
  for (const end of ends) {
    if (end === undefined) return { endedAt: null, endedBy: null };
    if (last === undefined || end.endedAt > last.endedAt) last = end;
  }
  return last ?? { endedAt: null, endedBy: null };
}

function endOf(
  { endedAt, endedBy, until }: DisclosedPart,
  now: Date,
): { endedAt: Date; endedBy: string } | undefined {
  const hasRunOut = until !== null && until <= now && (endedAt === null || until < endedAt);
  if (hasRunOut) return { endedAt: until, endedBy: 'system:time-limit' };
  return endedAt === null ? undefined : { endedAt, endedBy: endedBy ?? 'system:loopwell' };
}

/** The columns of the account of disclosures, in the order of its CSV. */
export const disclosureColumns = [
  'at',
  'person',
  'partner',
  'elements',
  'purpose',
  'consent',
  'approvedBy',
  'reads',
  'lastRead',
  'endedAt',
  'endedBy',
  'partnerName',
  'channel',
  'state',
  'patient',
  'referral',
  'task',
  'openedBy',
] as const satisfies readonly (keyof Disclosure)[];

/** Writes one disclosure as a line of CSV. */
export function disclosureCsv(disclosure: Disclosure): string {
  return csvLine(
    disclosureColumns.map((column) => {
      const cell = disclosure[column];
      if (cell instanceof Date) return cell.toISOString();
      return typeof cell === 'object' && cell !== null ? cell.join('; ') : cell;
    }),
  );
}
