/** The words of the dates by which something must happen. */
export const mustByTexts = {
  title: 'Is there a date by which this must happen?',
  hint: 'Help that comes later is of no use: a court date, a lock-out, power that is cut off. Leave it empty if there is none.',
  save: 'Save the date',
  saved: 'The date is saved. Everything about this need keeps to it.',
  wrong: 'Nothing was saved: look at the date that is marked.',
  back: 'Back to the person',
};
