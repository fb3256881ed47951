import { withoutUndefined } from '@loopwell/fhir';
import { afterAllTurns, hadTurn, needsPersonAfter, nextAmong, turnsAmong } from '@loopwell/sdoh';
import { mayGoTo } from './approval.ts';
import { handedNext } from './handed-over.ts';
import type { ConsentDecision, Partner, PartnerStanding, Permit, ReferralFacts } from './model.ts';

/** Any recipient at all, for consent questions while no partner is known. */
export const anyone: Partner = { id: '', name: '', address: '', channel: '' };

/**
 * Lists the partners of a referral that had their turn and those that did not, in the order of the
 * directory.
 */
export function turnsOf({ referral, tasks, partners, saidNo }: ReferralFacts) {
  // Tasks that ended before a person decided to go on do not count again.
  const open = tasks.slice(referral.asked_after ?? 0).filter(hadTurn);
  const isEligible = (partner: Partner) =>
    mayGoTo(referral, partner) && !(saidNo?.refuses(partner) ?? false);
  // Partners of the first so many Tasks may be asked again, because somebody said so.
  const counted = tasks.slice(referral.turns_from ?? 0);
  return { open, ...turnsAmong(counted, partners, isEligible) };
}

type Turns = ReturnType<typeof turnsOf>;

const permitOf = (consent: ConsentDecision): Permit | undefined =>
  consent.kind === 'permit' ? consent : undefined;

export type Next = { partner: Partner; consent?: Permit };

/**
 * Gives the partner that is asked next, for the sender and for every preview. It is the first in
 * the order of the directory that has not had its turn and to which consent permits sending. If
 * consent permits no partner yet, it is the first that consent does not forbid.
 */
export function whoIsNext(facts: ReferralFacts): Next | undefined {
  const { open, untried } = turnsOf(facts);
  if (facts.saidNo?.no) return undefined;
  const taking = takingAmong(facts, untried);
  if (needsPersonAfter(open)) return handedNext(facts, open, taking);
  const next = nextAmong(taking, facts.consentFor);
  const consent = next && permitOf(next.consent);
  // A consent for a partner that is full asks for no other signature.
  if (!next || (!consent && consentAmong(facts, untried))) return undefined;
  return { partner: next.partner, ...withoutUndefined({ consent }) };
}

/** Lists the partners that take something new now. */
export const takingAmong = (facts: ReferralFacts, untried: readonly Partner[]): Partner[] =>
  untried.filter((partner) => standingOf(facts, partner).kind === 'takes');

const takes: PartnerStanding = { kind: 'takes' };

const standingOf = (facts: ReferralFacts, partner: Partner): PartnerStanding =>
  facts.standingOf?.(partner) ?? takes;

/** Gives the consent for the partners that are left; where none is left, that for anyone. */
export function consentAmong(
  facts: ReferralFacts,
  untried: readonly Partner[],
): Permit | undefined {
  const asked = untried.filter((partner) => standingOf(facts, partner).kind !== 'confidential');
  if (asked.length === 0) return permitOf(facts.consentFor(anyone));
  const next = nextAmong(asked, facts.consentFor);
  return next && permitOf(next.consent);
}

/** Why no partner takes a referral although some are left, the most hopeful reason first. */
const reasons = [
  'paused',
  'weekFull',
  'full',
  'agreementNotYet',
  'noAgreement',
  'agreementEnded',
  'confidential',
] as const satisfies readonly PartnerStanding['kind'][];

/**
 * Gives the reason why nobody takes a referral now although partners are left, for the gate and for
 * every page. Undefined where one takes it, or none is left.
 */
export function whyNoneTakes(facts: ReferralFacts): PartnerStanding | undefined {
  const { untried } = turnsOf(facts);
  const standings = untried.map((partner) => standingOf(facts, partner));
  if (standings.some(({ kind }) => kind === 'takes')) return undefined;
  const soonest = standings.toSorted(byOpening);
  const kind = reasons.find((reason) => standings.some((standing) => standing.kind === reason));
  return soonest.find((standing) => standing.kind === kind);
}

const byOpening = (left: PartnerStanding, right: PartnerStanding): number =>
  (left.opensInMs ?? 0) - (right.opensInMs ?? 0);

/**
 * Tells whether a Task of which nobody knows whether it arrived may be sent again. A pause counts
 * for new ones only.
 */
export function mayBeSentAgain(facts: ReferralFacts, partner: Partner): boolean {
  const { kind } = standingOf(facts, partner);
  return ['takes', 'paused', 'weekFull', 'full'].includes(kind);
}

/** Gives the reason why no partner is left that could help; undefined where one is. */
export const whyNobodyLeft = ({
  turns,
  eligible,
  untried,
}: Pick<Turns, 'turns' | 'eligible' | 'untried'>) =>
  eligible.length > 0 && untried.length === 0 ? afterAllTurns(turns) : undefined;
