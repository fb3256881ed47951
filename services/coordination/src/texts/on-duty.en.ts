/** Why a message did not go out, by its code. */
const failures = {
  'not-set-up': 'Not sent: e-mail is not set up',
  'address-refused': 'Not sent: this address may not be called',
  unreachable: 'Not sent: the server cannot be reached',
  deadline: 'Not sent: the server did not answer in time',
  later: 'Not sent: the server asked to try later',
  refused: 'Not sent: the server refused it',
  'no-tls': 'Not sent: the mail server offers no safe connection for the password',
  'sign-in': 'Not sent: the mail server refused the password',
  unknown: 'Nobody can tell whether it arrived: the server did not answer',
  'budget-spent': 'Not sent: 288 messages went there within 24 hours, which is the most',
  failed: 'Not sent',
};

const messages = {
  title: 'Messages',
  none: 'Nobody was told yet.',
  when: 'When',
  who: 'Who',
  way: 'How',
  outcome: 'What happened',
};

const history = {
  title: 'Changes',
  none: 'Nothing was changed yet.',
  when: 'When',
  who: 'Changed by',
  people: 'People on duty',
};

const taken = {
  title: 'Needs someone now',
  open: (at: string) => `Open since ${at}.`,
  told: (at: string) => `Somebody on duty was told on ${at}.`,
  untold: 'Nobody on duty was told yet.',
  button: 'I have it',
  done: 'You have it. Nobody else is told.',
};

/** The labels of the fields for one person on duty. */
const fieldTexts = {
  name: 'Name',
  email: 'E-mail',
  url: 'Webhook address',
  secret: 'Webhook secret',
  phone: 'Number to call',
};

/** The words of the form that changes who is on duty. */
const formTexts = {
  fields: fieldTexts,
  optional: 'if you have one',
  secretHint: 'begins with whsec_',
  secretStored: 'stored; leave empty to keep it',
  place: (place: number) => (place === 1 ? 'First' : `Number ${place}`),
};

/** Writes the number to call where nobody else can be told. */
const phoneIs = (phone: string | undefined) =>
  phone === undefined ? 'No number to call is set.' : `Call ${phone}.`;

/** The words for what came of a change. */
const savedTexts = {
  save: 'Save',
  saved: 'Saved. It counts now.',
  wrong: 'Nothing was saved. Look at the fields that are marked.',
  stale: (who: string, at: string) =>
    `${who} changed this list on ${at}. Nothing of yours was saved. ` +
    'Compare, and save again if it still holds.',
};

/** Writes the warning that nobody is on duty. */
const nobody = (phone: string | undefined) =>
  phone === undefined
    ? 'Nobody is on duty, and no number to call is set. Nobody is told when somebody needs you.'
    : `Nobody is on duty. Call ${phone}.`;

/** Writes the warning that nobody on duty got a message. */
const unreached = (phone: string | undefined) =>
  phone === undefined
    ? 'Nobody on duty could be reached.'
    : `Nobody on duty could be reached. Call ${phone}.`;

/** The warnings that a way of telling people does not work. */
const wayTexts = {
  noMail: 'E-mail is not set up, so nobody is told by e-mail. Ask whoever runs Loopwell.',
  wayFails: {
    email: 'The last e-mail did not go out. The next way was used.',
    webhook: 'The last webhook did not go out. The next way was used.',
  },
  ways: { email: 'E-mail', webhook: 'Webhook' },
  states: { intended: 'Being sent', accepted: 'Sent' },
};

/** The English texts of the page of the people on duty. */
export const onDutyTexts = {
  title: 'On duty',
  intro:
    'These people are told when somebody needs them soon: the first one at once, and again every ' +
    '5 minutes together with the next, until somebody takes it. A message never says who it is ' +
    'about.',
  ...formTexts,
  phoneIs,
  ...savedTexts,
  nobody,
  unreached,
  ...wayTexts,
  failures,
  messages,
  history,
  taken,
};
