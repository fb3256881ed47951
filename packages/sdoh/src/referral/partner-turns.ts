import { hadTurn } from './ended-without-help.ts';

/** `first_address`: where it went first, if it has gone on by another way of its partner. */
type Asked = { partner: string; address: string; first_address?: string; reason: string | null };
type Askable = { id: string; address: string };

/**
 * Lists the Tasks whose partner had its turn, the partners that a referral may go to, and those of
 * them that had no turn yet, in the order in which partners are given.
 * DECISIONS D71.
 */
export function turnsAmong<T extends Asked, P extends Askable>(
  tasks: readonly T[],
  partners: readonly P[],
  mayGoTo: (partner: P) => boolean,
) {
  const turns = tasks.filter(hadTurn);
  const tried = new Set(
    turns.map(({ partner, address, first_address: first }) => `${partner} ${first ?? address}`),
  );
  const eligible = partners.filter(mayGoTo);
  return {
    turns,
    eligible,
    untried: eligible.filter((partner) => !tried.has(`${partner.id} ${partner.address}`)),
  };
}

/**
 * Picks the partner that is asked next: the first to whom consent permits it; where it permits none
 * yet, the first that it does not deny. The sender uses it, as does every preview of what it would
 * do, and the page that tells whose consent counts.
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
