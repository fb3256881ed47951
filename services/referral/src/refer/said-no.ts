import { type Clock, instantIn, timeZoneOf, todayAt } from '@loopwell/kit';
import { findNo, findNoToHelp, isPlaceRefused, nextNoEnd, type PersonNo } from '@loopwell/sdoh';
import { contact, type TaskRow, type Tx } from '@loopwell/store';
import type { Decision, Outgoing, RecallReason, ReferralFacts, SaidNo } from './model.ts';

/** Gathers what a person's nos say about one category of help now. */
export function saidNoOf(nos: readonly PersonNo[], category: string, clock: Clock): SaidNo {
  const today = todayAt(clock);
  const end = nextNoEnd(nos, today);
  return {
    no: findNoToHelp(nos, category, today),
    endsInMs:
      end === undefined
        ? undefined
        : instantIn(timeZoneOf(clock), end).getTime() - clock.now().getTime(),
    refuses: ({ id }) => isPlaceRefused(nos, { category, partner: id, today }),
  };
}

/**
 * Tells right before a send whether the person has said no since it was decided: to this help, or
 * to this partner.
 */
export async function isSaidNoSince(
  tx: Tx,
  { person, partner, need: category }: Pick<Outgoing, 'person' | 'partner' | 'need'>,
  clock: Clock,
): Promise<boolean> {
  const nos = (await contact.nosOfPeople(tx, [person])).get(person) ?? [];
  return findNo(nos, { category, partner, today: todayAt(clock) }) !== undefined;
}

/** Gives the reason why a person's no takes a Task back; undefined where none does. */
export function noAgainst(
  { saidNo }: Pick<ReferralFacts, 'saidNo'>,
  live: Pick<TaskRow, 'partner'>,
): Extract<RecallReason, 'said-no' | 'not-this-place'> | undefined {
  if (saidNo?.no) return 'said-no';
  return saidNo?.refuses({ id: live.partner }) ? 'not-this-place' : undefined;
}

/**
 * Gives the wait of a referral against a no. It is no end: a worker looks again on the day of a
 * *not now*, and a person when they bring it up.
 * DECISIONS D162.
 */
export function waitForPerson({ saidNo }: Pick<ReferralFacts, 'saidNo'>): Decision | undefined {
  if (!saidNo?.no) return undefined;
  const { endsInMs } = saidNo;
  const wait = { kind: 'wait', gate: 'saidNo' } as const;
  return endsInMs === undefined ? wait : { ...wait, forMs: endsInMs };
}

/** How long a referral waits before a worker looks again whether a sibling's has ended. */
const siblingMs = 6 * 3_600_000;

/**
 * Gives the wait of a person with a list of places, until they say what it did, and of a brother or
 * sister with the one referral of the family.
 */
export function waitForWord({
  referral,
  isWithSibling,
}: Pick<ReferralFacts, 'referral' | 'isWithSibling'>): Decision | undefined {
  if ((referral.list_given_at ?? null) !== null) return { kind: 'wait', gate: 'listGiven' };
  return isWithSibling ? { kind: 'wait', gate: 'withSibling', forMs: siblingMs } : undefined;
}
