import { withoutUndefined } from '@loopwell/fhir';
import { AppError, errorRecord } from '@loopwell/kit';
import type { LearnedAnswer } from '../answers/keep-answers.ts';
import type { Delivery, Outgoing } from './model.ts';

/** What a partner channel answers; the shelf's folders speak these words. */
export type Sender = {
  /** @param isOurs asked right before the POST leaves */
  send: (outgoing: Outgoing, isOurs: () => boolean) => Promise<Found>;
  ask: (
    outgoing: Outgoing,
  ) => Promise<({ kind: 'there' } & Found) | { kind: 'not-there' } | { kind: 'cannot-tell' }>;
};

/** A Task that is at its partner, with what the partner says by now. */
type Found = {
  remoteId: string;
  etag?: string | undefined;
  status: string;
  answer?: LearnedAnswer | undefined;
};

/** Asked right before the POST: is the lease still ours, and did nobody hold sends meanwhile? */
export type Doors = { isOurs: () => boolean; isHeld: (outgoing: Outgoing) => Promise<boolean> };

/**
 * A partner that said yes this often and then, asked twice, showed nothing does not keep Tasks: the
 * next one's turn.
 */
const notKeptAtMost = 2;

/**
 * Sends one Task. One that may have arrived already is asked for first; only a "no" that was shown
 * twice, some time apart, lets it go again, under the same identifier and `If-None-Exist`.
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

/** @returns undefined when it is proved that the partner does not have it, and it may go again */
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

function there({ remoteId, etag, status, answer }: Found): Delivery {
  return {
    kind: 'there',
    remoteId,
    status,
    ...withoutUndefined({ etag: etag || undefined, answer: answer || undefined }),
  };
}

/** A refusal is a 4xx other than 408, 425 and 429: this partner will not take this Task. */
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
