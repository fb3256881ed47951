import type { Formats } from '@loopwell/http';

/** Returns the English texts of the overview's tables. */
export const overviewTableTexts = (formats: Formats) => ({
  referrals: gateTableTexts(formats),
  quarantine: quarantineTexts(formats),
  partners: partnerTexts,
  refusals: refusalTexts,
  altered: alteredTexts,
  reading: readingTexts,
});

const opensGate: Readonly<Record<string, string>> = {
  saidNo: 'the person, by bringing it up',
  review: 'a reviewer',
  listGiven: 'the person, by saying what became of it',
  withSibling: 'the referral of the brother or sister',
  agreement: 'a reviewer, by asking the person',
  consent: 'a reviewer, by recording a consent',
  noServiceCode: 'a reviewer, by choosing a service',
  withoutHelp: 'a reviewer, by closing it; or a new partner',
  noPartner: 'the people who keep the directory',
  underWay: 'the other referral of this need; or a reviewer, by sending it anyway',
  hold: 'an operator, by releasing it',
  send: 'the people who run Loopwell, with --send or SEND',
  partner: 'the partner',
};

const gateTableTexts = ({ count }: Formats) => ({
  title: 'Referrals waiting',
  none: 'None.',
  gate: 'Gate',
  opens: 'Who opens it',
  count: 'Referrals',
  oldest: 'Oldest',
  overdue: (n: number) => `${count(n)} overdue`,
  opensGate,
});

const quarantineTexts = ({ count }: Formats) => ({
  title: 'Quarantined',
  none: 'No quarantined resources.',
  all: (n: number) => `All ${count(n)}`,
  withIds: ', with their ids',
  reason: 'Reason',
  type: 'Type',
  resources: 'Resources',
  oldest: 'Oldest',
});

const partnerTexts = {
  title: 'Partners',
  none: 'The directory is empty. Needs wait at the gate',
  gone: 'no longer in the directory',
  partner: 'Partner',
  live: 'Open Tasks',
  overdue: 'Overdue',
  oldest: 'Oldest',
  completed: 'Completed',
  ended: 'Ended otherwise',
};

const refusalTexts = {
  title: 'Refused',
  none: 'No refusals.',
  receiver: 'Receiver',
  status: 'Status',
  issue: 'Issue',
  times: 'Times',
};

const alteredTexts = {
  title: 'Stored differently than sent',
  caption:
    'The EHR accepted these, but its chart differs. Reviewers see both versions on the ' +
    'page of the referral.',
  connection: 'Connection',
  type: 'Type',
  elements: 'Elements',
  outcome: 'What happened',
  takenBack: 'marked as entered in error there',
  byHand: 'a person corrects it in the chart',
  resources: 'Resources',
};

const readingTexts = {
  title: 'Reading the EHR',
  none: 'No connection has been read yet.',
  connection: 'Connection',
  type: 'Type',
  upTo: 'Read up to',
  cursors: 'Cursors',
  pages: 'Pages',
  resources: 'Resources read',
  note: 'Note',
};
