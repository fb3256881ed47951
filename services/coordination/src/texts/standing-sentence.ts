import { isEndedAsHelp, isWithoutHelp } from '@loopwell/sdoh';
import type { GateWork, ReferralRow, TaskRow } from '@loopwell/store';
import type { ReviewTexts } from './en.ts';

/** The names and texts that sentences about a referral's standing need. */
type Context = {
  /**
   * Names of partners by Organization id. A partner that has left the directory is shown by its id.
   */
  partners: ReadonlyMap<string, string>;
  texts: ReviewTexts;
  /** When a worker looks at the referral; absent where it waits for somebody. */
  work?: GateWork | undefined;
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
> &
  Partial<Pick<ReferralRow, 'partner_wait' | 'partner_wait_until'>>;
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

/**
 * Writes where a referral stands in one sentence: the partner that has it or had it, and until
 * when.
 */
export function standingSentence(
  referral: Referral,
  tasks: readonly Task[],
  context: Context,
): string {
  const { standing } = context.texts;
  const live = tasks.find((task) => task.live);
  const isOpen = referral.state === 'waiting' || referral.state === 'partner';
  const isChanging = isOpen && context.work?.isDue === true;
  if (live && isOpen) {
    const out = outSentence(live, context);
    return isChanging ? standing.outAndUpdated(out) : out;
  }
  if (isChanging) return standing.updating;
  switch (referral.state) {
    case 'partner':
      return standing.answered;
    case 'closed':
      return closedSentence(referral, tasks, context);
    case 'failed':
      return referral.given_up_by === null
        ? (standing.states.failed ?? '')
        : standing.closedBy(whoText(referral.given_up_by, context.texts));
    case 'withdrawn':
      return withdrawnSentence(referral, tasks, context);
    case 'waiting':
      if (referral.gate === 'send' && context.work) return standing.goesOut(context.work.at);
      return partnerWaitText(referral, context.texts) ?? stateSentence(referral, context.texts);
  }
}

const stateSentence = (referral: Referral, texts: ReviewTexts): string =>
  stateText({ ...referral, sent: false }, texts);

/** Writes why the partners that serve a need take nothing new; undefined where that is not it. */
function partnerWaitText(
  { gate, partner_wait: reason, partner_wait_until: until }: Omit<Referral, 'state'>,
  { standing }: ReviewTexts,
): string | undefined {
  if (gate !== 'noPartner' || !reason) return undefined;
  return until ? standing.partnersOpen(until) : standing.partnerWaits[reason];
}

/** Writes where a referral stands, in a few words. */
export function stateText(
  { state, gate, sent }: { state: string; gate: string | null; sent: boolean },
  { standing }: ReviewTexts,
): string {
  if (state === 'waiting') return standing.waits[gate ?? 'review'] ?? gate ?? '';
  return standing.states[state === 'withdrawn' && sent ? 'recalled' : state] ?? state;
}

/** Names who decided. Policies and systems have names of their own. */
export const whoText = (principal: string | null, { standing }: ReviewTexts): string =>
  standing.policies[principal ?? ''] ??
  (principal ?? '').replace(/^person:/, '').replace(/^system:.*/, 'Loopwell');

/** Writes the reason why no partner could help. */
export const withoutHelpSentence = (reason: string | null, { standing }: ReviewTexts): string =>
  isWithoutHelp(reason) ? standing.withoutHelp[reason] : '';

const nameOf = (task: Task, { partners }: Context): string =>
  partners.get(task.partner) ?? task.partner;

function outSentence(task: Task, context: Context): string {
  const { standing } = context.texts;
  const partner = nameOf(task, context);
  // Who answers on the page may do so while the message that tells of it still waits.
  if (task.remote_id === null && task.status === 'requested') return standing.onItsWay(partner);
  const status = standing.status[task.status] ?? task.status;
  return standing.withPartner(partner, task.requested_at, status);
}

function closedSentence(referral: Referral, tasks: readonly Task[], context: Context): string {
  const { standing } = context.texts;
  const done = tasks.findLast(isEndedAsHelp);
  if (!done) return standing.states.closed ?? '';
  const sentence = done.reason === 'no-outcome' ? standing.doneWithoutOutcome : standing.helped;
  const helped = sentence(nameOf(done, context), done.changed_at);
  return isTakenBack(referral) ? standing.tooLateToTakeBack(helped) : helped;
}

const isTakenBack = ({ approval, agreement_withdrawn_at }: Referral) =>
  approval === 'refused' || agreement_withdrawn_at !== null;

/**
 * Writes the end of a withdrawn referral. A recall says which partner had it, from when to when,
 * how far it had come, and that the partner keeps what it has read. A referral that never reached a
 * partner ended before.
 */
function withdrawnSentence(referral: Referral, tasks: readonly Task[], context: Context): string {
  const { standing } = context.texts;
  const why = whyWithdrawn(referral, tasks, context.texts);
  const last = tasks.findLast((task) => task.remote_id !== null);
  if (!last) return standing.endedBefore(why);
  const had = standing.had(nameOf(last, context), last.requested_at, last.changed_at);
  if (!isRecalled(last)) return standing.endedWaiting(why, had);
  if (last.recalled_from === null) return standing.takenBack(why, had);
  const before = standing.status[last.recalled_from] ?? last.recalled_from;
  return standing.takenBack(why, standing.hadAs(had, before));
}

/** Reasons of a Task's end after which the referral waited on instead of being withdrawn. */
const waitedOn: readonly string[] = [
  'never-arrived',
  'consent-expired',
  'consent-unclear',
  'restricted',
  'kept-out',
  'undone',
  'partner-changed',
  'said-no',
  'not-this-place',
];

/** Tells whether we recalled a Task for good. */
const isRecalled = ({ status, reason }: Task): boolean =>
  status === 'cancelled' &&
  reason !== null &&
  ![...waitedOn, 'not-accepted-in-time'].includes(reason);

function whyWithdrawn(referral: Referral, tasks: readonly Task[], texts: ReviewTexts): string {
  const { standing } = texts;
  const ended = referral.ended_reason;
  const isAgreementTakenBack = referral.agreement_withdrawn_at !== null;
  const isPersonsWord = ended === 'agreement-withdrawn' && isAgreementTakenBack;
  const reason = standing.reasons[ended ?? ''];
  if (reason !== undefined && ended !== 'refused' && !isPersonsWord) return reason;
  if (referral.approval === 'refused')
    return standing.refusedBy(whoText(referral.approved_by, texts));
  if (isAgreementTakenBack) return standing.notWanted;
  return standing.reasons[ended ?? tasks.at(-1)?.reason ?? ''] ?? standing.otherReason;
}
