import {
  isTaken,
  type Oddity,
  odditiesOf,
  personReasonOf,
  readAnswer,
  stoppingOddities,
} from '@loopwell/sdoh';
import { recallWords } from '../refer/record-recall.ts';
import type { Asked } from './polled-task.ts';
import type { Report } from './track.ts';

/** The words that the partner reads as the reason if its Task was not taken in time. */
export const silenceWords = 'Not accepted in time';

/**
 * Maps the words of our cancellations to the reasons that we keep. A worker may have ended between
 * the cancellation and its record.
 */
const ownReasons: ReadonlyMap<string, string> = new Map([
  [silenceWords, 'not-accepted-in-time'],
  ...Object.entries(recallWords).map(([reason, words]): [string, string] => [words, reason]),
]);

/** Adds to a report the parts of the Task that decide anything beside its status. */
export function reading(report: Report, { task, serviceRequest, identifierSystem }: Asked): Report {
  if (report.kind !== 'there' || report.body === undefined) return report;
  const { body } = report;
  const expected = {
    person: task.person,
    serviceRequest,
    receiptKey: task.receipt_key,
    partner: task.partner,
    identifierSystem,
  };
  const oddities = odditiesOf(body, expected);
  const odd = oddities.filter((one) => stoppingOddities.includes(one));
  const words = readAnswer(body).reason ?? '';
  // A Task that was taken is never silent, so these are the partner's own words.
  const cancelledFor =
    words === silenceWords && isTaken(task.status) ? undefined : ownReasons.get(words);
  return {
    ...report,
    statement: {
      odd,
      handedOn: oddities.includes('other-owner'),
      reason: personReasonOf(body),
      cancelledFor,
    },
  };
}

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
