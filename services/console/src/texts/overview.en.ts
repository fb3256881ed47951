import type { Formats } from '@loopwell/http';
import type { Stage } from '@loopwell/pipeline';
import { overviewTableTexts } from './overview-tables.en.ts';

/** Returns the English texts of the overview of operations. */
export const overviewTexts = (formats: Formats) => ({
  title: 'Operations',
  outcomes: outcomeTexts(formats),
  state: stateTexts(formats),
  refresh: refreshTexts(formats),
  warnings: warningTexts(formats),
  picture: pictureTexts(formats),
  stages: stageTexts,
  ...overviewTableTexts(formats),
});

/** The words of what came of it for people. */
const outcomeTexts = ({ count, plural }: Formats) => {
  const personSays = ({ answered, personSays: helped }: PersonSays) =>
    answered === 0 ? 'nobody was asked yet' : `${count(helped)} of ${count(answered)} who answered`;
  return {
    headline: (help: PersonSays & { partnerSays: number }) =>
      `Partner says helped ${count(help.partnerSays)} · Person says${help.answered === 0 ? ':' : ' helped'} ${personSays(help)}`,
    open: (atPartners: number, withoutHelp: number) =>
      `${count(atPartners)} ${plural(atPartners, 'need is', 'needs are')} at partners now. ` +
      `${count(withoutHelp)} ${plural(withoutHelp, 'is', 'are')} still without help.`,
    personSays: (help: PersonSays | undefined) => personSays(help ?? noAnswers),
    caption: 'Helped, by partner',
    columns: {
      partner: 'Partner',
      partnerSays: 'Partner says helped',
      personSays: 'Person says helped',
    },
  };
};

/** What people say about help who were asked. */
type PersonSays = { answered: number; personSays: number };
const noAnswers: PersonSays = { answered: 0, personSays: 0 };

const stateTexts = ({ count, plural }: Formats) => ({
  calm: 'Nothing has failed and nothing is held.',
  failed: (n: number) => `${count(n)} failed`,
  held: (n: number) => `${count(n)} held`,
  lockedOut: 'an EHR locks us out or lacks scopes',
  notRead: (n: number) => `${count(n)} ${plural(n, 'type is', 'types are')} not read`,
  withoutHelp: (n: number) =>
    `no partner could help with ${count(n)} ${plural(n, 'referral', 'referrals')}`,
  screenings: (n: number) =>
    `${count(n)} ${plural(n, 'screening needs', 'screenings need')} review`,
  sentence,
});

/** Joins the troubles to one sentence. */
function sentence(parts: readonly string[]): string {
  const joined = parts.join(', ');
  return `${joined.slice(0, 1).toUpperCase()}${joined.slice(1)}.`;
}

const refreshTexts = ({ instant }: Formats) => ({
  on: 'Auto-refresh: on',
  stop: 'stop',
  asOf: (at: Date) => `As of ${instant(at)}.`,
  start: 'Refresh every 10 seconds',
});

const warningTexts = (formats: Formats) => ({
  held: 'Held:',
  heldBy: (who: string, since: Date) => `by ${who} for ${formats.age(since)}`,
  holds: 'Holds',
  failures: (n: number) => `${formats.count(n)} failed`,
  failuresNext: ': retried automatically, or waiting for you.',
  withoutHelp: withoutHelpTexts(formats),
  screenings: screeningTexts(formats),
  notRead: 'Not read',
  countsAsRead: (type: string) => `Close: ${type} counts as read`,
});

const withoutHelpTexts = ({ age, count, plural }: Formats) => ({
  waiting: (n: number) => `${count(n)} ${plural(n, 'referral waits', 'referrals wait')}`,
  why: (oldest: Date) =>
    ` for a reviewer because no partner could help, the oldest for ${age(oldest)}.`,
  overdue: (n: number) => `${count(n)} overdue`,
  askReviewers: ': ask the reviewers to decide.',
});

const screeningTexts = ({ count, plural }: Formats) => ({
  waiting: (n: number) => `${count(n)} ${plural(n, 'screening', 'screenings')}`,
  needReview: (n: number) => ` ${plural(n, 'needs', 'need')} review.`,
  seeFirst: 'See first',
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
  spoken: spokenPicture,
});

type StageNumbers = {
  stage: string;
  waiting: number;
  active: number;
  failed: number;
  perMinute: number;
};
type PictureNumbers = {
  stages: readonly StageNumbers[];
  gates: number;
  atPartners: number;
  closed: number;
};

/** Returns the picture in one sentence, for screen readers. */
function spokenPicture({ stages, gates, atPartners, closed }: PictureNumbers): string {
  const numbers = stages.map(
    ({ stage, waiting, active, failed, perMinute }) =>
      `${stage}: ${waiting} waiting, ${active} active, ${failed} failed, ${perMinute} done ` +
      'in the last minute',
  );
  return (
    `The loop. ${numbers.join('; ')}. ${gates} referrals at a gate, ${atPartners} at ` +
    `partners, ${closed} loops closed.`
  );
}

const purposes = {
  pull: 'reads the EHR, one closed window and one page at a time',
  screen: 'reads the screenings in what was pulled',
  code: 'turns findings into coded Conditions with evidence',
  refer: 'asks every gate, then sends one Task to one partner',
  track: 'follows the Task; after a decline or silence, asks the next partner',
  close: 'decides what the EHR should learn',
  'write-back': 'writes it into the EHR and reads it again',
} satisfies Record<Stage, string>;

const stageTexts = {
  title: 'The seven stages',
  inOrder: 'The seven stages, in order',
  purposes,
  waitingFor: (who: string) => `for ${who}`,
  waiting: 'waiting',
  active: 'active',
  failed: 'failed',
  oldest: 'oldest',
  lastMinute: 'last minute',
  done: 'done',
};
