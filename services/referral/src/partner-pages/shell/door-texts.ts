import type { SecondWay } from '@loopwell/store';

/** The clinic as a page names it, with its phone where it has one. */
export type Clinic = { name: string; phone: string | undefined };

const callUs = ({ name, phone }: Clinic): string =>
  phone === undefined ? `call ${name}` : `call ${name}, ${phone}`;

const wayNames: Readonly<Record<SecondWay['way'], string>> = {
  text: 'in a text message',
  email: 'by e-mail',
};

/** The words of the door: what is shown before and around the requests. */
export const doorTexts = {
  language: 'en',
  /** The title of every page. It tells nothing about anybody. */
  title: 'Requests',
  signOut: 'Sign out',
  people: 'People',
  whatWeKeep: 'What we keep about your clients',
  typeCode: 'Type your code to see requests.',
  code: 'Your 8-digit code',
  show: 'Show requests',
  noCodeTitle: 'You have no code, or it has ended?',
  noCode: (clinic: Clinic) =>
    `Ask the director of your organization, or ${callUs(clinic)}. They call back.`,
  sharedPhone: 'Shared phone? You are signed out after 10 minutes. Nothing is kept on this phone.',
  typed: {
    nothing: 'Type the code that was given to you.',
    wrong: 'That code is not right, or it has ended.',
    wait: (at: string) => `There were too many wrong codes. Try again at ${at}.`,
  },
  unknownTitle: 'This link does not work',
  unknown: (clinic: Clinic) =>
    `It was not copied whole, or it has ended. Open the link of a newer message, or ${callUs(clinic)}.`,
  ended: 'You were signed out after 10 minutes. Nothing was sent. Sign in, and do it again.',
  endedShort: 'You are signed out. Type your code to go on.',
  notFromHere: 'That form did not come from this page, so nothing was done. Do it again here.',
  second: {
    sent: (way: SecondWay['way']) => `We have just sent you 6 digits ${wayNames[way]}.`,
    label: 'The 6 digits',
    button: 'Go on',
    hint: 'They count for 10 minutes. If nothing comes, go back and type your code again.',
    wrong: 'Those digits are not right.',
    ended: 'Those digits do not count any more. Begin with your code again.',
    none: (clinic: Clinic) =>
      `Your organization needs a second code, and we cannot send you one now. To answer, ${callUs(clinic)}.`,
  },
  back: 'Back',
  keep: {
    parts: (clinic: Clinic) => [
      {
        title: 'What you see',
        sentences: [
          'Before you say yes: what kind of help, by when, how many people, and who asks.',
          'After you say yes: the name, and the one way to reach them that the person chose.',
          'An address is shown only where the help needs one, and it is gone when the help is done.',
          'All of it rests on a consent that the person has signed. When they take it back, you see nothing more.',
        ],
      },
      {
        title: 'What we keep',
        sentences: [
          `What you answer, when, and your name. ${clinic.name} sees it at once.`,
          'What you write in a note. It is for the care team only, and they can remove it.',
          'Which request you opened, and when, with your name. The person may ask for that list.',
        ],
      },
      {
        title: 'What we do not keep',
        sentences: [
          'Nothing about your other clients. We do not ask, and you do not need to tell.',
          'No health, family or immigration details: please write none.',
          'Nothing on this phone, but a mark that a code was typed here before.',
        ],
      },
      {
        title: 'What we never do',
        sentences: [
          'We never give your codes, your phone numbers or the names of your helpers to others.',
          'We never ask for a code by phone, text or e-mail. A new code is given when we call the number that we have for you.',
        ],
      },
      { title: 'Questions', sentences: [`Please ${callUs(clinic)}.`] },
    ],
  },
} as const;

/** The words of the door in one language. */
export type DoorTexts = typeof doorTexts;
