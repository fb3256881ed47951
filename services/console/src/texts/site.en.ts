/** The labels of the fields by their names in the site's settings: who the site is. */
const identityFields = {
  name: 'Name that partners see',
  phone: 'Phone that partners call',
  advocateLine: 'Advocate line, offered aloud to people to see first',
  timeZone: 'Time zone',
  identifierSystem: 'System of our identifiers',
};

/** The labels of the fields about consent and approval. */
const consentFields = {
  consentPolicy: 'Policy of your consent forms (system|code)',
  longestConsentDays: 'Days that a consent counts at most',
  minorAge: 'Age below which no policy approves',
  state: 'State whose law says to what minors agree alone (two letters)',
  tryBudget: 'How often a person may be tried, over all needs and partners',
  spokenConsentPolicy: 'Written policy by which a spoken yes counts as consent',
  spokenConsentAuthor: 'Who wrote that policy',
  contactFromChart: 'Partners read the number that the person chose for them',
  protectedAddress: 'Words of an address that keeps the true one secret (Safe at Home)',
};

/** The labels of the fields that are spans of time. */
const deadlineFields = {
  acceptBy: 'A partner has to accept within',
  decideBy: 'A person has to decide within',
  readAfterEnd: 'A partner reads its order after the end for',
  undoFor: 'A decision on a page can be undone before it is sent, for',
  tellWithoutHelp: 'Somebody on duty is told when a person is still without help after',
};

/** The labels of the fields that say how long something is kept. */
const keepingFields = {
  keepPeople: 'A person is erased when nothing has happened for',
  keepViews: 'Who saw whom is kept for',
};

/** The words of what a field may hold and holds. */
const valueTexts = {
  noState: 'default: none, so that a guardian agrees to everything',
  spokenIsAgreement: 'default: a spoken yes is the agreement and lets nothing out',
  keptForGood:
    'default: for good. What is to be deleted is listed 14 days before, on the page Kept and erased',
  machineZone: 'that of the server',
  yes: 'Yes, our consent form asks whether partners may have it',
  no: 'No',
  preset: (text: string) => `default: ${text}`,
  nowStored: (text: string) => (text === '' ? 'stored now: nothing' : `stored now: ${text}`),
};

/** The words for what came of a change. */
const savedTexts = {
  save: 'Save',
  saved: 'Saved. It counts now.',
  wrong: 'Nothing was saved: look at the fields that are marked.',
  stale: (who: string, at: string) =>
    `This was changed meanwhile, by ${who} on ${at}. Nothing of yours was saved. Compare, and ` +
    'save again if it still holds.',
  fixed: 'cannot be changed any more: resources were made that carry it',
};

/** The words of the list of changes. */
const historyTexts = {
  title: 'Changes',
  none: 'Nothing was changed yet.',
  when: 'When',
  who: 'Who',
  what: 'What',
  latest: 'The latest 20, newest first.',
};

/** The English texts of the page of the site. */
export const siteTexts = {
  title: 'Site',
  intro:
    'What this site decides. A change counts within seconds, in every process. An empty field ' +
    'has ' +
    'its default. Whether anything is sent or written at all, and which policy may approve, is ' +
    'chosen at the start of each process and not here.',
  parts: {
    identity: 'Who you are',
    consent: 'Consent and approval',
    deadlines: 'Deadlines',
    keeping: 'How long things are kept',
  },
  fields: { ...identityFields, ...consentFields, ...deadlineFields, ...keepingFields },
  ...valueTexts,
  ...savedTexts,
  history: historyTexts,
};
