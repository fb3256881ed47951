import { type SiteFields, siteFieldNames } from '@loopwell/sdoh';
import type { SiteChange } from './site.ts';

/** The texts of the fields, as a form sends and shows them. */
export type SiteTexts = Record<keyof SiteFields | 'identifierSystem' | 'version', string>;

const textOf = (field: unknown): string => (typeof field === 'string' ? field.trim() : '');

/** Reads the texts of a form that was sent. */
export function textsOfForm(body: Readonly<Record<string, unknown>>): SiteTexts {
  const names = ['version', ...siteFieldNames, 'identifierSystem'];
  return Object.fromEntries(names.map((name) => [name, textOf(body[name])])) as SiteTexts;
}

/** Returns a number that was typed; NaN, which breaks every rule, where it is none. */
const numberOf = (text: string): number | null => {
  if (text === '') return null;
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
};

const deadlinesOf = (texts: SiteTexts) => ({
  acceptBy: texts.acceptBy || null,
  decideBy: texts.decideBy || null,
  readAfterEnd: texts.readAfterEnd || null,
  undoFor: texts.undoFor || null,
  tellWithoutHelp: texts.tellWithoutHelp || null,
  keepPeople: texts.keepPeople || null,
  keepViews: texts.keepViews || null,
});

/** Returns the change that a form says. An empty field is null. */
export const changeOfTexts = (texts: SiteTexts): SiteChange => ({
  version: numberOf(texts.version) ?? Number.NaN,
  name: texts.name || null,
  phone: texts.phone || null,
  advocateLine: texts.advocateLine || null,
  timeZone: texts.timeZone || null,
  consentPolicy: texts.consentPolicy || null,
  longestConsentDays: numberOf(texts.longestConsentDays),
  minorAge: numberOf(texts.minorAge),
  contactFromChart: texts.contactFromChart === 'true',
  state: texts.state.toUpperCase() || null,
  tryBudget: texts.tryBudget || null,
  spokenConsentPolicy: texts.spokenConsentPolicy || null,
  spokenConsentAuthor: texts.spokenConsentAuthor || null,
  protectedAddress: texts.protectedAddress || null,
  ...deadlinesOf(texts),
  identifierSystem: texts.identifierSystem || null,
});

/** Writes fields as the texts of a form. */
export function textsOfFields(
  fields: SiteFields,
  { version, identifierSystem }: { version: number; identifierSystem: string | null },
): SiteTexts {
  const stored = siteFieldNames.map((name) => [name, String(fields[name] ?? '')]);
  return {
    ...(Object.fromEntries(stored) as Record<keyof SiteFields, string>),
    contactFromChart: String(fields.contactFromChart ?? false),
    version: String(version),
    identifierSystem: identifierSystem ?? '',
  };
}
