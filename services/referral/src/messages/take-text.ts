import { type Clock, newId, timeZoneOf } from '@loopwell/kit';
import { type ReceivedText, receiverOf } from '@loopwell/messages';
import type { Nudge } from '@loopwell/pipeline';
import { answerToReply, type ReplyMeaning, readReply } from '@loopwell/sdoh';
import {
  directory,
  partnerMessages,
  partnerProfiles,
  partnerTexts,
  type Tx,
  wake,
} from '@loopwell/store';
import { waysOf } from '../directory/partner-settings.ts';
import type { MoveContext } from '../refer/ladder/move-on.ts';
import { wayFailed } from '../refer/ladder/way-failed.ts';
import { pauseAtLeast } from '../track/pause-full.ts';

/** The site as texts name it. */
export type TextSite = { siteName: string; sitePhone?: string | undefined };

type TextDeps = MoveContext & {
  site: TextSite;
  /** The clock of the gateway's times. */
  realClock: Clock;
};

/** What follows from a text: its answer, and the work that became due. */
export type TakenText = {
  /** Undefined where nobody is answered. */
  answer?: { partner: string; words: string; confirmsStop: boolean };
  nudges: Nudge[];
};

const nothing: TakenText = { nudges: [] };

/** More texts than these from one number in an hour are not answered: two machines talk then. */
const answeredAtMost = 10;

/** The text of somebody, with the partners that have the number. */
type Reply = {
  text: ReceivedText;
  receiver: string;
  partners: readonly string[];
  addresses: readonly string[];
  meaning: ReplyMeaning;
};

/**
 * Takes a text that a partner sent. One that comes twice is one. STOP is recorded before anything
 * else and holds for the number, whoever has it. FULL and OPEN count from a number that one partner
 * has; where several share it, a person asks. Words that ask for nothing are kept for the care team,
 * unless nobody in the directory has the number. DECISIONS D192.
 */
export async function takeText(tx: Tx, deps: TextDeps, text: ReceivedText): Promise<TakenText> {
  const receiver = receiverOf(text.from);
  const place = await partnersAt(tx, receiver);
  const reply: Reply = {
    text,
    receiver,
    ...place,
    meaning: await meaningOf(tx, deps, text),
  };
  if (!(await keep(tx, reply))) return nothing;
  const isAnswered = await recordStop(tx, deps, reply);
  const { until, nudges } = await follow(tx, deps, reply);
  const [partner] = reply.partners;
  const count = await partnerTexts.textsInAnHour(tx, receiver);
  if (partner === undefined || !isAnswered || count > answeredAtMost) return { nudges };
  const { siteName: site, sitePhone: phone } = deps.site;
  const words = answerToReply(answeredAs(reply), { site, phone, until });
  const confirmsStop = reply.meaning === 'stop';
  return { answer: { partner, words, confirmsStop }, nudges };
}

/** How long ago a text was sent, in milliseconds, where its gateway says so. */
function ageOf({ realClock }: TextDeps, { sentAt }: ReceivedText): number | undefined {
  return sentAt && Math.max(0, realClock.now().getTime() - sentAt.getTime());
}

/** Where a gateway gives no time, texts so near to each other may have come out of order. */
const nearMs = 120_000;

/**
 * Reads what a text asks for. A START or OPEN from before a STOP, or that may be from before it,
 * takes nothing back: a person reads it.
 */
async function meaningOf(tx: Tx, deps: TextDeps, text: ReceivedText): Promise<ReplyMeaning> {
  const meaning = readReply(text.text);
  if (meaning !== 'start' && meaning !== 'open') return meaning;
  const place = { way: 'text' as const, receiver: receiverOf(text.from) };
  const isEarly = await partnerTexts.hasStoppedWithin(tx, place, ageOf(deps, text) ?? nearMs);
  return isEarly ? 'other' : meaning;
}

/** Finds the partners that are told at a number. */
async function partnersAt(tx: Tx, receiver: string) {
  const partners = new Set<string>();
  const addresses = new Set<string>();
  for (const row of await directory.loadDirectory(tx, tx.tenant))
    for (const { kind, address } of waysOf(row)) {
      if (kind !== 'text' || receiverOf(address.replace(/^tel:/, '')) !== receiver) continue;
      partners.add(row.id);
      addresses.add(address);
    }
  return { partners: [...partners], addresses: [...addresses] };
}

/** Tells whether a FULL or OPEN may be meant for one of several partners. */
const isUnclear = ({ meaning, partners }: Reply): boolean =>
  (meaning === 'full' || meaning === 'open') && partners.length > 1;

const answeredAs = (reply: Reply): ReplyMeaning => (isUnclear(reply) ? 'other' : reply.meaning);

async function keep(tx: Tx, reply: Reply): Promise<boolean> {
  const { text, receiver, partners, meaning } = reply;
  const isKnown = partners.length > 0;
  const isForPerson = isKnown && (meaning === 'stop' || meaning === 'other' || isUnclear(reply));
  const words = isForPerson && meaning !== 'stop' ? text.text : null;
  const kept = { id: text.id, receiver, partners: [...partners], meaning, words, isForPerson };
  return partnerTexts.keepText(tx, kept);
}

/**
 * Records a STOP, or takes one back. Who says START, or that they are open, wants texts again.
 *
 * @returns true if the text may be answered: after a STOP only the STOP itself is, once
 */
async function recordStop(tx: Tx, deps: TextDeps, reply: Reply): Promise<boolean> {
  const { text, receiver, meaning } = reply;
  const place = { way: 'text' as const, receiver };
  if (meaning === 'stop') {
    const stop = { ...place, said_in: text.id };
    return partnerTexts.stopReceiver(tx, stop, ageOf(deps, text) ?? 0);
  }
  if (meaning === 'start' || (meaning === 'open' && !isUnclear(reply)))
    await partnerTexts.startReceiver(tx, place);
  return !(await partnerMessages.isStopped(tx, place));
}

/** Does what a text asks for. */
async function follow(
  tx: Tx,
  deps: TextDeps,
  reply: Reply,
): Promise<{ until?: string; nudges: Nudge[] }> {
  const [partner] = reply.partners;
  if (reply.meaning === 'stop') {
    const tasks = await partnerTexts.unansweredAt(tx, reply.addresses);
    return { nudges: await wayFailed(tx, { tasks, channel: 'text', code: 'stopped' }, deps) };
  }
  if (partner === undefined || isUnclear(reply)) return { nudges: [] };
  if (reply.meaning === 'full') return { nudges: [], until: await pause(tx, deps, partner) };
  return { nudges: reply.meaning === 'open' ? await open(tx, deps, partner) : [] };
}

const textedBy = (partner: string): string => `partner:${partner}`;

/**
 * Pauses a partner to the next day on which it is open, and for seven days at most. A pause that
 * ends later stands.
 *
 * @returns that day as people write it
 */
async function pause(tx: Tx, { clock }: TextDeps, partner: string): Promise<string> {
  const timeZone = timeZoneOf(clock);
  const profile = (await partnerProfiles.loadProfiles(tx)).get(partner)?.profile();
  const until = await pauseAtLeast(tx, { partner, profile }, clock);
  const format = { weekday: 'short', month: 'short', day: 'numeric', timeZone } as const;
  return new Intl.DateTimeFormat('en-US', format).format(until);
}

async function open(tx: Tx, { clock }: TextDeps, partner: string): Promise<Nudge[]> {
  const pausing = { partner, until: null, saidBy: textedBy(partner), now: clock.now() };
  const batch = newId();
  // Rows of the ledger are locked before what their workers read.
  await wake(tx, tx.tenant, batch);
  await partnerProfiles.pausePartner(tx, pausing);
  return [{ stage: 'refer', batch }];
}
