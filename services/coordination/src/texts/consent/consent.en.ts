import type { Formats } from '@loopwell/http';
import { longDayIn, wholeConsentTexts } from './whole-consent.en.ts';

/**
 * Makes the English texts about the state of consent, and about what a consent lets a partner read.
 */
export const consentTexts = (formats: Formats, timeZone: string) => ({
  whole: wholeConsentTexts('en-US', timeZone),
  disclosed: { withContact, withoutContact },
  ...stateTexts(formats, (text) => longDayIn('en-US', timeZone, text)),
  ...sharingTexts,
});

const always =
  "With a consent, a partner reads the person's name, what help is needed, their language and " +
  'whether they need an interpreter, their age group, and their town and ZIP code. Gender is ' +
  'given as unknown.';

const withoutContact = `${always} A partner never reads a phone number, e-mail address, birth date or street address.`;

const withContact = `${always} The partner also reads the number or e-mail address that the person chose for partners, except for people marked See first. A partner never reads a birth date or street address.`;

const stateTexts = ({ instant }: Formats, day: (text: string) => string) => {
  const signedOn = (signed: string | null) => optional(signed, (date) => ` on ${day(date)}`);
  const countsUntil = (until: string | null) =>
    optional(until, (date) => `. It counts until ${day(date)}`);
  const ended = (until: string | null) => optional(until, (date) => ` (${day(date)})`);
  return {
    permits: (signed: string | null, until: string | null, sharing: string) =>
      `The person signed a consent to share${signedOn(signed)}${countsUntil(until)}. It permits ${sharing}.`,
    signedNo: (signed: string | null) =>
      `The person signed a no${signedOn(signed)}: nothing may be shared. Only a change in the chart ends that.`,
    permitsOthers: (consent: string) =>
      `This consent permits no partner that helps with this need now, so nothing goes out. ${consent} Ask whether they want to sign again for another place, or choose another kind of help.`,
    nobodyLeft:
      'No partner in the directory helps with this need, or the person keeps all of them out.',
    ranOut: (signed: string | null, until: string | null) =>
      `The person signed a consent to share${signedOn(signed)}, and it has run out${ended(until)}. Ask the person whether they want to sign again.`,
    withdrawn:
      'The consent to share was taken back. Nothing goes out unless the person signs again.',
    everythingWithdrawn: (at: string) =>
      `The person took back every consent to share on ${instant(at)}, for all needs. Nothing goes out unless they sign again.`,
    unclear: 'The Consent on file cannot be read. A person has to look at it.',
    none: 'No consent to share is on file.',
  };
};

const optional = (date: string | null, written: (date: string) => string): string =>
  date === null ? '' : written(date);

const sharingTexts = {
  anyPartner: 'sharing with any partner',
  onlyPartner: (name: string) => `sharing with ${name} only`,
  words: (scope: string) => ` Words on the form, which limit nothing: “${scope}”.`,
  askedBy: (who: string) => ` Asked by ${who}.`,
  recordedBy: (who: string) => ` Recorded by ${who}.`,
};
