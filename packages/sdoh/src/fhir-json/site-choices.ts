/** What a site or a receiver wants otherwise than the guide advises; all off by default. */
export type SiteChoices = {
  /** NEG on answers that say that there is no need. Gravity advises against it; some receivers demand it. */
  interpretNegative?: boolean;
  /** No ICD-10-CM code beside a SNOMED CT finding until a clinician has confirmed it. */
  withoutIcd10cm?: boolean;
  /** IANA name of the site's time zone, only where somebody has set it: times without an offset are read in it. */
  timeZone?: string;
};
