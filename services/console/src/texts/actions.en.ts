import type { Formats } from '@loopwell/http';

/** Returns the English texts of failed work, quarantine, holds and the timeline. */
export const actionTexts = (formats: Formats) => ({
  list: listTexts(formats),
  work: workTexts,
  quarantine: quarantineTexts,
  holds: holdTexts(formats),
  timeline: timelineTexts,
});

const listTexts = ({ count }: Formats) => ({
  reasons: 'Reasons',
  all: 'All',
  reasonCount: (name: string, n: number) => `${name} (${count(n)})`,
  oldestFirst: 'Oldest first.',
  nextPage: (n: number) => `Next ${count(n)}`,
});

const quarantineTexts = {
  title: 'Quarantine',
  intro:
    'Resources that could not be read are kept here with the reason and are never ' +
    'dropped. They are read again when the EHR sends a newer version.',
  none: 'No quarantined resources.',
  resource: 'Resource',
  connection: 'Connection',
  why: 'Reason',
  since: 'Since',
};

const timelineTexts = {
  title: 'Timeline',
  id: 'Id of an Encounter, Condition, Task or referral',
  show: 'Show',
  unknown: 'Nothing with this id is known here. It may be an id of ours or of the EHR, such as',
};

const workColumns = {
  choose: 'Choose',
  chooseRow: (stage: string, subject: string) => `Choose ${stage} of ${subject}`,
  stage: 'Stage',
  subject: 'Subject',
  why: 'Why',
  attempts: 'Attempts',
  waitsFor: 'Waits for',
  since: 'Since',
};

const workReasons = {
  'cause-fixed': 'The cause was fixed',
  transient: 'It was a temporary fault',
  duplicate: 'It is a duplicate',
  'handled-elsewhere': 'It was handled elsewhere',
  'not-needed': 'It is no longer needed',
  'cannot-be-done': 'It cannot be done',
};

const workTexts = {
  title: 'Failed work',
  retried: (n: number) => `Due again: ${n}.`,
  discarded: (n: number) => `Discarded: ${n}.`,
  none: 'Nothing has failed.',
  caption: 'Oldest first. Work that waits for a worker is retried automatically.',
  ...workColumns,
  withChosen: 'With the chosen rows',
  allShown: 'All rows shown',
  retry: 'Try again now',
  discard: 'Discard',
  recorded: 'Both are recorded with your name and the reason. Discarded work will not be done.',
  reasons: workReasons,
};

const holdTexts = (formats: Formats) => ({
  title: 'Holds',
  intro:
    'A hold stops outgoing work within seconds and survives restarts. Reading the EHRs ' +
    'continues. A paused connection is neither read nor written to; after its release it ' +
    'continues from where it was.',
  none: 'Nothing is held.',
  release: releaseTexts(formats),
  why: 'Why',
  noPersonalData: 'no personal data',
  add: addTexts,
  history: historyTexts,
});

const releaseTexts = ({ instant, plural }: Formats) => ({
  held: (scope: string) => `Held: ${scope}`,
  byOn: (who: string, at: Date) => `By ${who} on ${instant(at)}`,
  nothingGoes: 'Nothing would go now.',
  goes: 'This would go:',
  referrals: (n: number) => plural(n, 'referral', 'referrals'),
  resources: (n: number) => plural(n, 'resource', 'resources'),
  to: (name: string) => `to ${name}`,
  noPartnerLeft: '(no partner is left to try)',
  countedBySender:
    'Counted as the sender decided it: by turn, consent and holds. Where sending is ' +
    'switched off, the referrals then wait for that.',
  button: (scope: string) => `Release ${scope}`,
});

const addTexts = {
  title: 'Add a hold',
  which: 'What to hold: choose one or more',
  everything: 'All sends and all writing into EHRs',
  sendsTo: (name: string) => `Sends to ${name}`,
  writing: (connection: string) => `Writing into EHR ${connection}`,
  pause: (connection: string) => `Pause EHR ${connection}: no reading, no writing`,
  button: 'Hold',
};

const historyTexts = {
  title: 'Hold history',
  none: 'No holds so far.',
  latest: 'The latest twenty.',
  when: 'When',
  decision: 'What',
  who: 'Who',
};
