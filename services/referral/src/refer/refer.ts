import type { ReferralRow, TaskRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';

/** What the gates of one referral see, gathered for the whole batch. */
export type ReferralFacts = {
  referral: ReferralRow;
  tasks: readonly TaskRow[];
  /** The EHR or the site brings the person's agreement, if a reviewer has not recorded it. */
  agreement: { source: string; on: string } | undefined;
  consentFor: (partner: Partner) => ConsentDecision;
  /** Any consent at all that would do for some recipient: asked where no partner is known yet. */
  partners: readonly Partner[];
  serviceCode: ServiceCode | undefined;
  isHeld: (partner: Partner) => boolean;
};

export type Partner = { id: string; name: string; address: string; channel: string; references?: readonly string[] };
export type ServiceCode = { system: string; code: string; display: string };

export type ConsentDecision =
  | { kind: 'permit'; consentId: string; version: string; until?: string }
  | { kind: 'denied' | 'none' }
  /** Something in it that is not evaluated: a person has to look. */
  | { kind: 'needs-person' };

export type Permit = Extract<ConsentDecision, { kind: 'permit' }>;

export type Gate = 'review' | 'agreement' | 'consent' | 'noServiceCode' | 'noPartner' | 'hold' | 'send';

export type Decision =
  | { kind: 'wait'; gate: Gate }
  /** A live Task whose POST may or may not have arrived: ask before anything else; send again only if it still may go. */
  | { kind: 'ask'; task: TaskRow; resend: boolean }
  | { kind: 'send'; partner: Partner; consent: Permit; serviceCode: ServiceCode; approvedBy: string }
  | { kind: 'at-partner' }
  | { kind: 'recall'; task: TaskRow; reason: 'refused' | 'agreement-withdrawn' | 'consent-revoked' }
  | { kind: 'withdraw' }
  | { kind: 'fail' }
  | { kind: 'nothing' };

/**
 * What may happen to a referral now. Each gate has its own reason while it waits; the first unmet one counts, in the
 * order approval, agreement, consent, service code, partner, hold, send. Consent is looked at again each time, for each
 * recipient; without it no path leads to `send`.
 */
export function decide(facts: ReferralFacts, settings: ReferralSettings): Decision {
  const { referral } = facts;
  if (referral.state !== 'waiting' && referral.state !== 'partner') return { kind: 'nothing' };
  const live = facts.tasks.find((task) => task.live);
  const end = endedByPeople(facts, live);
  if (live && live.remote_id === null) return { kind: 'ask', task: live, resend: !end && mayGo(facts, live, settings) };
  if (end) return live ? { kind: 'recall', task: live, reason: end } : { kind: 'withdraw' };
  return live ? { kind: 'at-partner' } : nextSend(facts, settings);
}

type Ending = 'refused' | 'agreement-withdrawn' | 'consent-revoked';

const partnerOf = (task: TaskRow): Partner => ({ id: task.partner, name: '', address: task.address, channel: task.channel });

/** Consent, hold and the switch are looked at in the claim of each send, a repeated one included. */
function mayGo(facts: ReferralFacts, task: TaskRow, settings: ReferralSettings): boolean {
  const partner = partnerOf(task);
  return settings.send && !facts.isHeld(partner) && facts.consentFor(partner).kind === 'permit';
}

/** A need that a reviewer refused, or whose agreement or consent was taken back after it was given. */
function endedByPeople(facts: ReferralFacts, live: TaskRow | undefined): Ending | undefined {
  const { referral } = facts;
  if (referral.approval === 'refused') return 'refused';
  if (referral.agreement_withdrawn_at) return 'agreement-withdrawn';
  if (!live) return undefined;
  const consent = facts.consentFor(partnerOf(live));
  return consent.kind === 'denied' || consent.kind === 'none' ? 'consent-revoked' : undefined;
}

/**
 * The policy `unambiguous`: at least one coded positive answer of a verified row, nothing contradicting, not from a score
 * alone, not sensitive. It lets a referral go; it never makes a Condition `confirmed`.
 */
export function policyApproves(referral: ReferralRow, settings: ReferralSettings): boolean {
  const open = referral.state === 'waiting' && referral.approval === null;
  return open && settings.approve === 'unambiguous' && referral.unambiguous && !referral.sensitive;
}

function nextSend(facts: ReferralFacts, settings: ReferralSettings): Decision {
  const { referral, tasks } = facts;
  if (referral.approval !== 'approved') return { kind: 'wait', gate: 'review' };
  if (!referral.agreement_on && !facts.agreement) return { kind: 'wait', gate: 'agreement' };
  const tried = new Set(tasks.map((task) => task.partner));
  const untried = facts.partners.filter((partner) => !tried.has(partner.id));
  const permitted = untried.flatMap((partner) => {
    const consent = facts.consentFor(partner);
    return consent.kind === 'permit' ? [{ partner, consent }] : [];
  });
  const anyone = facts.consentFor({ id: '', name: '', address: '', channel: '' });
  if (permitted.length === 0 && anyone.kind !== 'permit') return { kind: 'wait', gate: 'consent' };
  if (!facts.serviceCode) return { kind: 'wait', gate: 'noServiceCode' };
  if (untried.length === 0) return tasks.length > 0 ? { kind: 'fail' } : { kind: 'wait', gate: 'noPartner' };
  const [choice] = permitted;
  if (!choice) return { kind: 'wait', gate: 'consent' };
  if (facts.isHeld(choice.partner)) return { kind: 'wait', gate: 'hold' };
  if (!settings.send) return { kind: 'wait', gate: 'send' };
  return { kind: 'send', ...choice, serviceCode: facts.serviceCode, approvedBy: referral.approved_by ?? '' };
}

/** Who has to do something while a gate is shut. */
export const gateOwners = {
  review: 'reviewer',
  agreement: 'reviewer',
  consent: 'reviewer',
  noServiceCode: 'reviewer',
  noPartner: 'operator',
  hold: 'operator',
  send: 'operator',
} as const satisfies Record<Gate, 'reviewer' | 'operator'>;
