import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { learnAnswer } from './keep-answers.ts';

const body: fhir4.Task = {
  resourceType: 'Task',
  id: 't',
  status: 'cancelled',
  intent: 'order',
  note: [{ text: 'Gave part of it' }],
};
const busy = (retryAfterMs: number) =>
  new AppError('REMOTE_UNAVAILABLE', 'Busy', {
    facts: { leftAlone: true, neverSent: true, retryAfterMs },
  });
const away = new AppError('REMOTE_UNAVAILABLE', 'Away');

/** A partner whose outputs cannot be read the first times. */
function partnerThat(failures: AppError[]) {
  const asked = { times: 0 };
  const outputs = async () => {
    asked.times += 1;
    const failure = failures.shift();
    if (failure) throw failure;
    return [];
  };
  return { asked, channel: { id: 'fhir-rest', outputs } };
}

describe('the outputs of an answer that comes with a recall', () => {
  it.each([
    ['are read when the partner was busy for a moment', [busy(5), busy(5)], 3, undefined],
    ['wait for the next look when it stays busy', [busy(5), busy(5), busy(5)], 3, true],
    ['wait for the next look when it is busy for long', [busy(60_000)], 1, true],
    ['wait for the next look when it is away', [away], 1, true],
  ])('%s', async (_name, failures, times, isPartial) => {
    const { asked, channel } = partnerThat([...failures]);
    const answer = await learnAnswer(channel, body);
    expect({ isPartial: answer?.isPartial, times: asked.times }).toEqual({ isPartial, times });
  });
});
