import { type Clock, timeZoneOf } from '@loopwell/kit';
import { standingForNew, weekStart } from '@loopwell/sdoh';
import {
  intakes,
  type PartnerRow,
  partnerAccess,
  partnerBearers,
  partnerProfiles,
  type StoredProfile,
  type Tx,
} from '@loopwell/store';
import type { Partner, PartnerStanding } from '../model.ts';

/** Whether partners take something new, for the referrals of one batch. */
export type Standings = {
  /** Judges a partner as a referral of a category sees it. */
  of: (partner: Partner, category: string, clock: Clock) => PartnerStanding;
  /** Counts a Task that is about to be sent. */
  countSend: (partner: Partner) => void;
};

/**
 * Loads whether partners take something new. Where one takes only so many a week, no other batch
 * decides about it until this transaction ends.
 */
export async function loadStandings(
  tx: Tx,
  rows: readonly PartnerRow[],
  { clock, sendsTo = new Set() }: { clock: Clock; sendsTo?: ReadonlySet<string> },
): Promise<Standings> {
  const profiles = await partnerProfiles.profilesIn(tx, rows);
  const bearers = (await addressesWithBearers(tx)).union(sendsTo);
  const counted = await countThisWeek(tx, profiles, clock);
  return {
    of(partner, category, { now, ...zone }) {
      const stored = profiles.get(partner.id);
      if (!stored) return { kind: 'takes' };
      const standing = standingForNew(stored.profile(category), {
        now: now(),
        timeZone: timeZoneOf(zone),
        newThisWeek: counted.get(partner.id) ?? 0,
        way: { kind: partner.channel, hasBearers: bearers.has(partner.address) },
      });
      if (standing.kind !== 'paused' && standing.kind !== 'weekFull')
        return { kind: standing.kind };
      const { kind, until } = standing;
      return { kind, until, opensInMs: until.getTime() - now().getTime() };
    },
    countSend({ id }) {
      counted.set(id, (counted.get(id) ?? 0) + 1);
    },
  };
}

async function addressesWithBearers(tx: Tx): Promise<Set<string>> {
  const sends = await partnerBearers.loadPartnerBearers(tx, tx.tenant);
  const reads = await partnerAccess.addressesWithAccess(tx, tx.tenant);
  return new Set([...sends.map(({ address }) => address), ...reads]);
}

/** Counts what the partners got this week that take only so much in one. */
async function countThisWeek(
  tx: Tx,
  profiles: ReadonlyMap<string, StoredProfile>,
  clock: Clock,
): Promise<Map<string, number>> {
  const isLimited = (stored: StoredProfile) =>
    stored.edits.perWeek !== undefined ||
    stored.services.some(({ intake }) => intake?.perWeek !== undefined);
  const limited = [...profiles.values()].filter(isLimited).map(({ partner }) => partner);
  await intakes.lockIntakes(tx, limited);
  return intakes.countNewTasks(tx, limited, weekStart(clock.now(), timeZoneOf(clock)));
}
