import type { fhir4 } from '@loopwell/fhir';
import type { ReachChoice } from './reach-choice.ts';

/** What a partner has to mind when it reaches a person in the way that they chose. */
export type ContactCare = {
  /** No message may be left. */
  noVoicemail: boolean;
  /** Nobody but the person may hear of the help or the clinic. */
  personOnly: boolean;
  /** When to reach them, in the person's words. */
  hours?: string | undefined;
};

/** The contact that a partner may use, and what it has to mind. */
export type PartnerReach = { contact: fhir4.ContactPoint; care: ContactCare };

/**
 * Tells what a partner has to mind. Whoever answers another person's phone, or one that several
 * share, hears nothing, whatever may be said to the person.
 */
export function contactCare(choice: ReachChoice): ContactCare {
  const isOwn = choice.phoneOwner === undefined || choice.phoneOwner === 'self';
  return {
    noVoicemail: !choice.voicemail,
    personOnly: !isOwn || choice.mayBeSaid === 'clinicOnly',
    hours: choice.hours,
  };
}
