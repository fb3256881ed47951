import { type ClockLimits, type ConsentPolicy, usualLimits } from '@loopwell/sdoh';

/**
 * The settings that decide about sending, for one tenant. The code that composes the service sets
 * them.
 */
export type ReferralSettings = {
  tenant: string;
  /** Nothing is sent to a partner without it; the referral waits at `send`. */
  send: boolean;
  /** A policy that may approve in place of the reviewer, recorded by name. */
  approve: 'unambiguous' | undefined;
  /** The site's consent form also asks for agreement to help. */
  agreedByConsent: boolean;
  /** The most days that a consent counts from its signature (Minnesota: one year). */
  longestConsentDays: number | undefined;
  /**
   * The policy that the site's consent forms fall under. If undefined, an EHR's Consent has to name
   * its own.
   */
  consentPolicy?: ConsentPolicy | undefined;
  /** FHIR base at which partners read, without trailing slash. */
  publicBase: string;
  /** The name under which partners know who refers. */
  siteName: string;
  /** The phone that partners call instead of the person's; undefined for none. */
  sitePhone?: string | undefined;
  /** The site's consent form asks whether partners may have the contact that the person chose. */
  contactFromChart?: boolean;
  /** The words of addresses that keep the true one secret; those of Safe at Home if left out. */
  protectedAddress?: string;
  /** The age in years below which no policy approves. */
  minorAge: number;
  /** How long a partner may read its order after its Task has ended. */
  readAfterEndMs: number;
  /** The deadline of silence, in milliseconds from the moment of sending. */
  acceptByMs: number;
  /** Counts instead of `acceptByMs` if it is set. */
  acceptByBusinessDays?: number | undefined;
  /**
   * How long a referral that no partner could help with may wait for a person before the operators
   * are told.
   */
  decideBy: { ms: number } | { businessDays: number };
  /** The site's time zone, whose business days count; the machine's if left out. */
  timeZone?: string | undefined;
  pollMs: number;
  batch: number;
  leaseMs: number;
  /**
   * A receiver that shows twice, this long apart, that it does not have a Task may be sent it
   * again.
   */
  askAgainMs: number;
};

/** Gives how long a partner has for each of its steps. */
export function clockLimitsOf(settings: ReferralSettings): ClockLimits {
  const { acceptByMs: ms, acceptByBusinessDays: businessDays } = settings;
  const acceptBy = businessDays === undefined ? { ms } : { businessDays };
  return { ...usualLimits, acceptBy };
}
