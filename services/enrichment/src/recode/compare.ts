import type { fhir4 } from '@loopwell/fhir';
import { instruments, shelfOf } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { codePerson, type InstrumentTable, type PersonCoding } from '@loopwell/sdoh';
import type { Loaded } from '@loopwell/service';
import { instrumentsOfConditions } from '@loopwell/store';
import { everybody, type Reader } from '../code/all-records.ts';

const kinds = ['new', 'taken back', 'other codes', 'approved, for a person again'] as const;
type Kind = (typeof kinds)[number];

/** One Condition that would change. It has ids and codes and no personal data. */
export type Change = {
  person: string;
  condition: string;
  what: Kind;
  from: string;
  to: string;
};

export type Comparison = {
  people: number;
  changed: number;
  /** The number of Conditions by kind of change. */
  counts: Partial<Record<Kind, number>>;
  /**
   * The same for each instrument whose answers they rest on. A Condition of two instruments counts
   * for both.
   */
  instruments: Record<string, Partial<Record<Kind, number>>>;
  examples: Change[];
};

export type CompareOptions = {
  /** The most people that are compared; all of them if left out. */
  most?: number;
  progress?: ((people: number) => void) | undefined;
};

const examplesShown = 50;

/** Conditions with their codes, and the instruments that each rests on. */
type Side = {
  codes: ReadonlyMap<string, string>;
  instruments: ReadonlyMap<string, readonly string[]>;
};
type Compared = {
  person: string;
  before: Side;
  after: Side;
  doubted?: readonly string[];
};

/**
 * Compares the stored Conditions with a new coding of all people by today's tables. Decisions of
 * people are kept.
 */
export function compareWithStored(
  db: Reader,
  tenant: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  return compare(db, tenant, options, async (page) => {
    const coded = page.map((loaded) => ({
      loaded,
      coding: codePerson(loaded.record, instruments, { deriveId }),
    }));
    const gone = coded.flatMap(({ coding }) => coding.withdrawn.map((condition) => condition.id));
    const restedOn =
      gone.length === 0
        ? new Map<string, string[]>()
        : await db.tx((tx) => instrumentsOfConditions(tx, gone));
    return coded.map(({ loaded, coding }) => {
      const before = { codes: stored(loaded), instruments: restedOn };
      return {
        person: loaded.record.person,
        before,
        after: afterward(before.codes, coding),
        doubted: doubtedApprovals(loaded, coding),
      };
    });
  });
}

/**
 * Compares the results of two sets of tables on all people's answers. Decisions of people are
 * ignored.
 */
export function compareTables(
  db: Reader,
  tenant: string,
  tables: { from: readonly InstrumentTable[]; to: readonly InstrumentTable[] },
  progress?: (people: number) => void,
): Promise<Comparison> {
  const shelves = { from: shelfOf(tables.from), to: shelfOf(tables.to) };
  return compare(db, tenant, { progress }, async (page) =>
    page.map(({ record }) => {
      const by = (shelf: typeof shelves.from) =>
        sideOf(codePerson({ ...record, made: [] }, shelf, { deriveId }));
      return { person: record.person, before: by(shelves.from), after: by(shelves.to) };
    }),
  );
}

async function compare(
  db: Reader,
  tenant: string,
  { most, progress }: CompareOptions,
  compared: (page: readonly Loaded[]) => Promise<Compared[]>,
): Promise<Comparison> {
  const result: Comparison = { people: 0, changed: 0, counts: {}, instruments: {}, examples: [] };
  for await (const page of everybody(db, tenant, most)) {
    for (const person of await compared(page)) add(result, person);
    progress?.(result.people);
  }
  return result;
}

/** Names what became of a Condition, by its codes before and after. */
function changeOf(from: string | undefined, to: string | undefined): Kind {
  if (from === undefined) return 'new';
  return to === undefined ? 'taken back' : 'other codes';
}

function add(result: Comparison, { person, before, after, doubted = [] }: Compared): void {
  const ids = [...new Set([...before.codes.keys(), ...after.codes.keys()])].sort();
  let isChanged = false;
  for (const condition of doubted) {
    const what = 'approved, for a person again';
    isChanged = true;
    result.counts[what] = (result.counts[what] ?? 0) + 1;
    if (result.examples.length < examplesShown)
      result.examples.push({ person, condition, what, from: '', to: '' });
  }
  for (const condition of ids) {
    const [from, to] = [before.codes.get(condition), after.codes.get(condition)];
    if (from === to) continue;
    isChanged = true;
    const what = changeOf(from, to);
    result.counts[what] = (result.counts[what] ?? 0) + 1;
    for (const id of (after.instruments.get(condition) ?? before.instruments.get(condition)) ||
      []) {
      result.instruments[id] ??= {};
      result.instruments[id][what] = (result.instruments[id][what] ?? 0) + 1;
    }
    if (result.examples.length < examplesShown)
      result.examples.push({ person, condition, what, from: from ?? '', to: to ?? '' });
  }
  result.people += 1;
  if (isChanged) result.changed += 1;
}

/**
 * Lists approved suggestions that would lose their support and were not sent. Their reviewer is
 * asked again.
 */
function doubtedApprovals({ referrals }: Loaded, { needs }: PersonCoding): string[] {
  const approved = referrals.filter(
    (one) => one.state === 'waiting' && !one.sent && !one.doubted && one.approval === 'approved',
  );
  return needs
    .filter((need) => need.doubted && approved.some((one) => one.category === need.category))
    .flatMap((need) => need.conditions);
}

const inError = (condition: fhir4.Condition) =>
  condition.verificationStatus?.coding?.[0]?.code === 'entered-in-error';

function stored({ record }: Loaded): Side['codes'] {
  return new Map(
    record.made.filter((one) => !inError(one)).map((one) => [one.id ?? '', codesIn(one)]),
  );
}

/**
 * Gives the Conditions that would be stored after a new coding. Unsupported ones are taken back,
 * unless a person decided on them.
 */
function afterward(before: Side['codes'], coding: PersonCoding): Side {
  const side = sideOf(coding);
  const codes = new Map(before);
  for (const withdrawn of coding.withdrawn) codes.delete(withdrawn.id);
  for (const [id, text] of side.codes) codes.set(id, text);
  return { ...side, codes };
}

/**
 * Gives the suggestions of a coding that stand. Conditions on file in the EHR are not ours and are
 * left out.
 */
function sideOf(coding: PersonCoding): Side {
  const standing = new Set(coding.needs.flatMap((need) => need.conditions));
  const suggestions = coding.conditions.filter((one) => standing.has(one.id));
  const evidence = Map.groupBy(coding.evidence, (one) => one.condition);
  return {
    codes: new Map(suggestions.map((one) => [one.id, codesIn(one.resource)])),
    instruments: new Map(
      [...evidence].map(([id, rows]) => [
        id,
        [...new Set(rows.map((one) => one.rule.slice(0, one.rule.indexOf('/'))))].sort(),
      ]),
    ),
  };
}

const codesIn = (condition: fhir4.Condition): string =>
  (condition.code?.coding ?? [])
    .map((coding) => coding.code ?? '')
    .sort()
    .join(' + ') ||
  (condition.code?.text ?? '');
