import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId, newId } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import { codePerson, type Instrument, type PersonCoding } from '@loopwell/sdoh';
import { ledger, pulled } from '@loopwell/store';
import type { Loaded } from '../screen/records.ts';
import { everybody, type Reader } from './everybody.ts';

/** One Condition that would be another. Ids and codes; nothing of a person. */
export type Change = { person: string; condition: string; what: 'new' | 'taken back' | 'other codes'; from: string; to: string };

export type Comparison = { people: number; changed: number; counts: Record<string, number>; examples: Change[] };

const examplesShown = 50;

type Codes = ReadonlyMap<string, string>;

/** What coding everybody anew with the tables of today would change in what is stored. What people decided is kept. */
export function compareWithStored(db: Reader, organisation: string, progress?: (people: number) => void): Promise<Comparison> {
  const now = (one: Loaded) => afterwards(stored(one), codePerson(one.record, instruments, { deriveId }));
  return compare(db, organisation, (one) => stored(one), now, progress);
}

/** What one shelf of tables makes of everybody's answers, and another; nobody's decision is looked at. */
export function compareShelves(
  db: Reader,
  organisation: string,
  shelves: { from: readonly Instrument[]; to: readonly Instrument[] },
  progress?: (people: number) => void,
): Promise<Comparison> {
  const by = (shelf: readonly Instrument[]) => (one: Loaded) => codesOf(codePerson({ ...one.record, made: [] }, shelf, { deriveId }));
  return compare(db, organisation, by(shelves.from), by(shelves.to), progress);
}

async function compare(
  db: Reader,
  organisation: string,
  before: (one: Loaded) => Codes,
  after: (one: Loaded) => Codes,
  progress: ((people: number) => void) | undefined,
): Promise<Comparison> {
  const result: Comparison = { people: 0, changed: 0, counts: {}, examples: [] };
  for await (const page of everybody(db, organisation)) {
    for (const one of page) {
      const changes = changesOf(one.record.person, before(one), after(one));
      result.people += 1;
      if (changes.length > 0) result.changed += 1;
      for (const change of changes) {
        result.counts[change.what] = (result.counts[change.what] ?? 0) + 1;
        if (result.examples.length < examplesShown) result.examples.push(change);
      }
    }
    progress?.(result.people);
  }
  return result;
}

function changesOf(person: string, before: Codes, after: Codes): Change[] {
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
  return ids.flatMap((condition): Change[] => {
    const [from, to] = [before.get(condition), after.get(condition)];
    if (from === to) return [];
    const what = from === undefined ? 'new' : to === undefined ? 'taken back' : 'other codes';
    return [{ person, condition, what, from: from ?? '', to: to ?? '' }];
  });
}

const inError = (one: fhir4.Condition) => one.verificationStatus?.coding?.[0]?.code === 'entered-in-error';

function stored({ record }: Loaded): Codes {
  return new Map(record.made.filter((one) => !inError(one)).map((one) => [one.id ?? '', codesIn(one)]));
}

/** What would be stored then: what nothing supports any more is taken back, unless somebody decided on it. */
function afterwards(before: Codes, coding: PersonCoding): Codes {
  const after = new Map(before);
  for (const one of coding.withdrawn) after.delete(one.id);
  for (const [id, codes] of codesOf(coding)) after.set(id, codes);
  return after;
}

/** Suggestions of the machine that stand; those on file in the EHR are the EHR's. */
function codesOf(coding: PersonCoding): Codes {
  const standing = new Set(coding.needs.flatMap((need) => need.conditions));
  const made = coding.conditions.map((one) => [one.id, codesIn(one.resource)] as const);
  return new Map(made.filter(([id]) => standing.has(id)));
}

const codesIn = (one: fhir4.Condition): string =>
  (one.code?.coding ?? [])
    .map((coding) => coding.code ?? '')
    .sort()
    .join(' + ') ||
  (one.code?.text ?? '');

/**
 * Makes everybody due to be coded anew; the workers do it as they do all work. What somebody decided is kept: their
 * Conditions get evidence only, and referrals that left stay where they are.
 *
 * @returns how many people
 */
export async function recodeEverybody(
  db: Reader,
  organisation: string,
  nudge: NudgeFunction,
  progress?: (people: number) => void,
): Promise<number> {
  let done = 0;
  for (let after = ''; ; ) {
    const batch = newId();
    const people = await db.tx(async (tx) => {
      const page = await pulled.nextPeople(tx, organisation, after, 500);
      await ledger.due(
        tx,
        page.map((subject) => ({ organisation, stage: 'screen', subject, person: subject, batch, trace: newId() })),
      );
      return page;
    });
    if (people.length === 0) return done;
    await nudge([{ stage: 'screen', batch }]);
    done += people.length;
    progress?.(done);
    after = people.at(-1) ?? '';
  }
}
