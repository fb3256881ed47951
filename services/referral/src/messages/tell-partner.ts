import { newId } from '@loopwell/kit';
import { dailyBudget, receiverOf, type SendMessage, type Sent } from '@loopwell/messages';
import { type Database, type MessagePlace, partnerMessages, type Tx } from '@loopwell/store';

/** How messages to partners are paced, in milliseconds. Tests are in a hurry. */
export type MessageTiming = {
  /** Between two messages of one kind to one partner. What is new meanwhile goes into the next. */
  windowMs: number;
  /** How long one message may take. */
  deadlineMs: number;
  /** How long one try holds a message; one that was cut short is followed by another after that. */
  leaseMs: number;
  /** Pauses after a try that was put off; after the last one, the message is given up. */
  againMs: readonly number[];
};

/** The pace of a site. A mail server that greylists takes a mail within the first half hour. */
export const messageTiming: MessageTiming = {
  windowMs: 300_000,
  deadlineMs: 20_000,
  leaseMs: 60_000,
  againMs: [60_000, 300_000, 900_000, 1_800_000],
};

/** What telling a partner needs. */
export type TellPartnerDeps = {
  db: Database;
  send: SendMessage;
  timing: MessageTiming;
  /** True if the text gateway knows a text by its id, so that it may be sent twice. */
  knowsTexts: boolean;
};

/** A message to a partner. `words` gets the number of requests that it is about. */
export type PartnerNotice = {
  /** Id of the partner in the directory. */
  partner: string;
  way: 'email' | 'text';
  /** A mailbox, or a number as E.164. */
  to: string;
  words: (count: number) => string;
} & (
  | { kind: 'partner-new' | 'partner-reminder'; tasks: readonly string[] }
  | { kind: 'partner-code'; tasks?: undefined }
  /** `confirmsStop`: it alone goes out after a STOP. */
  | { kind: 'reply'; tasks?: undefined; confirmsStop?: boolean }
);

/**
 * What came of telling a partner. `waiting`: it goes out later, so ask again after that time. With
 * `failed` it never goes out by this way.
 */
export type Told =
  | { state: 'accepted' }
  | { state: 'waiting'; ms: number; code?: string }
  | { state: 'failed'; code: string };

/** Tells a partner something by one way. */
export type TellPartner = (notice: PartnerNotice) => Promise<Told>;

/**
 * Creates the way by which partners are told. Each message has a receipt, which is written first.
 * A partner gets one message of a kind within the window, with all requests that are new. A message
 * that was cut short goes out again under its id; one by a gateway that would not know it again is
 * given up, since the next way tells the same. DECISIONS D191.
 */
export function createTellPartner(deps: TellPartnerDeps): TellPartner {
  return async (notice) => {
    const plan = await deps.db.tx((tx) => planMessage(tx, deps, notice));
    return plan.kind === 'settled' ? plan.answer : sendPlanned(deps, notice, plan);
  };
}

type Planned = { kind: 'send'; id: string; count: number; attempts: number };
type Plan = { kind: 'settled'; answer: Told } | Planned;

const settled = (answer: Told): Plan => ({ kind: 'settled', answer });

const placeOf = ({ partner, way, kind, to }: PartnerNotice): MessagePlace => ({
  ...{ partner, way, kind },
  receiver: receiverOf(to),
});

async function planMessage(tx: Tx, deps: TellPartnerDeps, notice: PartnerNotice): Promise<Plan> {
  const { way, tasks = [] } = notice;
  const place = placeOf(notice);
  await partnerMessages.lockMessages(tx, place);
  const confirmsStop = notice.kind === 'reply' && notice.confirmsStop === true;
  if (!confirmsStop && (await partnerMessages.isStopped(tx, place)))
    return settled({ state: 'failed', code: 'stopped' });
  const earlier = await earlierAnswer(tx, place, tasks);
  if (earlier !== undefined) return settled(earlier);
  if ((await partnerMessages.messagesInADay(tx, place.receiver)) >= dailyBudget)
    return settled({ state: 'failed', code: 'budget-spent' });
  const id = await messageAt(tx, deps, place, tasks);
  return turnOf(tx, deps, { id, way, isCounted: tasks.length > 0 });
}

/** The code of a message that was not sent, since the partner had answered all that it is about. */
const needless = 'answered';

/** Returns what came of an earlier message about the same Tasks; undefined before it is settled. */
async function earlierAnswer(
  tx: Tx,
  place: MessagePlace,
  tasks: readonly string[],
): Promise<Told | undefined> {
  let answer: Told | undefined;
  for (const task of tasks) {
    const message = await partnerMessages.messageAbout(tx, place, task);
    if (message === undefined || message.state === 'intended') return undefined;
    const isTaken = ['accepted', 'delivered'].includes(message.state) || message.code === needless;
    answer = isTaken
      ? { state: 'accepted' }
      : { state: 'failed', code: message.code ?? message.state };
  }
  return answer;
}

/** Puts Tasks into the message that waits at a place, or into a new one. */
async function messageAt(
  tx: Tx,
  { timing }: TellPartnerDeps,
  place: MessagePlace,
  tasks: readonly string[],
): Promise<string> {
  const waiting = tasks.length > 0 && (await partnerMessages.waitingMessage(tx, place));
  if (waiting) {
    // A message that may have left keeps what it said.
    if (waiting.attempts === 0) await partnerMessages.addTasks(tx, waiting.id, tasks);
    return waiting.id;
  }
  const id = newId();
  await partnerMessages.intendMessage(tx, id, place, tasks.length > 0 ? timing.windowMs : 0);
  await partnerMessages.addTasks(tx, id, tasks);
  return id;
}

type Turn = { id: string; way: 'email' | 'text'; isCounted: boolean };

/** Takes a message to send it, unless it has to wait or may not be sent again. */
async function turnOf(
  tx: Tx,
  { timing, knowsTexts }: TellPartnerDeps,
  { id, way, isCounted }: Turn,
): Promise<Plan> {
  const turn = await partnerMessages.takeMessage(tx, id, timing.leaseMs);
  if (turn.kind === 'wait') return settled({ state: 'waiting', ms: Math.max(turn.ms, 200) });
  const { attempts, tasks, wasCut } = turn;
  if (isCounted && tasks.length === 0) {
    await partnerMessages.settleMessage(tx, { id, state: 'refused', code: needless });
    return settled({ state: 'accepted' });
  }
  if (wasCut && way === 'text' && !knowsTexts) {
    await partnerMessages.settleMessage(tx, { id, state: 'unknown', code: 'unknown' });
    return settled({ state: 'failed', code: 'unknown' });
  }
  return { kind: 'send', id, attempts, count: isCounted ? tasks.length : 0 };
}

async function sendPlanned(
  { db, send, timing, knowsTexts }: TellPartnerDeps,
  notice: PartnerNotice,
  { id, count, attempts }: Planned,
): Promise<Told> {
  const { way, to, kind, words } = notice;
  const sent = await send({ id, kind, way, to, text: words(count) });
  const answer = answerOf(sent, timing.againMs[attempts - 1], way === 'email' || knowsTexts);
  const remoteId = sent.state === 'accepted' ? sent.remoteId : undefined;
  const code = answer.state === 'accepted' ? undefined : answer.code;
  const againMs = answer.state === 'waiting' ? answer.ms : undefined;
  const state = stateOf(answer);
  await db.tx(async (tx) => {
    await partnerMessages.lockMessages(tx, placeOf(notice));
    await partnerMessages.settleMessage(tx, { id, state, code, remoteId, againMs });
  });
  return answer;
}

function stateOf(answer: Told) {
  if (answer.state === 'accepted') return 'accepted';
  if (answer.state === 'waiting') return 'intended';
  return answer.code === 'unknown' ? 'unknown' : 'refused';
}

/** Failures after which the same way may work a little later. */
const passing: readonly string[] = ['unreachable', 'later', 'failed'];
/** Failures after which nobody can tell whether the message was taken. */
const unclear: readonly string[] = ['deadline', 'unknown'];

/** Says what follows from a try. */
function answerOf(sent: Sent, againMs: number | undefined, mayRepeat: boolean): Told {
  if (sent.state === 'accepted') return { state: 'accepted' };
  const { code, detail } = sent;
  const isUnclear = unclear.includes(code);
  if (isUnclear && !mayRepeat) return { state: 'failed', code: 'unknown' };
  const isPassing = isUnclear || passing.includes(code);
  if (isPassing && againMs !== undefined) return { state: 'waiting', ms: againMs, code };
  return { state: 'failed', code: detail ?? code };
}
