import { isEndedAsHelp } from '@loopwell/sdoh';
import type { ReferralRow, TaskRow } from '@loopwell/store';
import { nowWords, whoWords } from './words.ts';

/** What the words about a referral's whereabouts need beside it. */
export type StandsContext = {
  /** Names of partners by Organization id; one that has left the directory is called by its id. */
  partners: ReadonlyMap<string, string>;
  instant: (at: Date) => string;
};

type Referral = Pick<
  ReferralRow,
  | 'state'
  | 'gate'
  | 'approval'
  | 'approved_by'
  | 'agreement_withdrawn_at'
  | 'given_up_by'
  | 'ended_reason'
>;
type Task = Pick<
  TaskRow,
  | 'partner'
  | 'status'
  | 'live'
  | 'remote_id'
  | 'reason'
  | 'recalled_from'
  | 'requested_at'
  | 'changed_at'
>;

const statusWords: Readonly<Record<string, string>> = {
  requested: 'not taken yet',
  received: 'seen, not taken yet',
  accepted: 'accepted',
  'in-progress': 'in progress',
  'on-hold': 'accepted, and on hold there',
};

/** Where a referral stands, in one sentence: who has it or had it, and until when. */
export function standsWords(
  referral: Referral,
  tasks: readonly Task[],
  context: StandsContext,
): string {
  const live = tasks.find((one) => one.live);
  if (live && (referral.state === 'waiting' || referral.state === 'partner'))
    return outWords(live, context);
  switch (referral.state) {
    case 'partner':
      return 'the partner has answered; the next step is being decided';
    case 'closed':
      return closedWords(referral, tasks, context);
    case 'failed':
      return referral.given_up_by === null
        ? 'closed without help'
        : `closed without help by ${whoWords(referral.given_up_by)}`;
    case 'withdrawn':
      return withdrawnWords(referral, tasks, context);
    case 'waiting':
      return nowWords({ ...referral, sent: false });
  }
}

const nameOf = (task: Task, { partners }: StandsContext): string =>
  partners.get(task.partner) ?? task.partner;

function outWords(task: Task, context: StandsContext): string {
  const name = nameOf(task, context);
  if (task.remote_id === null)
    return `on its way to ${name}; whether it has arrived is not known yet`;
  return `with ${name} since ${context.instant(task.requested_at)}: ${statusWords[task.status] ?? task.status}`;
}

function closedWords(referral: Referral, tasks: readonly Task[], context: StandsContext): string {
  const done = tasks.findLast(isEndedAsHelp);
  if (!done) return 'closed: a partner has helped';
  const what =
    done.reason === 'no-outcome'
      ? 'says that it is done, without showing what was done'
      : 'has helped';
  const helped = `closed: ${nameOf(done, context)} ${what}; said so on ${context.instant(done.changed_at)}`;
  return isTakenBack(referral) ? `${helped}, before it could be taken back` : helped;
}

const isTakenBack = ({ approval, agreement_withdrawn_at }: Referral) =>
  approval === 'refused' || agreement_withdrawn_at !== null;

/**
 * A recall is told as what it was: who had it, from when to when, how far they had come, and that what they have read stays
 * read. Only what never went out ended before it went to a partner.
 */
function withdrawnWords(
  referral: Referral,
  tasks: readonly Task[],
  context: StandsContext,
): string {
  const why = whyWithdrawn(referral, tasks);
  const last = tasks.findLast((one) => one.remote_id !== null);
  if (!last) return `ended before it went to a partner: ${why}`;
  const had = `${nameOf(last, context)} had it from ${context.instant(last.requested_at)} to ${context.instant(last.changed_at)}`;
  if (!isRecalled(last)) return `ended while it waited: ${why}. Before that ${had}`;
  const before =
    last.recalled_from === null
      ? ''
      : ` (${statusWords[last.recalled_from] ?? last.recalled_from})`;
  return `taken back: ${why}. ${had}${before}; what it had read by then cannot be taken back`;
}

/** Reasons after which it waited on, and was not withdrawn. */
const afterThem: readonly string[] = [
  'never-arrived',
  'consent-expired',
  'consent-unclear',
  'restricted',
];

/** Ended by us, and for good. */
const isRecalled = ({ status, reason }: Task): boolean =>
  status === 'cancelled' &&
  reason !== null &&
  ![...afterThem, 'not-accepted-in-time'].includes(reason);

const reasons: Readonly<Record<string, string>> = {
  refused: 'the need was refused',
  // A reviewer's record of the person's word is told below.
  'agreement-withdrawn': 'the order or goal in the chart that said yes does not stand any more',
  'consent-revoked': 'the consent to share was taken back',
  'person-died': 'the person has died',
  'person-merged': 'the chart of the person was merged into another one',
  'person-inactive': 'the chart of the person is not active any more',
};

function whyWithdrawn(referral: Referral, tasks: readonly Task[]): string {
  const told = reasons[referral.ended_reason ?? ''];
  const isPersonsWord =
    referral.ended_reason === 'agreement-withdrawn' && referral.agreement_withdrawn_at !== null;
  if (told !== undefined && referral.ended_reason !== 'refused' && !isPersonsWord) return told;
  if (referral.approval === 'refused')
    return `the need was refused by ${whoWords(referral.approved_by)}`;
  if (referral.agreement_withdrawn_at !== null)
    return 'the person does not want this help any more';
  const reason = referral.ended_reason ?? tasks.at(-1)?.reason ?? '';
  return (
    reasons[reason] ?? 'what it rested on, the agreement or the consent, does not stand any more'
  );
}
