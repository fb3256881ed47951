import type { ConsentView, WholeConsent } from '../decide/consent/consent.ts';
import type { Recipient } from '../decide/recipient.ts';
import type { ReviewTexts } from './en.ts';

/** Writes the state of consent as a sentence for the page, with the site's days. */
export function consentSentence(
  consent: ConsentView,
  partners: readonly Recipient[],
  { consent: texts }: ReviewTexts,
): string {
  const { state, signed, until, why, whole } = consent;
  switch (state) {
    case 'permits':
      if (whole) return wholeSentence(consent, whole, partners, texts.whole);
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

type WholeTexts = ReviewTexts['consent']['whole'];

/**
 * Writes a consent that was recorded whole: "Signed by Kia, paper, Nov 20, 2026, good to Nov 20,
 * 2027. Any food shelf, not Hillside. Name, phone, need."
 */
function wholeSentence(
  { signed, until }: ConsentView,
  whole: WholeConsent,
  partners: readonly Recipient[],
  texts: WholeTexts,
): string {
  const { signer = '', authority = 'self', method = 'paper', document, spokenPolicyBy } = whole;
  const by = method === 'spoken' ? texts.saidBy(signer) : texts.signedBy(signer);
  const signature = [
    by,
    texts.authority[authority],
    texts.method[method],
    signed === null ? '' : texts.longDay(signed),
    until === null ? '' : texts.goodTo(texts.longDay(until)),
  ].filter((part) => part !== '');
  const read = [...whole.elements.map((element) => texts.elements[element] ?? ''), texts.need];
  const sentences = [signature.join(', '), placesText(whole, partners, texts), read.join(', ')];
  const [first = '', second = '', third = ''] = sentences.map(capital);
  const more = [
    whole.partTwo ? texts.partTwo : '',
    document ? texts.document(document) : '',
    spokenPolicyBy ? texts.policyBy(spokenPolicyBy) : '',
  ];
  return `${first}. ${second}. ${third}.${more.join('')}`;
}

function placesText(
  { places, kind, except }: WholeConsent,
  partners: readonly Recipient[],
  texts: WholeTexts,
): string {
  const nameOf = (id: string) => partners.find((partner) => partner.id === id)?.name ?? id;
  const named = places ?? [];
  const whom = kind === undefined ? texts.only(named.map(nameOf).join(', ')) : texts.anyOf(kind);
  return except.length > 0 ? `${whom}, ${texts.not(except.map(nameOf).join(', '))}` : whom;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
