import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import { errorRecord, fingerprint, sleep } from '@loopwell/kit';
import type { Channel } from '@loopwell/partners';
import {
  answerKey,
  isTaskStatus,
  keptBody,
  odditiesOf,
  type ReadOutput,
  readAnswer,
  type ShownOutput,
  saysSomething,
  shownOutput,
} from '@loopwell/sdoh';
import { type AnswerRow, answers, installation, type TaskRow, type Tx } from '@loopwell/store';

/** The content of a partner's Task as one of our entry points read it. DECISIONS D87. */
export type LearnedAnswer = {
  door: AnswerRow['door'];
  body: fhir4.Task;
  outputs: readonly ReadOutput[];
  /** Its outputs could not be read now. The same answer counts as new once they can. */
  isPartial?: boolean;
};

/**
 * Reads a partner's answer with its outputs; undefined if the Task says nothing beyond what we
 * sent.
 */
export async function learnAnswer(
  channel: Channel,
  body: fhir4.Task,
  door: AnswerRow['door'],
): Promise<LearnedAnswer | undefined> {
  if (!saysSomething(body)) return undefined;
  try {
    return { door, body, outputs: await readOutputs(channel, body) };
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
async function readOutputs(channel: Channel, body: fhir4.Task): Promise<readonly ReadOutput[]> {
  for (let triesLeft = busyTries; ; triesLeft -= 1) {
    try {
      return await channel.outputs(body);
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

/** The Task that an answer is about, as far as the sender knows it. */
type Of = {
  id: string;
  tenant: string;
  referral: string;
  person: string;
  partner: string;
  receipt_key: string;
};

/** Keeps answers in the transaction that accepts their status, one for each Task at most. */
export async function keepAnswers(
  tx: Tx,
  results: readonly {
    task: Of;
    answer?: LearnedAnswer | undefined;
    serviceRequest?: string | null;
  }[],
): Promise<void> {
  const learned = mapDefined(results, ({ task, answer, serviceRequest = null }) =>
    answer ? { task, answer, serviceRequest } : undefined,
  );
  if (learned.length === 0) return;
  const identifierSystem = await installation.identifierSystem(tx);
  await answers.saveAnswers(
    tx,
    learned.map(({ task, answer, serviceRequest }) =>
      answerRow(task, answer, { identifierSystem, serviceRequest }),
    ),
  );
}

type Ours = { identifierSystem: string; serviceRequest: string | null };

function answerRow(
  task: Of,
  { door, body, outputs, isPartial }: LearnedAnswer,
  ours: Ours,
): AnswerRow & { hash: string } {
  const partnerAnswer = readAnswer(body);
  const shown: ShownOutput[] = outputs.map(shownOutput);
  const expected = {
    person: task.person,
    receiptKey: task.receipt_key,
    partner: task.partner,
    ...ours,
  };
  return {
    tenant: task.tenant,
    task: task.id,
    referral: task.referral,
    person: task.person,
    door,
    who: `partner:${task.partner}`,
    status: partnerAnswer.status,
    known_status: isTaskStatus(partnerAnswer.status) ? partnerAnswer.status : null,
    codes: JSON.stringify(partnerAnswer.codes),
    oddities: JSON.stringify(odditiesOf(body, expected)),
    with_words:
      partnerAnswer.reason !== null ||
      partnerAnswer.note !== null ||
      partnerAnswer.businessStatus !== null ||
      shown.length > 0,
    reason: partnerAnswer.reason,
    note: partnerAnswer.note,
    business_status: partnerAnswer.businessStatus,
    outputs: JSON.stringify(shown),
    body: keptBody(body),
    hash: `${hashOf(body)}${isPartial ? partly : ''}`,
  };
}
