import { withoutUndefined } from '@loopwell/fhir';
import { AppError, errorRecord } from '@loopwell/kit';
import type { LearnedAnswer } from '../answers/keep-answers.ts';
import type { Delivery, Outgoing } from './model.ts';

/** A partner's connection, as sends use it. */
export type Sender = {
  /**
   * Sends a Task.
   *
   * @param isOurs asked right before anything leaves
   */
  send: (
    outgoing: Outgoing,
    isOurs: () => boolean,
  ) => Promise<({ kind: 'there' } & Arrived) | { kind: 'waiting'; ms: number }>;
  whenUnknown: { kind: 'ask'; ask: Ask } | { kind: 'same-key' | 'repeat' | 'person' };
};

type Ask = (
  outgoing: Outgoing,
) => Promise<({ kind: 'there' } & Arrived) | { kind: 'not-there' } | { kind: 'cannot-tell' }>;

/** A Task that is at its partner, and the partner's answer so far. */
type Arrived = {
  remoteId: string;
  etag?: string | undefined;
  status: string;
  answer?: LearnedAnswer | undefined;
};

/**
 * Checks right before the POST: whether the lease is still ours, and whether sends are held by now.
 */
export type Doors = { isOurs: () => boolean; isHeld: (outgoing: Outgoing) => Promise<boolean> };

/**
 * How often a partner may accept a Task and then, asked twice, not show it. After that it is the
 * next partner's turn, because this one does not keep Tasks.
 */
const notKeptAtMost = 2;

/**
 * Sends one Task. If the Task may have arrived already, the channel says what comes first: a
 * question, the same send again, or a person.
 */
export async function deliver(sender: Sender, outgoing: Outgoing, doors: Doors): Promise<Delivery> {
  try {
    const delivery = outgoing.ask && (await beforeSendingAgain(sender, outgoing, outgoing.ask));
    if (delivery) return delivery;
    if (await doors.isHeld(outgoing)) return { kind: 'held' };
  } catch (error) {
    return { kind: 'failed', error };
  }
  try {
    const sent = await sender.send(outgoing, doors.isOurs);
    return sent.kind === 'there' ? there(sent) : sent;
  } catch (error) {
    return refusalOf(error) ?? { kind: 'failed', error };
  }
}

type Repeat = NonNullable<Outgoing['ask']>;

/**
 * Obeys what the channel declares for a Task that may have arrived.
 *
 * @returns undefined if it may be sent again
 */
async function beforeSendingAgain(
  { whenUnknown }: Sender,
  outgoing: Outgoing,
  repeat: Repeat,
): Promise<Delivery | undefined> {
  switch (whenUnknown.kind) {
    case 'ask':
      return askFirst(whenUnknown.ask, outgoing, repeat);
    case 'same-key':
    case 'repeat':
      return repeat.resend ? undefined : { kind: 'cannot-tell', code: unaskable };
    case 'person':
      return { kind: 'cannot-tell', code: personDecides };
  }
}

const unaskable = 'The partner cannot be asked whether it has the Task';
const personDecides =
  'Nobody knows whether the referral arrived. It is not sent again by itself: ask the partner, ' +
  'and write down the answer';

/**
 * Asks the partner whether it already has the Task. It is sent again only after two answers, some
 * time apart, that it is not there.
 *
 * @returns undefined if it is proved that the partner does not have it, and it may be sent again
 */
async function askFirst(
  ask: Ask,
  outgoing: Outgoing,
  repeat: Repeat,
): Promise<Delivery | undefined> {
  const answer = await ask(outgoing);
  if (answer.kind === 'there') return there(answer);
  if (answer.kind === 'cannot-tell') return { kind: 'cannot-tell', code: unaskable };
  if (!repeat.deniedBefore) return { kind: 'not-there' };
  if (repeat.notKept >= notKeptAtMost) return { kind: 'refused', status: 0, issueCode: 'not-kept' };
  return repeat.resend ? undefined : { kind: 'abandoned' };
}

/** Makes the delivery of a Task that is at its partner. */
function there({ remoteId, etag, status, answer }: Arrived): Delivery {
  return {
    kind: 'there',
    remoteId,
    status,
    ...withoutUndefined({ etag: etag || undefined, answer: answer || undefined }),
  };
}

/**
 * Gives the refusal in an error: a 4xx other than 408, 425 and 429, after which this partner will
 * not take this Task. Gives undefined for other errors.
 */
function refusalOf(error: unknown): Delivery | undefined {
  if (!(error instanceof AppError) || error.code !== 'REMOTE_REFUSED') return undefined;
  const { facts } = errorRecord(error);
  const status = typeof facts.status === 'number' ? facts.status : 0;
  if (facts.neverSent === true || status < 400 || status >= 500 || [408, 425, 429].includes(status))
    return undefined;
  return {
    kind: 'refused',
    status,
    ...withoutUndefined({
      issueCode: typeof facts.issueCode === 'string' ? facts.issueCode : undefined,
    }),
  };
}
