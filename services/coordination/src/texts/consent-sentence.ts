import type { ConsentView } from '../decide/consent.ts';
import type { Recipient } from '../decide/recipient.ts';
import type { ReviewTexts } from './en.ts';

/** Writes the state of consent as a sentence for the page, with the site's days. */
export function consentSentence(
  consent: ConsentView,
  partners: readonly Recipient[],
  { consent: texts }: ReviewTexts,
): string {
  const { state, signed, until, why } = consent;
  switch (state) {
    case 'permits':
      return texts.permits(signed, until, sharingText(consent, partners, texts));
    case 'signed-no':
      return texts.signedNo(signed);
    case 'ran-out':
      return texts.ranOut(signed, until !== null && Date.parse(until) > 0 ? until : null);
    case 'withdrawn':
      return texts.withdrawn;
    case 'unclear':
      return why ?? texts.unclear;
    case 'none':
      return texts.none;
  }
}

function sharingText(
  { recipient }: ConsentView,
  partners: readonly Recipient[],
  texts: ReviewTexts['consent'],
): string {
  if (recipient === null || recipient === 'any') return texts.anyPartner;
  return texts.onlyPartner(partners.find(({ id }) => id === recipient)?.name ?? recipient);
}
