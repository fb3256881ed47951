import type { Formats } from '@loopwell/http';

const requests = (count: number) => (count === 1 ? '1 request' : `${count} requests`);

const channels: Readonly<Record<string, string>> = {
  email: 'E-mail',
  text: 'Text',
  hub: 'Our address for partners',
  'fhir-rest': 'Its server',
  manual: 'Call',
};

const failures: Readonly<Record<string, string>> = {
  bounced: 'bounced',
  stopped: 'stopped by the partner',
  'not-set-up': 'not set up here',
  'budget-spent': 'not sent: too many in a day',
};

const listTexts = (formats: Formats) => ({
  title: 'Partners to call',
  intro:
    'These partners can be told by nobody but you: they take calls alone, or every other way failed.',
  none: 'Nobody has to be called about a request now.',
  call: (partner: string, count: number) => `Call ${partner} about ${requests(count)}`,
  hidden: (count: number) =>
    `${requests(count)} more: only those see them who may open the charts.`,
  owner: (who: string) => `Looked after by ${who}`,
  nobody: 'Nobody looks after them: whoever is on duty calls',
  answerBy: (at: Date) => `answer by ${formats.instant(at)}`,
});

const pageTexts = (formats: Formats) => ({
  title: (partner: string) => `Call ${partner}`,
  back: 'Back to the list',
  hint: 'Print it, or read it out. It names nobody.',
  sheet: 'Who came today?',
  noNumber: 'The directory has no number for it.',
  numbers: 'Number',
  mayBeSaid: 'What you may say now',
  greeting: (partner: string, count: number) =>
    `“Hello, is this ${partner}? We have ${requests(count)} for you. I tell you what kind of help, by when, and how many people live there. I can give no name before you say yes.”`,
  voicemail:
    'On voicemail: your name, the clinic and the number to call back. Nothing about a request.',
  household: (size: number) => (size === 1 ? 'one person' : `a household of ${size}`),
  inArea: 'in your area',
  brings: (code: string) => `they bring the code ${code}`,
  neededBy: (day: string) => `needed by ${formats.shortDay(day)}`,
  record: 'Write down what they said',
  nothingOpen: 'No request for this partner waits for a call.',
  afterYes: 'After they say yes',
  afterYesSays:
    'Give the first name and the one way that the person chose. They stand on the page of the request.',
  passOn: '“You may not pass this on without their own signed consent.”',
  afterNo: 'If they say no, ask for the reason in a few words, and write it down.',
});

const sheetTexts = {
  title: (partner: string) => `Who came to ${partner}?`,
  intro: 'Tick who came, and type what was said. Each line is an answer of the partner.',
  none: 'Nothing is open at this partner.',
  code: 'Code',
  need: 'Help',
  person: 'Person',
  came: 'Came',
  said: 'What was said',
  saidBy: 'Who said so',
  at: 'When',
  inZone: (zone: string) => `time at ${zone}`,
  record: 'Write down the answers',
  boxOf: (code: string) => `${code} came`,
  saidOf: (code: string) => `What was said about ${code}`,
  recorded: (count: number) => `${count === 1 ? '1 answer' : `${count} answers`} written down.`,
  nothing: 'Tick somebody, or type what was said.',
  required: 'Say who said so and when.',
  notRecorded: (code: string) =>
    `${code}: not written down. Open the request and write it down there.`,
};

const wayTexts = (formats: Formats) => ({
  title: 'How it went out',
  failed: (kind: string, code: string | null) =>
    `${channels[kind] ?? kind} ${failures[code ?? ''] ?? 'refused'}`,
  sent: (kind: string, at: Date) =>
    kind === 'manual'
      ? `on the list of partners to call since ${formats.instant(at)}`
      : `${kind === 'text' ? 'text' : (channels[kind] ?? kind)} ${kind === 'hub' ? 'shows it since' : 'sent'} ${formats.instant(at)}`,
  bring: (code: string) => ` Give them the code to bring: ${code}.`,
  leaving: (kind: string) => `${channels[kind] ?? kind} is on its way`,
});

/** What people and partners have to hear. */
const toldTexts = {
  people: {
    title: 'Tell the person',
    intro:
      'The partner said yes. Tell them in the way that they chose, as their page says, and press Told.',
  },
  partners: {
    title: 'Tell the partner that a request is taken back',
    intro: 'They know of these by phone alone. Call them, say that it is taken back, press Told.',
  },
  noName: 'No name on file',
  tell: (who: string) => `Tell ${who}`,
  comes: (partner: string) => `${partner} can see them`,
  wait: (partner: string) => `${partner} says yes, and there is a wait`,
  bring: (what: string) => `bring ${what}`,
  brings: (code: string) => `the code to bring: ${code}`,
  takenBack: (partner: string) => `Tell ${partner} that the request is taken back`,
  about: (who: string, need: string) => `${who}: ${need}`,
  done: 'Told',
  doneWith: (who: string) => `Told ${who}`,
};

/** What partners texted, for the people who call them. */
const textedTexts = (formats: Formats) => ({
  title: 'Partners texted',
  intro:
    'Nobody reads these texts at the partner\u2019s end but you. Call back where it asks for it. ' +
    'The words are erased when you press Done.',
  who: (partners: readonly string[]) => partners.join(' or '),
  stop: 'wants no more texts. Its requests go on by the next way, or somebody calls.',
  says: (words: string) => `wrote: \u201c${words}\u201d`,
  when: (at: Date) => formats.instant(at),
  done: 'Done',
  doneWith: (who: string) => `Done with the text of ${who}`,
});

/** Makes the English texts of the pages for calls to partners. */
export const callTexts = (formats: Formats) => ({
  told: toldTexts,
  texted: textedTexts(formats),
  list: listTexts(formats),
  page: pageTexts(formats),
  sheet: sheetTexts,
  way: wayTexts(formats),
});
