import type { Site } from '@loopwell/service';
import type { ReferralSettings } from './settings.ts';

/** The settings of a process that the site does not decide. */
export type ProcessSettings = Omit<ReferralSettings, keyof SiteChoices>;

/** The settings that the site decides. */
type SiteChoices = Pick<
  ReferralSettings,
  | 'siteName'
  | 'sitePhone'
  | 'timeZone'
  | 'consentPolicy'
  | 'longestConsentDays'
  | 'minorAge'
  | 'contactFromChart'
  | 'protectedAddress'
  | 'readAfterEndMs'
  | 'acceptByMs'
  | 'acceptByBusinessDays'
  | 'decideBy'
>;

/**
 * Joins the settings of this process with those of the site. Each use of a setting reads what
 * counts then, so that a change counts without a restart. DECISIONS D147.
 */
export function liveSettings(chosen: ProcessSettings, site: Site): ReferralSettings {
  const choices: SiteChoices = {
    get siteName() {
      return site.settings().name;
    },
    get sitePhone() {
      return site.settings().phone;
    },
    get timeZone() {
      return site.settings().timeZone;
    },
    get consentPolicy() {
      return site.settings().consentPolicy;
    },
    get longestConsentDays() {
      return site.settings().longestConsentDays;
    },
    get minorAge() {
      return site.settings().minorAge;
    },
    get contactFromChart() {
      return site.settings().contactFromChart;
    },
    get protectedAddress() {
      return site.settings().protectedAddress;
    },
    get readAfterEndMs() {
      return site.settings().readAfterEndMs;
    },
    get acceptByMs() {
      const { acceptBy } = site.settings();
      return 'ms' in acceptBy ? acceptBy.ms : 0;
    },
    get acceptByBusinessDays() {
      const { acceptBy } = site.settings();
      return 'businessDays' in acceptBy ? acceptBy.businessDays : undefined;
    },
    get decideBy() {
      return site.settings().decideBy;
    },
  };
  // Not spread: that would read each setting once and for good.
  return Object.defineProperties(
    { ...chosen },
    Object.getOwnPropertyDescriptors(choices),
  ) as ReferralSettings;
}
