import type { Oddity } from '@loopwell/sdoh';
import { recallWords } from '../refer/record/record-recall.ts';

/** The name under which this service records what it does and what it read. */
export const principal = 'system:referral';

/** The words that the partner reads as the reason if its Task was not taken in time. */
export const silenceWords = 'Not accepted in time';

/**
 * Maps the words of our cancellations to the reasons that we keep. A worker may have ended between
 * the cancellation and its record.
 */
export const ownReasons: ReadonlyMap<string, string> = new Map([
  [silenceWords, 'not-accepted-in-time'],
  ...Object.entries(recallWords).map(([reason, words]): [string, string] => [words, reason]),
]);

/** The sentence of each oddity for the person who looks, without the partner's own words. */
export const oddWords = {
  'not-a-task': 'The partner shows another resource in place of the Task',
  'not-understood':
    'The Task carries modifierExtension or implicitRules: it may mean something else than it says',
  'other-person': 'The Task is for another person by now (for)',
  'other-order': 'The Task is for another order by now (focus)',
  'other-receipt': 'The Task carries the identifier of another Task',
  'other-owner': 'The Task has another Organization as its owner by now',
} as const satisfies Record<Oddity, string>;
