import { hadTurn } from './ended-without-help.ts';

type Asked = { partner: string; address: string; reason: string | null };
type Askable = { id: string; address: string };

/**
 * Whom a referral may go to: those who had their turn, and those who have not, in the order in
 * which partners are given.
 * DECISIONS D71.
 */
export function turnsAmong<T extends Asked, P extends Askable>(
  tasks: readonly T[],
  partners: readonly P[],
  mayGoTo: (partner: P) => boolean,
) {
  const turns = tasks.filter(hadTurn);
  const tried = new Set(turns.map((task) => `${task.partner} ${task.address}`));
  const eligible = partners.filter(mayGoTo);
  return {
    turns,
    eligible,
    untried: eligible.filter((partner) => !tried.has(`${partner.id} ${partner.address}`)),
  };
}

/**
 * Who of them is asked next: the first to whom consent permits it; where it permits nobody yet, the
 * first whom nothing forbids. One function for the sender, for every preview of what it would do,
 * and for whose consent a page tells of.
 */
export function nextAmong<P, C extends { kind: string }>(
  untried: readonly P[],
  consentFor: (partner: P) => C,
): { partner: P; consent: C } | undefined {
  const asked = untried.map((partner) => ({ partner, consent: consentFor(partner) }));
  return (
    asked.find((one) => one.consent.kind === 'permit') ??
    asked.find((one) => one.consent.kind !== 'denied')
  );
}
