import { AppError } from '@loopwell/kit';
import { receiverOf } from '@loopwell/messages';
import {
  isAged,
  type PartnerProfile,
  type ProfileTexts,
  profileTexts,
  type StandingForNew,
  standingForNew,
  weekStart,
} from '@loopwell/sdoh';
import {
  intakes,
  operations,
  type PartnerRow,
  type PartnerStatus,
  type ProfileEdit,
  partnerAccess,
  partnerBearers,
  partnerDoor,
  partnerProfiles,
  partnerTexts,
  type StoredProfile,
  type Tx,
} from '@loopwell/store';
import type { Moment } from '../reviewer.ts';

/** Whether a partner takes something new, as pages say it. */
export type ShownStanding = {
  standing: StandingForNew;
  /** Its number wants no texts. */
  isStopped: boolean;
  /** What it said about its room is too old to be relied on. */
  isAged: boolean;
};

/** A partner of the list; one that has left the directory has no standing. */
export type ListedPartner = PartnerStatus & {
  shown: ShownStanding | undefined;
  /** Somebody guesses codes at its door. */
  isTried: boolean;
};

/** Reads the partners, what they hold, and whether they take something new. */
export async function readListed(tx: Tx, tenant: string, moment: Moment): Promise<ListedPartner[]> {
  const partners = await operations.readPartners(tx, tenant);
  const tried = await partnerDoor.partnersTried(tx);
  const standingOf = await readStandings(tx, moment);
  return partners.map((partner) => ({
    ...partner,
    shown: standingOf(partner.id),
    isTried: tried.has(partner.id),
  }));
}

/** What the page of one partner shows. */
export type EditedPartner = {
  id: string;
  name: string;
  profile: PartnerProfile;
  texts: ProfileTexts;
  shown: ShownStanding | undefined;
  edits: readonly ProfileEdit[];
};

/**
 * Reads a partner of the directory, how it works, and who wrote what about it.
 *
 * @throws AppError NOT_FOUND for a partner that the directory does not have
 */
export async function readEdited(tx: Tx, id: string, moment: Moment): Promise<EditedPartner> {
  const stored = (await partnerProfiles.loadProfiles(tx)).get(id);
  if (!stored) throw new AppError('NOT_FOUND', 'The directory has no such partner');
  const profile = stored.profile();
  return {
    id,
    name: stored.name,
    profile,
    texts: profileTexts(profile, moment.now, moment.timeZone),
    shown: (await readStandings(tx, moment))(id),
    edits: await partnerProfiles.latestEdits(tx, id, 20),
  };
}

type Way = { kind: string; address: string };

function waysOf({ kind, address, body }: PartnerRow): readonly Way[] {
  const { ways = [{ kind, address }] } = JSON.parse(body) as { ways?: readonly Way[] };
  return ways;
}

/** Reads what it takes to judge partners, and gives the function that does. */
async function readStandings(tx: Tx, { now, timeZone }: Moment) {
  const profiles = await partnerProfiles.loadProfiles(tx);
  const sends = await partnerBearers.loadPartnerBearers(tx, tx.tenant);
  const reads = await partnerAccess.addressesWithAccess(tx, tx.tenant);
  const bearers = reads.union(new Set(sends.map(({ address }) => address)));
  const stopped = await partnerTexts.stoppedNumbers(tx);
  const week = weekStart(now, timeZone);
  const counts = await intakes.countNewTasks(tx, [...profiles.keys()], week);
  const judge = (stored: StoredProfile): ShownStanding => {
    const profile = stored.profile();
    const ways = stored.rows.flatMap(waysOf);
    const [first, ...others] = ways.map(({ kind, address }) =>
      standingForNew(profile, {
        ...{ now, timeZone },
        newThisWeek: counts.get(stored.partner) ?? 0,
        way: { kind, hasBearers: bearers.has(address) },
      }),
    );
    const open = others.find(({ kind }) => kind === 'takes');
    const { capacity } = profile;
    return {
      standing: first && first.kind !== 'takes' && open ? open : (first ?? { kind: 'takes' }),
      isStopped: ways.some(({ address }) => stopped.has(receiverOf(address.replace(/^tel:/, '')))),
      isAged: capacity !== undefined && isAged(capacity, now),
    };
  };
  return (id: string): ShownStanding | undefined => {
    const stored = profiles.get(id);
    return stored && judge(stored);
  };
}
