import type { AnswerFields, Oddity } from '@loopwell/sdoh';
import type { Verdict } from '../read/partner-answers.ts';

const doors: Readonly<Record<string, string>> = {
  'fhir-rest': 'read from its server',
  hub: 'written by the partner at our address',
  manual: 'by phone',
  page: 'on its page',
};

const oddities: Readonly<Record<Oddity, string>> = {
  'not-a-task': 'It shows something else in place of the Task.',
  'not-understood':
    'It marks the Task in a way that Loopwell does not understand. Nothing was done.',
  'other-person': 'It now shows the Task for another person. Nothing was done.',
  'other-order': 'It now shows the Task for another order. Nothing was done.',
  'other-receipt': 'It shows the number of another Task. Nothing was done.',
  'other-owner': 'It handed the Task on to another organization.',
};

const verdicts: Readonly<Record<Verdict, string>> = {
  helped: 'helped, says the partner',
  'no-outcome': 'done, says the partner, without showing what was done',
  'outcome-doubted': 'done, says the partner, but what it shows contradicts that',
};

const fields: Readonly<Record<keyof AnswerFields, string>> = {
  when: 'When',
  where: 'Where',
  bring: 'What to bring',
  pauseUntil: 'Full until',
  whoElse: 'Who could help instead',
  missing: 'What is missing',
  nextTry: 'Next try',
  partner: 'Handed over to',
  note: 'Note',
};

/** English texts around the partners' own words. */
export const partnerTexts = {
  title: 'What partners said',
  hint: 'In their own words. They stay here: they go to no EHR, no other partner and no report.',
  door: (door: string) => doors[door] ?? door,
  oddities,
  verdicts,
  ended: (status: string) => `${status} (ended)`,
  unread: {
    elsewhere: 'it is kept where Loopwell does not read',
    'not-there': 'the partner does not show it',
    unreadable: 'it could not be read',
    'too-many': 'there were too many',
  } as Readonly<Record<string, string>>,
  unreadable: 'Something was written here that could not be read.',
  saidBy: 'Said by',
  recordedBy: 'Recorded by',
  alsoBy: 'Said again',
  notTaken: 'Not applied yet',
  notTakenWhy: 'the referral stands as it did before',
  reason: 'Reason',
  note: (by: string) => (by === '' ? 'Note' : `Note (${by})`),
  businessStatus: 'Status',
  result: 'Result',
  aResult: 'A result',
  needsReview: 'Needs review',
  fields,
  button: (says: string) => `“${says}”`,
  held: (partner: string, says: string, at: string) =>
    `${partner} answered ${says}. It counts at ${at}, unless they undo it. Until then nothing follows.`,
  countsAt: 'Counts at',
  undone: 'Undone',
  wordsRemoved: 'Words removed',
  by: (who: string, at: string) => (who === '' ? at : `by ${who}, ${at}`),
  remove: 'Remove these words',
  removed: 'The words were removed everywhere. That there was an answer, and by whom, stays.',
};
