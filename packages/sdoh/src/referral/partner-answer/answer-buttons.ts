import { systems } from '@loopwell/fhir';
import type { TaskStatus } from '../task-state-machine.ts';

/** What a helper may type or choose beside a button. */
export type AnswerField =
  | 'when'
  | 'where'
  | 'bring'
  | 'pauseUntil'
  | 'whoElse'
  | 'missing'
  | 'nextTry'
  | 'partner'
  | 'note';

type ButtonCode = { system: string; code: string; text: string };

/** One button of the partner page, as a move of the Task. */
export type ButtonRow = {
  /** What a helper says by it, in plain words. */
  says: string;
  /** Before the partner has taken the Task, or after. */
  offered: 'before yes' | 'after yes';
  /** Partners of kind `legal` have buttons of their own. */
  kinds: 'all' | 'not legal' | 'legal';
  to: TaskStatus;
  statusReason?: ButtonCode;
  businessStatus?: ButtonCode;
  /** The order's service goes into Task.output as what was done (guide, `resulting-activity`). */
  output?: 'resulting-activity';
  fields: readonly AnswerField[];
  next: ButtonNext;
};

/** What happens once a button counts. */
export type ButtonNext =
  | 'partner-helps'
  | 'next-partner'
  | 'pause-and-next-partner'
  | 'loop-closes'
  | 'rest-is-suggested'
  | 'partner-tries-again'
  | 'coordinator'
  | 'no-of-the-person'
  | 'named-partner-or-coordinator';

const ours = (code: string, text: string): ButtonCode => ({
  system: systems.declineReason,
  code,
  text,
});
const step = (code: string, text: string): ButtonCode => ({
  system: systems.businessStatus,
  code,
  text,
});
const guide = (code: string, text: string): ButtonCode => ({ system: systems.sdohcc, code, text });

/** The business status of a Task whose end can still be undone. */
export const answerPending = step('answer-pending', 'An answer was given and can still be undone');

/**
 * The buttons of the partner page, each as a move of the Task. Nothing that a helper types decides
 * where a referral goes on: the button alone does. A button never says `rejected` for the person's
 * no. A partner of kind `legal` gives no reason and no words.
 * DECISIONS D197.
 */
export const answerButtons = {
  yesTheyCanCome: {
    says: 'Yes, they can come',
    offered: 'before yes',
    kinds: 'all',
    to: 'accepted',
    businessStatus: step('expects-visit', 'The partner expects the person'),
    fields: ['when', 'where', 'bring', 'note'],
    next: 'partner-helps',
  },
  yesWeCall: {
    says: 'Yes, we’ll call',
    offered: 'before yes',
    kinds: 'all',
    to: 'accepted',
    businessStatus: step('will-contact', 'The partner contacts the person'),
    fields: ['when', 'note'],
    next: 'partner-helps',
  },
  yesButWait: {
    says: 'Yes, but there’s a wait',
    offered: 'before yes',
    kinds: 'all',
    to: 'accepted',
    businessStatus: guide('waitlist', 'The partner has a waitlist'),
    fields: ['when', 'note'],
    next: 'partner-helps',
  },
  noFull: {
    says: 'No, we’re full',
    offered: 'before yes',
    kinds: 'not legal',
    to: 'rejected',
    statusReason: guide('no-capacity', 'The partner is full'),
    fields: ['pauseUntil', 'whoElse', 'note'],
    next: 'pause-and-next-partner',
  },
  noOutsideArea: {
    says: 'No, outside our area',
    offered: 'before yes',
    kinds: 'not legal',
    to: 'rejected',
    statusReason: ours('outside-area', 'Outside the partner’s area'),
    fields: ['whoElse', 'note'],
    next: 'next-partner',
  },
  noOutsideRules: {
    says: 'No, they don’t meet our rules',
    offered: 'before yes',
    kinds: 'not legal',
    to: 'rejected',
    statusReason: ours('outside-rules', 'Outside the partner’s rules'),
    fields: ['whoElse', 'note'],
    next: 'next-partner',
  },
  noNotOffered: {
    says: 'No, we don’t offer this',
    offered: 'before yes',
    kinds: 'not legal',
    to: 'rejected',
    statusReason: ours('not-offered', 'The partner does not offer this'),
    fields: ['whoElse', 'note'],
    next: 'next-partner',
  },
  noOther: {
    says: 'No, another reason',
    offered: 'before yes',
    kinds: 'not legal',
    to: 'rejected',
    statusReason: ours('other', 'The partner cannot help, for another reason'),
    fields: ['whoElse', 'note'],
    next: 'next-partner',
  },
  cantHelpWithThisOne: {
    says: 'We can’t help with this one',
    offered: 'before yes',
    kinds: 'legal',
    to: 'rejected',
    fields: [],
    next: 'next-partner',
  },
  gotHelp: {
    says: 'They got help',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'completed',
    output: 'resulting-activity',
    fields: ['note'],
    next: 'loop-closes',
  },
  partOfIt: {
    says: 'They got part of it',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'completed',
    businessStatus: step('partly-helped', 'The person got a part of it'),
    output: 'resulting-activity',
    fields: ['missing', 'note'],
    next: 'rest-is-suggested',
  },
  noAnswer1: {
    says: 'No answer (1 of 3)',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'in-progress',
    businessStatus: step('no-answer-1', 'The person could not be reached once'),
    fields: ['nextTry', 'note'],
    next: 'partner-tries-again',
  },
  noAnswer2: {
    says: 'No answer (2 of 3)',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'in-progress',
    businessStatus: step('no-answer-2', 'The person could not be reached twice'),
    fields: ['nextTry', 'note'],
    next: 'partner-tries-again',
  },
  noAnswer3: {
    says: 'No answer (3 of 3)',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'failed',
    statusReason: ours('unable-to-reach', 'The person could not be reached three times'),
    businessStatus: step('no-answer-3', 'The person could not be reached three times'),
    fields: ['note'],
    next: 'coordinator',
  },
  notSeenYet: {
    says: 'Not seen yet',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'on-hold',
    statusReason: ours('did-not-come', 'The person has not come yet'),
    businessStatus: step('not-seen-yet', 'The person has not come yet'),
    fields: ['note'],
    next: 'coordinator',
  },
  saidNo: {
    says: 'They said no thank you',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'cancelled',
    statusReason: ours('person-declined', 'The person said no thank you'),
    fields: ['note'],
    next: 'no-of-the-person',
  },
  wrongPersonOrNumber: {
    says: 'Wrong person or number',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'failed',
    statusReason: ours('wrong-contact', 'The person or the number is the wrong one'),
    fields: ['note'],
    next: 'coordinator',
  },
  handOver: {
    says: 'Hand over to someone else',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'cancelled',
    statusReason: ours('handed-over', 'The partner names another one that could help'),
    fields: ['partner', 'whoElse', 'note'],
    next: 'named-partner-or-coordinator',
  },
  cantAfterAll: {
    says: 'We can’t after all',
    offered: 'after yes',
    kinds: 'not legal',
    to: 'cancelled',
    statusReason: ours('handed-back', 'The partner cannot help after all'),
    fields: ['whoElse', 'note'],
    next: 'coordinator',
  },
  talkedWithThem: {
    says: 'Talked with them',
    offered: 'after yes',
    kinds: 'legal',
    to: 'in-progress',
    businessStatus: step('in-contact', 'The partner talked with the person'),
    fields: [],
    next: 'partner-helps',
  },
  closedLegal: {
    says: 'Closed',
    offered: 'after yes',
    kinds: 'legal',
    to: 'completed',
    fields: [],
    next: 'loop-closes',
  },
} as const satisfies Record<string, ButtonRow>;

export type AnswerButton = keyof typeof answerButtons;

/** The row of a button; `satisfies` alone would keep optional members out of reach. */
export const buttonRow = (button: AnswerButton): ButtonRow => answerButtons[button];

/** All rows of the table. */
export const buttonRows: readonly ButtonRow[] = Object.values(answerButtons);

/** Tells whether a text that came in names a button. */
export const isAnswerButton = (text: unknown): text is AnswerButton =>
  typeof text === 'string' && Object.hasOwn(answerButtons, text);
