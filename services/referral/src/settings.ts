import type { ConsentPolicy } from '@loopwell/sdoh';

/** What decides over sending, for one tenant. Set by whoever composes the service. */
export type ReferralSettings = {
  tenant: string;
  /** Without it nothing goes to a partner; the need waits with `send`. */
  send: boolean;
  /** Policy that may stand in for the reviewer, recorded by name. */
  approve: 'unambiguous' | undefined;
  /** The site's consent form asks for agreement to help, too. */
  agreedByConsent: boolean;
  /** A consent counts for at most this many days from its signature (Minnesota: one year). */
  longestConsentDays: number | undefined;
  /**
   * The policy that the site's consent forms fall under; undefined: an EHR's Consent has to name
   * its own.
   */
  consentPolicy?: ConsentPolicy | undefined;
  /** FHIR base at which partners read, without trailing slash. */
  publicBase: string;
  /** Under this name partners know who refers. */
  siteName: string;
  /** Whom partners call instead of the person; none: no phone. */
  sitePhone?: string | undefined;
  /**
   * The site's consent form asks which contact may be used: then the one of rank 1 goes to
   * partners.
   */
  contactFromChart?: boolean;
  /** Below this age, in years, no policy approves. */
  minorAge: number;
  /** A partner reads its order for so long after its Task has ended. */
  readAfterEndMs: number;
  /** Silence deadline, milliseconds from the moment of sending. */
  acceptByMs: number;
  /** Counts instead of `acceptByMs` where it is set. */
  acceptByBusinessDays?: number | undefined;
  /**
   * How long a referral that nobody could help with may wait for a person before the operators are
   * told.
   */
  decideBy: { ms: number } | { businessDays: number };
  /** The site's time zone, whose business days count; the machine's when left out. */
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
