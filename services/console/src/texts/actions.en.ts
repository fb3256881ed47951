import type { Formats } from '@loopwell/http';
import type { Reason } from '../work/work.ts';

/** What the other pages of operations say in English: failed work, quarantine, holds and the timeline. */
export const actionTexts = (formats: Formats) => ({
  list: {
    reasons: 'Reasons',
    all: 'All',
    reasonCount: (name: string, n: number) => `${name} (${formats.count(n)})`,
    oldestFirst: 'Oldest first.',
    nextPage: (n: number) => `Next ${formats.count(n)}`,
  },
  work: workTexts,
  quarantine: {
    title: 'Quarantine',
    intro:
      'Resources that could not be read are kept here with the reason and are never dropped. They are read again when the EHR sends a newer version.',
    none: 'No quarantined resources.',
    resource: 'Resource',
    connection: 'Connection',
    why: 'Reason',
    since: 'Since',
  },
  holds: holdTexts(formats),
  timeline: {
    title: 'Timeline',
    id: 'Id of an Encounter, Condition, Task or referral',
    show: 'Show',
    unknown: 'Nothing with this id is known here. It may be an id of ours or of the EHR, such as',
  },
});

const workTexts = {
  title: 'Failed work',
  retried: (n: number) => `Due again: ${n}.`,
  discarded: (n: number) => `Discarded: ${n}.`,
  none: 'Nothing has failed.',
  caption: 'Oldest first. Work that waits for a worker is retried automatically.',
  choose: 'Choose',
  chooseRow: (stage: string, subject: string) => `Choose ${stage} of ${subject}`,
  stage: 'Stage',
  subject: 'Subject',
  why: 'Why',
  attempts: 'Attempts',
  waitsFor: 'Waits for',
  since: 'Since',
  withChosen: 'With the chosen rows',
  allShown: 'All rows shown',
  retry: 'Try again now',
  discard: 'Discard',
  recorded: 'Both are recorded with your name and the reason. Discarded work will not be done.',
  reasons: {
    'cause-fixed': 'The cause was fixed',
    transient: 'It was a temporary fault',
    duplicate: 'It is a duplicate',
    'handled-elsewhere': 'It was handled elsewhere',
    'not-needed': 'It is no longer needed',
    'cannot-be-done': 'It cannot be done',
  } satisfies Record<Reason, string>,
};

const holdTexts = ({ instant, plural }: Formats) => ({
  title: 'Holds',
  intro:
    'A hold stops outgoing work within seconds and survives restarts. Reading the EHRs continues. A paused connection is neither read nor written to; after its release it continues from where it was.',
  none: 'Nothing is held.',
  held: (scope: string) => `Held: ${scope}`,
  byOn: (who: string, at: Date, reason: string | null) =>
    `By ${who} on ${instant(at)}${reason ? `: ${reason}` : ''}`,
  nothingGoes: 'Nothing would go now.',
  goes: 'This would go:',
  what: {
    referrals: (n: number) => plural(n, 'referral', 'referrals'),
    resources: (n: number) => plural(n, 'resource', 'resources'),
  },
  to: (name: string) => `to ${name}`,
  noPartnerLeft: '(no partner is left to try)',
  countedBySender:
    'Counted as the sender decided it: by turn, consent and holds. Where sending is switched off, the referrals then wait for that.',
  why: 'Why',
  noPersonalData: 'no personal data',
  release: (scope: string) => `Release ${scope}`,
  addTitle: 'Add a hold',
  which: 'What to hold: choose one or more',
  everything: 'All sends and all writing into EHRs',
  sendsTo: (name: string) => `Sends to ${name}`,
  writing: (connection: string) => `Writing into EHR ${connection}`,
  pause: (connection: string) => `Pause EHR ${connection}: no reading, no writing`,
  hold: 'Hold',
  history: 'Hold history',
  noHistory: 'No holds so far.',
  latest: 'The latest twenty.',
  when: 'When',
  decision: 'What',
  who: 'Who',
});
