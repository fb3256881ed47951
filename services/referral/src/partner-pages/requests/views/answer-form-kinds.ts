import type { AnswerButton } from '@loopwell/sdoh';

/** The forms that ask for more than one tap, as they stand in an address. */
const answerForms = ['come', 'wait', 'no', 'part', 'try', 'hand-over', 'back'] as const;

export type AnswerForm = (typeof answerForms)[number];

const forms: Partial<Record<AnswerButton, AnswerForm>> = {
  yesTheyCanCome: 'come',
  yesButWait: 'wait',
  noFull: 'no',
  noOutsideArea: 'no',
  noOutsideRules: 'no',
  noNotOffered: 'no',
  noOther: 'no',
  partOfIt: 'part',
  noAnswer1: 'try',
  noAnswer2: 'try',
  handOver: 'hand-over',
  cantAfterAll: 'back',
};

/** Gives the form of a button; undefined where one tap says it all. */
export const formOf = (button: AnswerButton): AnswerForm | undefined => forms[button];

/** Tells whether a part of an address names a form. */
export const isAnswerForm = (text: unknown): text is AnswerForm =>
  answerForms.some((form) => form === text);
