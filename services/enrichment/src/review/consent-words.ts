import { dayIn } from '@loopwell/kit';
import type { ConsentView } from './consent.ts';
import type { Recipient } from './recipient.ts';

const always =
  "With a consent, a partner reads the person's name, what help is needed, their language and whether they need an interpreter, their age group, and their town and ZIP code. Gender is given as unknown.";

/**
 * What a consent lets a partner read, said where one is recorded.
 *
 * @param contactFromChart the site's form asks which number may be used: the first contact of the chart goes along
 */
export const disclosureWords = (contactFromChart: boolean): string =>
  contactFromChart
    ? `${always} The partner also reads the contact that the chart puts first, but not for anybody marked See first. A partner never reads a birth date or street address.`
    : `${always} A partner never reads a phone number, e-mail address, birth date or street address.`;

/** How consent stands, in a sentence for the page, with the site's days. */
export function consentWords(
  consent: ConsentView,
  partners: readonly Recipient[],
  timeZone: string,
): string {
  // A Consent that cannot be read may hold anything here.
  const dayOf = (text: string) =>
    /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text))
      ? dayIn(timeZone, new Date(text))
      : text;
  const { state, signed, until, why } = consent;
  const signedOn = signed === null ? '' : ` on ${dayOf(signed)}`;
  switch (state) {
    case 'permits':
      return `The person signed a consent to share${signedOn}${until === null ? '' : `. It counts until ${dayOf(until)}`}. It permits ${recipientWords(consent, partners)}.`;
    case 'signed-no':
      return `The person signed a no${signedOn}: nothing may be shared. Only a change in the chart ends that.`;
    case 'ran-out':
      return `The person signed a consent to share${signedOn}, and it has run out${until !== null && Date.parse(until) > 0 ? ` (${dayOf(until)})` : ''}. Ask the person whether they sign again.`;
    case 'withdrawn':
      return 'The consent to share was taken back. Nothing goes out unless the person signs again.';
    case 'unclear':
      return why ?? 'The Consent on file cannot be read. A person has to look at it.';
    case 'none':
      return 'No consent to share is on file.';
  }
}

function recipientWords({ recipient }: ConsentView, partners: readonly Recipient[]): string {
  if (recipient === null || recipient === 'any') return 'sharing with any partner';
  return `sharing with ${partners.find((one) => one.id === recipient)?.name ?? recipient} only`;
}
