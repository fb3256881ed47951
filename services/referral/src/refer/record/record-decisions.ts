import {
  type DueRow,
  type LedgerRow,
  ledger,
  type NextAsked,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type Settled,
  type Settlement,
  type Tx,
} from '@loopwell/store';
import type { ReferralSettings } from '../../settings.ts';
import { isByPolicy, isRestricted } from '../approval.ts';
import type { Agreement, Decision, ReferralFacts } from '../model.ts';
import { whoIsNext, whyNoneTakes } from '../partner-turns.ts';
import { gateOwners } from './gate-owners.ts';
import type { Approval, Approvals } from './record-approval.ts';
import { withoutHelpPatch } from './without-help.ts';

/** The functions that recording a decision needs from the service. */
export type RecordDeps = {
  recordPolicy: (tx: Tx, approvals: readonly Approval[]) => Promise<void>;
  wantApproved: (tx: Tx, approved: readonly Approval[]) => Promise<DueRow[]>;
  /** Revokes the orders of referrals that end without help. */
  revokeRequests: (tx: Tx, ended: readonly Approval[]) => Promise<DueRow[]>;
};

/** The decisions for a batch, before they are recorded. */
export type Outcome = {
  settled: Settled[];
  patches: { id: string; patch: ReferralPatch }[];
  nexts: { id: string; patch: NextAsked }[];
  ended: Approval[];
  now: Date;
};

/**
 * Makes the patch that records the agreement of the EHR or the site, with its date and who asked.
 * An agreement that a reviewer recorded stays as it is.
 */
export function agreementPatches(
  referral: ReferralRow,
  agreement: Agreement | undefined,
): Outcome['patches'] {
  const isOpen = referral.state === 'waiting' || referral.state === 'partner';
  if (!agreement || !isOpen || referral.agreement_source === 'reviewer') return [];
  const patch = {
    agreement_on: agreement.on,
    agreement_by: agreement.askedBy ?? agreement.source,
    agreement_source: agreement.source,
  };
  return [{ id: referral.id, patch }];
}

/**
 * Records the decisions of a batch. The write-back rows of all people whose chart may change are
 * locked first, before referrals and copies, and become due in one statement. So two workers that
 * decide about the same people never wait for each other in a circle.
 */
export async function record(
  deps: RecordDeps,
  tx: Tx,
  { policy, approved }: Approvals,
  outcome: Outcome,
): Promise<void> {
  const people = [...approved, ...outcome.ended].map(({ referral }) => referral.person);
  await ledger.awaitStage(tx, 'write-back', [...new Set(people)]);
  await deps.recordPolicy(tx, policy);
  const wanted = await deps.wantApproved(tx, approved);
  await referrals.patchReferrals(tx, outcome.patches);
  await referrals.saveNext(tx, outcome.nexts);
  await ledger.due(tx, [...wanted, ...(await deps.revokeRequests(tx, outcome.ended))]);
}

/**
 * Tells whether an approval falls and has to be asked for again. A policy's approval falls if it
 * does not hold any more. Any approval falls if the referral is restricted since, or if the record
 * does not say clearly that the person may be helped.
 */
const doesApprovalFall = ({ referral, standing }: ReferralFacts): boolean =>
  referral.approval === 'approved' &&
  (isByPolicy(referral) || isRestricted(referral) || standing === 'unclear');

/** Adds a decision that needs no I/O to the outcome of the batch. */
export function settleAtOnce(
  row: LedgerRow,
  facts: ReferralFacts | undefined,
  decision: Decision,
  outcome: Outcome,
  settings: ReferralSettings,
): void {
  const principal = 'system:referral';
  const referral = facts?.referral;
  if (decision.kind === 'wait') {
    const lapsed = decision.gate === 'review' && facts !== undefined && doesApprovalFall(facts);
    const undone = lapsed
      ? { approval: null, approved_by: null, approved_at: null, recipient: null }
      : {};
    const waits = {
      state: 'waiting',
      gate: decision.gate,
      ...undone,
      ...withoutHelpPatch(referral, decision.why, outcome.now, settings),
    } as const;
    outcome.patches.push({ id: row.subject, patch: waits });
    outcome.nexts.push({ id: row.subject, patch: nextAsked(facts, settings) });
    outcome.settled.push({ row, settlement: waitAt(decision), principal });
    return;
  }
  if (decision.kind === 'at-partner' && decision.unclear) {
    // The partner's reads are shut and it cannot know why, so an operator has to.
    const settlement = {
      kind: 'park' as const,
      code: 'RECORD_UNCLEAR',
      waitsFor: 'operator' as const,
    };
    outcome.settled.push({ row, settlement, principal });
    return;
  }
  if (decision.kind === 'withdraw' || decision.kind === 'give-up') {
    const ended =
      decision.kind === 'give-up'
        ? { state: 'failed' as const }
        : { state: 'withdrawn' as const, ended_reason: decision.reason };
    outcome.patches.push({ id: row.subject, patch: { gate: null, ...ended } });
    if (referral) outcome.ended.push({ row, referral });
  }
  const reasonFacts = decision.kind === 'withdraw' ? { facts: { reason: decision.reason } } : {};
  const done = {
    kind: 'done' as const,
    outcome: decision.kind === 'give-up' ? 'ended-without-help' : decision.kind,
  };
  outcome.settled.push({ row, settlement: done, principal, ...reasonFacts });
}

/** Makes the settlement of a referral that waits: for somebody, or for a moment. */
function waitAt({ gate, forMs }: Extract<Decision, { kind: 'wait' }>): Settlement {
  const wait = { kind: 'wait', outcome: `waits:${gate}` } as const;
  const waitsFor = gateOwners[gate];
  if (forMs === undefined) return { ...wait, waitsFor };
  // The day of a no, or of a partner that opens, is far ahead: meanwhile no worker owes anything.
  const isFarAhead = gate === 'saidNo' || gate === 'noPartner';
  return { ...wait, waitsFor: isFarAhead ? waitsFor : 'worker', delayMs: forMs };
}

/**
 * Gives the partner that would be asked next, for previews. The same function decides the sender's
 * own choice.
 */
function nextAsked(facts: ReferralFacts | undefined, settings: ReferralSettings): NextAsked {
  const next = facts && whoIsNext(facts);
  const until = next?.consent?.until;
  const wait = facts && whyNoneTakes(facts);
  return {
    next_partner: next?.partner.id ?? null,
    next_address: next?.partner.address ?? null,
    next_until: until === undefined ? null : new Date(until),
    partner_wait: wait?.kind ?? null,
    partner_wait_until: wait?.until ?? null,
    send_off: !settings.send,
  };
}
