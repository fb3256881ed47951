import type { fhir4 } from '@loopwell/fhir';
import type { ContactStanding } from './next-ask.ts';
import type { ReachChoice, ReachWay } from './reach-choice.ts';

/** The ways for which a partner needs a number or an address. */
const systems = { call: 'phone', relay: 'phone', text: 'sms', email: 'email' } as const;

const isReached = (way: ReachWay): way is keyof typeof systems => way in systems;

/**
 * Returns the number or e-mail address that the person chose for partners: of the ways that they
 * allow, the one that they like best. Without it a partner calls the clinic. Nothing of the EHR's
 * is ever given, and nothing at all once the record says something else than when they were asked.
 */
export function contactForPartner(
  choice: ReachChoice | undefined,
  standing: ContactStanding,
): fhir4.ContactPoint | undefined {
  if (!choice?.forPartners || standing !== 'active') return undefined;
  const way = choice.ways.find(isReached);
  const address = way === 'email' ? choice.email : numberText(choice);
  if (way === undefined || address === undefined) return undefined;
  return { system: systems[way], value: address, rank: 1 };
}

function numberText({ phone }: ReachChoice): string | undefined {
  if (phone === undefined) return undefined;
  return phone.extension === undefined ? phone.number : `${phone.number} ext. ${phone.extension}`;
}
