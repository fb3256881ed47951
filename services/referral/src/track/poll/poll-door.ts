import { odditiesOf, stoppingOddities } from '@loopwell/sdoh';
import { isNewAnswer, type LearnedAnswer } from '../../answers/keep-answers.ts';
import { inParallel } from '../../in-parallel.ts';
import type { Asked, Polled, PollResult, Report, TrackStageDeps } from './polled-task.ts';

/**
 * Polls one partner for its copies of some Tasks. This is the door of the channels that keep a
 * copy; it decides nothing. A version that was read before is nothing new.
 */
export async function pollPartner(
  deps: TrackStageDeps,
  batch: readonly Asked[],
): Promise<Polled[]> {
  const reports = await askPartner(deps, batch);
  const polled = batch.map((asked): Polled => ({ ...asked, poll: { kind: 'nothing' } }));
  const read = polled.map((task) => async () => {
    task.poll = await readReport(deps, task, reports.get(task.task.id) ?? { kind: 'gone' });
  });
  await inParallel(read, 4);
  return polled;
}

/**
 * Asks one partner for its Tasks. A failure becomes the report of each Task, so it concerns only
 * this partner.
 */
async function askPartner(
  deps: TrackStageDeps,
  batch: readonly Asked[],
): Promise<Map<string, Report>> {
  try {
    return await deps.poll(
      batch[0]?.task.address ?? '',
      batch.map(({ task }) => task),
    );
  } catch (error) {
    if (deps.isAway(error)) throw error;
    return new Map(batch.map(({ task }): [string, Report] => [task.id, { kind: 'failed', error }]));
  }
}

async function readReport(deps: TrackStageDeps, asked: Asked, report: Report): Promise<PollResult> {
  if (report.kind !== 'there') return report;
  try {
    const answer = await readVersion(deps, asked, report.body);
    return answer
      ? {
          kind: 'answer',
          answer,
          etag: report.etag,
        }
      : { kind: 'nothing' };
  } catch (error) {
    if (deps.isAway(error)) throw error;
    // A failure with one Task must not stop the partner's other Tasks.
    return { kind: 'failed', error };
  }
}

/**
 * Tries of reading an outcome before the loop is closed without it and the missing part is listed
 * for a person.
 */
const outcomeTries = 5;

/** Reads a version of a copy with its outputs; undefined if it was read before or says nothing. */
async function readVersion(
  deps: TrackStageDeps,
  { row, task, serviceRequest, identifierSystem }: Asked,
  body: LearnedAnswer['body'] | undefined,
): Promise<LearnedAnswer | undefined> {
  if (body === undefined) return undefined;
  const { person, partner, receipt_key: receiptKey } = task;
  const ours = {
    person,
    partner,
    receiptKey,
    serviceRequest,
    identifierSystem,
  };
  const oddities = odditiesOf(body, ours);
  if (!isNewAnswer(task, body, oddities.length > 0)) return undefined;
  // A Task that may be another's is read no further.
  const isStopped = oddities.some((oddity) => stoppingOddities.includes(oddity));
  const giveUp = row.attempts + 1 >= outcomeTries;
  const outputs = isStopped ? [] : await deps.outputs(task, body, giveUp);
  return {
    door: task.channel,
    body,
    outputs,
  };
}
