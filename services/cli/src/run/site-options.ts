import { withoutUndefined } from '@loopwell/fhir';
import {
  type ConsentPolicy,
  type Deadline,
  deadlineText,
  durationText,
  type SiteFields,
} from '@loopwell/sdoh';

/** The options that fill the settings of a site where it has set nothing yet. */
export type SiteOptions = {
  siteName?: string;
  sitePhone?: string;
  timeZone?: string;
  consentPolicy?: ConsentPolicy;
  consentValidFor?: number;
  minorAge?: number;
  contactFromChart?: boolean;
  /** Milliseconds. */
  readAfterEnd?: number;
  acceptBy?: Deadline;
  decideBy?: Deadline;
  /** Milliseconds. */
  undoFor?: number;
};

/** Returns the settings that the options of a run say. DECISIONS D147. */
export function siteOfOptions(options: SiteOptions): SiteFields {
  const { consentPolicy, acceptBy, decideBy, readAfterEnd, undoFor } = options;
  return withoutUndefined({
    name: options.siteName,
    phone: options.sitePhone,
    timeZone: options.timeZone,
    consentPolicy: consentPolicy && `${consentPolicy.system}|${consentPolicy.code}`,
    longestConsentDays: options.consentValidFor,
    minorAge: options.minorAge,
    contactFromChart: options.contactFromChart,
    acceptBy: acceptBy && deadlineText(acceptBy),
    decideBy: decideBy && deadlineText(decideBy),
    readAfterEnd: readAfterEnd === undefined ? undefined : durationText(readAfterEnd),
    undoFor: undoFor === undefined ? undefined : durationText(undoFor),
  });
}
