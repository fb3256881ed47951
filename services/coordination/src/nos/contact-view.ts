import {
  type ContactAnswer,
  type ContactFacts,
  countedReach,
  doesNoStand,
  mayContact,
  type ReachWay,
} from '@loopwell/sdoh';
import {
  contact,
  type NoRow,
  partnerProfiles,
  peopleInDanger,
  referrals,
  type TryRow,
  type Tx,
} from '@loopwell/store';
import type { PersonSubject } from '../find-subject.ts';

/** What the page of a person shows of their nos and the tries to reach them. */
export type ContactView = {
  person: string;
  /** The site's day. */
  today: string;
  /** Those that stand, the latest first. */
  nos: readonly NoRow[];
  tries: readonly TryRow[];
  /** A try that somebody has taken and not ended. */
  open: TryRow | undefined;
  /** The way in which they may be contacted first, and whether that may be done now. */
  channel: ReachWay;
  answer: ContactAnswer;
  /** The only way that holds, in the words of the person. */
  safeWay: string | undefined;
  /** What they chose may be shown to whoever is about to contact them. */
  isReachShown: boolean;
  /** They bear the mark *See first*, whose reason is to be opened before anybody contacts them. */
  isMarked: boolean;
  /** Categories of help that they need or have said something of. */
  categories: readonly string[];
  /** Names of the partners by their ids. */
  partners: ReadonlyMap<string, string>;
};

/** The tries that the page lists at most. */
const mostTries = 10;

/** Reads the nos of a person, their tries, and whether they may be contacted now. */
export async function readContact(
  tx: Tx,
  { person, patients }: PersonSubject,
  today: string,
): Promise<ContactView> {
  const [patient = person] = patients;
  const nos = (await contact.personNos(tx, [patient])).get(patient) ?? [];
  const tries = (await contact.personTries(tx, [patient])).get(patient) ?? [];
  const facts = (await contact.contactFacts(tx, [patient])).get(patient);
  const rows = await referrals.referralsOfPeople(tx, patients);
  const listed = await partnerProfiles.namedPartners(tx);
  const channel = firstWay((facts && countedReach(facts))?.ways);
  const ask = { channel, category: null, by: 'staff' as const, today };
  const categories = [...rows, ...nos].flatMap(({ category }) => category ?? []);
  const seen = facts?.seeInPerson;
  return {
    person,
    today,
    safeWay: seen?.safeWay,
    isReachShown: facts !== undefined && isReachShown(facts),
    nos: nos.filter((no) => doesNoStand(contact.noOf(no), today)),
    tries: tries.slice(0, mostTries),
    open: tries.find(({ outcome }) => outcome === null),
    channel,
    isMarked: (await peopleInDanger(tx, tx.tenant, patients)).size > 0,
    answer: facts ? mayContact(facts, ask) : { may: false, rule: 'inactive' },
    categories: [...new Set(categories)].toSorted(),
    partners: new Map(listed.map(({ id, name }) => [id, name])),
  };
}

/** Tells whether what they chose counts: it is none, or it is not older than a safe way. */
function isReachShown(facts: ContactFacts): boolean {
  const { reach, seeInPerson } = facts;
  if (seeInPerson === undefined) return true;
  const { safeWay, override } = seeInPerson;
  if (safeWay === undefined && override === undefined) return false;
  return reach !== undefined && countedReach(facts) !== undefined;
}

/** The way that they like best; a call where nobody has asked. */
const firstWay = (ways: readonly ReachWay[] | undefined): ReachWay => ways?.[0] ?? 'call';
