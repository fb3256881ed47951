import type { fhir4 } from '@loopwell/fhir';
import { errorRecord, fingerprint, sleep } from '@loopwell/kit';
import type { Poll } from '@loopwell/partners';
import { answerKey, type ReadOutput, saysSomething } from '@loopwell/sdoh';
import type { TaskRow } from '@loopwell/store';

/** A partner's copy of a Task as a send, a recall or a poll read it. DECISIONS D87. */
export type LearnedAnswer = {
  /** The channel that read it. */
  door: string;
  body: fhir4.Task;
  outputs: readonly ReadOutput[];
  /** Its outputs could not be read now. The same answer counts as new once they can. */
  isPartial?: boolean;
};

/** What reads the outputs of a copy: a channel by its id. */
type Reader = { id: string } & Pick<Poll, 'outputs'>;

/**
 * Reads a partner's answer with its outputs; undefined if the Task says nothing beyond what we
 * sent.
 */
export async function learnAnswer(
  reader: Reader,
  body: fhir4.Task,
): Promise<LearnedAnswer | undefined> {
  if (!saysSomething(body)) return undefined;
  const door = reader.id;
  try {
    return { door, body, outputs: await readOutputs(reader, body) };
  } catch {
    // The send or recall that brought the answer goes on. The next poll asks for its outputs again.
    return { door, body, outputs: [], isPartial: true };
  }
}

/**
 * How often and how long a busy partner is waited for. A partner that is away is not waited for.
 */
const [busyTries, busyAtMostMs] = [3, 5_000];

/** Reads the outputs of a Task, and tries again if the partner is busy for a moment. */
async function readOutputs({ outputs }: Reader, body: fhir4.Task): Promise<readonly ReadOutput[]> {
  for (let triesLeft = busyTries; ; triesLeft -= 1) {
    try {
      return await outputs(body);
    } catch (error) {
      const busyMs = busyFor(error);
      if (busyMs === undefined || triesLeft === 1) throw error;
      await sleep(busyMs);
    }
  }
}

/**
 * Gives the milliseconds until a busy partner may be asked, if they are few; undefined otherwise.
 */
function busyFor(error: unknown): number | undefined {
  const { facts } = errorRecord(error);
  const { leftAlone, retryAfterMs } = facts;
  return leftAlone === true && typeof retryAfterMs === 'number' && retryAfterMs <= busyAtMostMs
    ? retryAfterMs
    : undefined;
}

const partly = ':partial';

/** Tells whether the outputs of the last answer could not be read. */
export const isPartly = (hash: string | null | undefined): boolean =>
  hash?.endsWith(partly) ?? false;

const hashOf = (body: fhir4.Task): string => fingerprint(answerKey(body));

/** Gives the key by which a version of a partner's copy is told from the version read before. */
export const copyHash = ({ body, isPartial = false }: LearnedAnswer): string =>
  isPartial ? `${hashOf(body)}${partly}` : hashOf(body);

/**
 * Tells whether an answer is new. An answer that was read before is not, and neither is a Task that
 * is as we sent it.
 *
 * @param isOdd something in it is not as we sent it, its owner for example
 */
export function isNewAnswer(
  task: Pick<TaskRow, 'answer_hash'>,
  body: fhir4.Task,
  isOdd = false,
): boolean {
  if (task.answer_hash === null && !isOdd && !saysSomething(body)) return false;
  return hashOf(body) !== task.answer_hash;
}
