/** The words of the page on which a director adds and removes people. */
export const peopleTexts = {
  title: 'People who answer for you',
  intro:
    'Each person has a code of their own. It counts for 90 days, and ends after 30 days without use.',
  directorsOnly: 'Only a director adds and removes people. Ask yours.',
  director: 'Director',
  lastSignIn: (at: string) => `Last here ${at}`,
  never: 'Has not signed in yet',
  codeEnds: (at: string) => `Code ends ${at}`,
  noCode: 'The code has ended. Only the clinic gives a new one, and calls you for it.',
  add: 'Add a person',
  name: 'Name',
  isDirector: 'Director, too',
  address: 'Phone or e-mail for one-time codes',
  addButton: 'Add, and show the code',
  left: 'Somebody left?',
  leftHint: 'They are signed out at once. If they may know the codes of others, change all codes.',
  who: 'Who left?',
  remove: 'Remove',
  removeAll: 'Remove, and change all codes',
  removed: (name: string) => `${name} is removed.`,
  codes: 'New codes',
  codesHint:
    'Write each code down or print this page now, and give it to its person. Codes are shown once.',
  print: 'Keep paper with codes under lock, one strip for each person.',
  back: 'Back to the requests',
  problems: {
    name: 'Write the name of the person.',
    address: 'Write one phone number or one e-mail address.',
    addressNeeded: 'Write a phone number or an e-mail address: one-time codes go there.',
    nobody: 'Choose who left.',
    yourself: 'You cannot remove yourself. Ask another director, or call the clinic.',
    act: 'Choose what to do.',
    twice: 'That was sent before, and it was done then. Codes are shown once.',
  },
} as const;

/** What is wrong with a form about people. */
export type PeopleProblem = keyof typeof peopleTexts.problems;
