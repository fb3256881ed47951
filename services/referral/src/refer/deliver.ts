import { withoutUndefined } from '@loopwell/fhir';
import { AppError, errorRecord } from '@loopwell/kit';
import type { LearnedAnswer } from '../answers/keep-answers.ts';
import type { Delivery, Outgoing } from './model.ts';

/** A partner channel, as sends use it. The folders of the channels implement it. */
export type Sender = {
  /**
   * Sends a Task.
   *
   * @param isOurs asked right before the POST leaves
   */
  send: (outgoing: Outgoing, isOurs: () => boolean) => Promise<Found>;
  ask: (
    outgoing: Outgoing,
  ) => Promise<({ kind: 'there' } & Found) | { kind: 'not-there' } | { kind: 'cannot-tell' }>;
};

/** A Task that is at its partner, and the partner's answer so far. */
type Found = {
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
 * Sends one Task. If the Task may have arrived already, the partner is asked first. It is sent
 * again only after two answers, some time apart, that it is not there, under the same identifier
 * and with `If-None-Exist`.
 */
export async function deliver(sender: Sender, outgoing: Outgoing, doors: Doors): Promise<Delivery> {
  try {
    const delivery = outgoing.ask && (await askFirst(sender, outgoing, outgoing.ask));
    if (delivery) return delivery;
    if (await doors.isHeld(outgoing)) return { kind: 'held' };
  } catch (error) {
    return { kind: 'failed', error };
  }
  try {
    return there(await sender.send(outgoing, doors.isOurs));
  } catch (error) {
    return refusalOf(error) ?? { kind: 'failed', error };
  }
}

/**
 * Asks the partner whether it already has the Task.
 *
 * @returns undefined if it is proved that the partner does not have it, and it may be sent again
 */
async function askFirst(
  sender: Sender,
  outgoing: Outgoing,
  how: NonNullable<Outgoing['ask']>,
): Promise<Delivery | undefined> {
  const answer = await sender.ask(outgoing);
  if (answer.kind === 'there') return there(answer);
  if (answer.kind === 'cannot-tell')
    return { kind: 'cannot-tell', code: 'The partner cannot be asked whether it has the Task' };
  if (!how.deniedBefore) return { kind: 'not-there' };
  if (how.notKept >= notKeptAtMost) return { kind: 'refused', status: 0, issueCode: 'not-kept' };
  return how.resend ? undefined : { kind: 'abandoned' };
}

/** Makes the delivery of a Task that is at its partner. */
function there({ remoteId, etag, status, answer }: Found): Delivery {
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
