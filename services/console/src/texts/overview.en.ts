import type { Formats } from '@loopwell/http';
import type { Stage } from '@loopwell/pipeline';
import type { LoopPicture } from '../status/loop.ts';

/** What the overview of operations says in English. */
export const overviewTexts = (formats: Formats) => ({
  title: 'Operations',
  state: stateTexts(formats),
  warnings: warningTexts(formats),
  picture: pictureTexts(formats),
  stages: stageTexts,
  referrals: {
    title: 'Referrals waiting',
    none: 'None.',
    gate: 'Gate',
    opens: 'Who opens it',
    count: 'Referrals',
    oldest: 'Oldest',
    overdue: (n: number) => `${formats.count(n)} overdue`,
    opensGate: gateTexts,
  },
  quarantine: {
    title: 'Quarantined',
    none: 'No quarantined resources.',
    all: (n: number) => `All ${formats.count(n)}`,
    withIds: ', with their ids',
    reason: 'Reason',
    type: 'Type',
    resources: 'Resources',
    oldest: 'Oldest',
  },
  partners: {
    title: 'Partners',
    none: 'The directory is empty. Needs wait at the gate',
    gone: 'no longer in the directory',
    partner: 'Partner',
    live: 'Open Tasks',
    overdue: 'Overdue',
    oldest: 'Oldest',
    completed: 'Completed',
    ended: 'Ended otherwise',
  },
  refusals: {
    title: 'Refused',
    none: 'No refusals.',
    receiver: 'Receiver',
    status: 'Status',
    issue: 'Issue',
    times: 'Times',
  },
  altered: {
    title: 'Stored differently than sent',
    caption:
      'The EHR accepted these resources and the chart has something else. Reviewers see both versions on the page of the referral.',
    connection: 'Connection',
    type: 'Type',
    elements: 'Elements',
    outcome: 'What happened',
    takenBack: 'marked as entered in error there',
    byHand: 'a person corrects it in the chart',
    resources: 'Resources',
  },
  reading: {
    title: 'Reading the EHR',
    none: 'No connection has been read yet.',
    connection: 'Connection',
    type: 'Type',
    upTo: 'Read up to',
    cursors: 'Cursors',
    pages: 'Pages',
    resources: 'Resources read',
    note: 'Note',
  },
});

const stateTexts = ({ instant, count, plural }: Formats) => ({
  calm: 'Nothing has failed and nothing is held.',
  failed: (n: number) => `${count(n)} failed`,
  held: (n: number) => `${count(n)} held`,
  lockedOut: 'an EHR locks us out or lacks scopes',
  notRead: (n: number) => `${count(n)} ${plural(n, 'type is', 'types are')} not read`,
  withoutHelp: (n: number) =>
    `no partner could help with ${count(n)} ${plural(n, 'referral', 'referrals')}`,
  screenings: (n: number) =>
    `${count(n)} ${plural(n, 'screening needs', 'screenings need')} review`,
  /** One sentence of what is wrong. */
  sentence: (parts: readonly string[]) => {
    const joined = parts.join(', ');
    return `${joined.slice(0, 1).toUpperCase()}${joined.slice(1)}.`;
  },
  refreshOn: 'Auto-refresh: on',
  stop: 'stop',
  asOf: (at: Date) => `As of ${instant(at)}.`,
  refresh: 'Refresh every 10 seconds',
});

const warningTexts = ({ age, count, plural }: Formats) => ({
  held: 'Held:',
  heldBy: (who: string, since: Date) => `by ${who} for ${age(since)}`,
  holds: 'Holds',
  failures: (n: number) => `${count(n)} failed`,
  failuresNext: ': retried automatically, or waiting for you.',
  withoutHelp: (n: number) => `${count(n)} ${plural(n, 'referral waits', 'referrals wait')}`,
  withoutHelpWhy: (oldest: Date) =>
    ` for a reviewer because no partner could help, the oldest for ${age(oldest)}.`,
  overdue: (n: number) => `${count(n)} overdue`,
  askReviewers: ': ask the reviewers to decide.',
  screenings: (n: number) => `${count(n)} ${plural(n, 'screening', 'screenings')}`,
  needReview: (n: number) => ` ${plural(n, 'needs', 'need')} review.`,
  danger: (n: number) => `${count(n)} of them may mean that a person is in danger.`,
  notRead: 'Not read',
  countsAsRead: (type: string) => `Close: ${type} counts as read`,
});

const pictureTexts = ({ count, plural }: Formats) => ({
  ehr: 'EHR',
  chart: 'the chart',
  partners: 'Partners',
  atGates: 'at gates',
  closed: (n: number) => plural(n, 'loop closed', 'loops closed'),
  perMinute: (n: number) => `${count(n)} / min`,
  waiting: 'waiting',
  idle: 'idle',
  /** The picture in one sentence, for screen readers. */
  spoken: ({ stages, gates, atPartners, closed }: LoopPicture) => {
    const numbers = stages.map(
      ({ stage, waiting, active, failed, perMinute }) =>
        `${stage}: ${waiting} waiting, ${active} active, ${failed} failed, ${perMinute} done in the last minute`,
    );
    return `The loop. ${numbers.join('; ')}. ${gates} referrals at a gate, ${atPartners} at partners, ${closed} loops closed.`;
  },
});

const stageTexts = {
  title: 'The seven stages',
  inOrder: 'The seven stages, in order',
  purposes: {
    pull: 'reads the EHR, one closed window and one page at a time',
    screen: 'reads the screenings in what was pulled',
    code: 'turns findings into coded Conditions with evidence',
    refer: 'asks every gate, then sends one Task to one partner',
    track: 'follows the Task; after a decline or silence, asks the next partner',
    close: 'decides what the EHR should learn',
    'write-back': 'writes it into the EHR and reads it again',
  } satisfies Record<Stage, string>,
  waitingFor: (who: string) => `for ${who}`,
  waiting: 'waiting',
  active: 'active',
  failed: 'failed',
  oldest: 'oldest',
  lastMinute: 'last minute',
  done: 'done',
};

const gateTexts: Readonly<Record<string, string>> = {
  review: 'a reviewer',
  agreement: 'a reviewer, by asking the person',
  consent: 'a reviewer, by recording a consent',
  noServiceCode: 'a reviewer, by choosing a service',
  withoutHelp: 'a reviewer, by closing it; or a new partner',
  noPartner: 'the people who keep the directory',
  hold: 'an operator, by releasing it',
  send: 'the people who run Loopwell, with --send or SEND',
  partner: 'the partner',
};
