import { parseDurationMs, timeZoneProblem } from '@loopwell/kit';
import { safeAtHome } from '../terminology/safe-at-home.ts';
import {
  defaultTryBudget,
  parseTryBudget,
  type TryBudget,
} from '../terminology/try-budget-text.ts';
import { type ConsentPolicy, parseConsentPolicy } from './consent/consent-policy.ts';
import {
  type Deadline,
  isKeepTime,
  isLimit,
  isUndoWait,
  keepRule,
  limitRule,
  longestLimitMs,
  parseDeadline,
} from './site/site-times.ts';

/** What a site has decided, as the code uses it. DECISIONS D147. */
export type SiteSettings = {
  /** The name under which partners know who refers. */
  name: string;
  /** The phone that partners call instead of the person's. */
  phone: string | undefined;
  /** The line of an advocate, which is offered aloud to people to be seen first. */
  advocateLine: string;
  /** IANA name of the site's time zone; the machine's where it is not set. */
  timeZone: string | undefined;
  /** The policy that the site's consent forms fall under. */
  consentPolicy: ConsentPolicy | undefined;
  /** The most days that a consent counts from its signature. */
  longestConsentDays: number;
  /** The age in years below which no policy approves. */
  minorAge: number;
  /** The site's consent form asks whether partners may have the contact that the person chose. */
  contactFromChart: boolean;
  /** The state whose law says to what minors agree alone; undefined where it is not set. */
  state: string | undefined;
  /** How often a person may be tried, over all needs and partners. */
  tryBudget: TryBudget;
  /**
   * The site's written policy by which a spoken yes counts as a consent, and who wrote it. Without
   * one a spoken yes is the agreement only. DECISIONS D164.
   */
  spokenConsent: { policy: string; author: string } | undefined;
  /** The words of addresses of a program that keeps the true address secret. */
  protectedAddress: string;
  /** By when a partner has to take a Task. */
  acceptBy: Deadline;
  /** By when a person has to decide about what no partner could help with. */
  decideBy: Deadline;
  /** How long a partner reads its order after its Task has ended. */
  readAfterEndMs: number;
  /** How long a decision on a page waits before it sends anything; 0 for not at all. */
  undoForMs: number;
  /** After which time without help somebody on duty is told. */
  tellWithoutHelpMs: number;
  /** For how long nothing happens before a person is erased; undefined: nobody is. */
  keepPeopleMs: number | undefined;
  /** How long it is kept who saw whom; undefined: for good. */
  keepViewsMs: number | undefined;
};

/**
 * The same as a person or a flag says it. A field that is absent was never set; one that is null
 * was left empty, and its default counts.
 */
export type SiteFields = {
  name?: string | null;
  phone?: string | null;
  /** The line of an advocate, such as `Day One, 1-866-223-1111`. */
  advocateLine?: string | null;
  timeZone?: string | null;
  /** `system|code`. */
  consentPolicy?: string | null;
  longestConsentDays?: number | null;
  minorAge?: number | null;
  contactFromChart?: boolean | null;
  /** Two letters, such as `MN`. */
  state?: string | null;
  /** Such as `3 in 14 days, 1 a day`. */
  tryBudget?: string | null;
  /** Where the written policy of spoken consents is, or what it says. */
  spokenConsentPolicy?: string | null;
  /** Who wrote it. */
  spokenConsentAuthor?: string | null;
  /**
   * Such as `PO Box 17370 Saint Paul`: an address with all of these words keeps the true one
   * secret.
   */
  protectedAddress?: string | null;
  /** A duration such as `3d`, or business days such as `2bd`; `decideBy` likewise. */
  acceptBy?: string | null;
  decideBy?: string | null;
  /** A duration such as `30d`. */
  readAfterEnd?: string | null;
  /** A duration such as `10m`; `0s` for no wait. */
  undoFor?: string | null;
  /** A duration such as `7d`. */
  tellWithoutHelp?: string | null;
  /** Durations such as `3650d`; empty: for good. */
  keepPeople?: string | null;
  keepViews?: string | null;
};

/** What counts where a site has decided nothing; no phone, no policy, the machine's time zone. */
export const siteDefaults = {
  name: 'Loopwell',
  /** The national lines. */
  advocateLine: '1-800-799-7233 or 988, day and night',
  longestConsentDays: 365,
  minorAge: 18,
  contactFromChart: false,
  tryBudget: '3 in 14 days, 1 a day',
  protectedAddress: safeAtHome,
  acceptBy: '2bd',
  decideBy: '2bd',
  readAfterEnd: '30d',
  undoFor: '10m',
  tellWithoutHelp: '7d',
} as const satisfies SiteFields;

/** The names of the fields, in the order in which pages show them. */
export const siteFieldNames = [
  'name',
  'phone',
  'advocateLine',
  'timeZone',
  'consentPolicy',
  'longestConsentDays',
  'minorAge',
  'contactFromChart',
  'state',
  'tryBudget',
  'spokenConsentPolicy',
  'spokenConsentAuthor',
  'protectedAddress',
  'acceptBy',
  'decideBy',
  'readAfterEnd',
  'undoFor',
  'tellWithoutHelp',
  'keepPeople',
  'keepViews',
] as const satisfies readonly (keyof SiteFields)[];

const isWhole = (count: unknown, least: number, most: number): boolean =>
  Number.isInteger(count) && Number(count) >= least && Number(count) <= most;

const isPhone = (text: string): boolean =>
  /^\+?[\d\s().-]{7,20}(?: ?(?:x|ext\.?) ?\d{1,6})?$/.test(text);

const isLine = (text: string, most: number): boolean =>
  text.length <= most && /^[^\p{Cc}]+$/u.test(text) && text.trim() === text;

/** The states, districts and territories of the United States. */
const states =
  'AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH ' +
  'NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY AS GU MP PR VI';

const isState = (text: string): boolean => states.split(' ').includes(text);

/** The rule of each field: whether a value keeps it, and how it is said. */
const rules: {
  readonly [Name in keyof SiteFields]-?: {
    keeps: (setting: NonNullable<SiteFields[Name]>) => boolean;
    rule: string;
  };
} = {
  name: {
    keeps: (name) => /^[^\p{Cc}]{1,200}$/u.test(name) && name.trim() === name,
    rule: 'must be a name of 1 to 200 characters on one line',
  },
  phone: { keeps: isPhone, rule: 'must be one phone number, such as +1 612 555 0100' },
  advocateLine: {
    keeps: (line) => isLine(line, 200) && (line.match(/\d/g)?.length ?? 0) >= 3,
    rule: 'must be one line of at most 200 characters with the number to call',
  },
  timeZone: {
    keeps: (text) => timeZoneProblem(text) === undefined,
    rule: 'must be the name of a time zone such as America/Chicago',
  },
  consentPolicy: {
    keeps: (text) => parseConsentPolicy(text) !== undefined,
    rule: 'must be the system|code of a policy that permits',
  },
  longestConsentDays: {
    keeps: (days) => isWhole(days, 1, 36_500),
    rule: 'must be a whole number of days from 1 to 36500',
  },
  minorAge: {
    keeps: (years) => isWhole(years, 0, 30),
    rule: 'must be an age in years from 0 to 30',
  },
  contactFromChart: {
    keeps: (choice) => typeof choice === 'boolean',
    rule: 'must be true or false',
  },
  state: {
    keeps: isState,
    rule: 'must be the two letters of a state, such as MN',
  },
  tryBudget: {
    keeps: (text) => parseTryBudget(text) !== undefined,
    rule: 'must be written as 3 in 14 days, 1 a day',
  },
  spokenConsentPolicy: {
    keeps: (text) => isLine(text, 500),
    rule: 'must be 1 to 500 characters on one line',
  },
  spokenConsentAuthor: {
    keeps: (text) => isLine(text, 120),
    rule: 'must be 1 to 120 characters on one line',
  },
  protectedAddress: {
    keeps: (words) => /^[\p{L}\p{N} .,#-]{5,100}$/u.test(words) && /\d/.test(words),
    rule: 'must be the words of an address with its number, such as PO Box 17370 Saint Paul',
  },
  acceptBy: { keeps: isLimit, rule: limitRule },
  decideBy: { keeps: isLimit, rule: limitRule },
  readAfterEnd: {
    keeps: (text) => isLimit(text) && !text.endsWith('bd'),
    rule: 'must be a duration such as 12h or 30d, up to ten years',
  },
  undoFor: {
    keeps: isUndoWait,
    rule: 'must be a duration such as 10m, up to one day; 0s for no wait',
  },
  tellWithoutHelp: {
    keeps: (text) => isLimit(text) && !text.endsWith('bd'),
    rule: 'must be a duration such as 12h or 7d, up to ten years',
  },
  keepPeople: { keeps: isKeepTime, rule: keepRule },
  keepViews: { keeps: isKeepTime, rule: keepRule },
};

/** A field that breaks its rule. It never holds the value. */
export type SiteProblem = { field: keyof SiteFields; rule: string };

/** Lists the fields that break their rules. A field that is absent or empty breaks none. */
export function siteProblems(fields: SiteFields): SiteProblem[] {
  const broken = siteFieldNames.flatMap((field) => {
    const { keeps, rule } = rules[field] as { keeps: (setting: unknown) => boolean; rule: string };
    const setting = fields[field];
    if (setting === undefined || setting === null || keeps(setting)) return [];
    return [{ field, rule }];
  });
  return broken.length > 0 ? broken : spokenConsentProblems(fields);
}

/** A policy counts only with its author, and an author only with a policy. */
function spokenConsentProblems(fields: SiteFields): SiteProblem[] {
  const { spokenConsentPolicy: policy, spokenConsentAuthor: author } = fields;
  if (policy && !author)
    return [{ field: 'spokenConsentAuthor', rule: 'must say who wrote the policy' }];
  return author && !policy
    ? [{ field: 'spokenConsentPolicy', rule: 'must say where the policy is' }]
    : [];
}

/** Returns the deadline that a field says, or the default one. */
const deadlineOf = (text: string | null | undefined, preset: string): Deadline =>
  parseDeadline(text ?? preset) ?? parseDeadline(preset) ?? { businessDays: 2 };

/** Returns the settings about how long something may last or is kept. */
function keepingOf(fields: SiteFields) {
  const { tellWithoutHelp, keepPeople, keepViews } = fields;
  const tellAfter = tellWithoutHelp ?? siteDefaults.tellWithoutHelp;
  return {
    tellWithoutHelpMs: parseDurationMs(tellAfter) ?? longestLimitMs,
    keepPeopleMs: keepPeople ? parseDurationMs(keepPeople) : undefined,
    keepViewsMs: keepViews ? parseDurationMs(keepViews) : undefined,
  };
}

/** Returns the settings that count, with the defaults of what was not decided. */
export function siteSettingsOf(fields: SiteFields): SiteSettings {
  const { consentPolicy, spokenConsentPolicy: policy, spokenConsentAuthor: author } = fields;
  const readAfterEndMs = parseDurationMs(fields.readAfterEnd ?? siteDefaults.readAfterEnd);
  return {
    name: fields.name ?? siteDefaults.name,
    phone: fields.phone ?? undefined,
    advocateLine: fields.advocateLine ?? siteDefaults.advocateLine,
    timeZone: fields.timeZone ?? undefined,
    consentPolicy: consentPolicy ? parseConsentPolicy(consentPolicy) : undefined,
    longestConsentDays: fields.longestConsentDays ?? siteDefaults.longestConsentDays,
    minorAge: fields.minorAge ?? siteDefaults.minorAge,
    contactFromChart: fields.contactFromChart ?? siteDefaults.contactFromChart,
    state: fields.state ?? undefined,
    tryBudget: parseTryBudget(fields.tryBudget ?? '') ?? defaultTryBudget,
    spokenConsent: policy && author ? { policy, author } : undefined,
    protectedAddress: fields.protectedAddress ?? siteDefaults.protectedAddress,
    acceptBy: deadlineOf(fields.acceptBy, siteDefaults.acceptBy),
    decideBy: deadlineOf(fields.decideBy, siteDefaults.decideBy),
    readAfterEndMs: readAfterEndMs ?? 0,
    undoForMs: parseDurationMs(fields.undoFor ?? siteDefaults.undoFor) ?? 0,
    ...keepingOf(fields),
  };
}
