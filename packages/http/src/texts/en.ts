import { intlFormats, zoneName } from './formats.ts';
import { listTexts } from './lists.en.ts';

/** Returns the English texts of the frame around every page and of the sign-in pages. */
export const english = (timeZone: string, now?: () => Date) => ({
  language: 'en',
  formats: intlFormats('en-US', timeZone, now),
  layout: {
    toContent: 'Skip to content',
    pages: 'Pages',
    running: 'Run Loopwell',
    signOut: 'Sign out',
    timesAreIn: `Times are in ${zoneName('en-US', timeZone)}.`,
    locks: (at: Date) => `locks ${intlFormats('en-US', timeZone, now).instant(at)}`,
  },
  menu: {
    operations: 'Operations',
    failedWork: 'Failed work',
    quarantine: 'Quarantine',
    holds: 'Holds',
    timeline: 'Timeline',
    site: 'Site',
    quality: 'Data quality',
    review: 'Review',
    onDuty: 'On duty',
    disclosures: 'What went out',
  },
  lists: listTexts(intlFormats('en-US', timeZone, now)),
  signIn: {
    title: 'Sign in',
    once: 'This link signs you in once, for eight hours, in this browser.',
    button: 'Sign in',
    needsLink:
      'You need a one-time sign-in link. Loopwell prints one when it starts, and the ' +
      'people who run it can make another.',
    endedTitle: 'This link has ended',
    ended: 'This link has expired or was already used. Request a new one.',
  },
  keptForm: {
    title: 'Not recorded yet',
    notRecorded: 'You sent this after the page had locked. It is not recorded.',
    arrived: (at: string, until: string) => `Sent ${at}, kept until ${until}.`,
    open: 'Look at it',
    discard: 'Throw it away',
    once: 'It is not recorded yet. Once you leave this page, it is gone.',
    typed: 'What you typed',
    send: 'Send it now',
    none: 'Nothing is kept for you.',
    onward: 'Go to the start page',
  },
});

/** The texts that every language of the frame has. */
export type ShellTexts = ReturnType<typeof english>;
