import type { ConsentView, WholeConsent } from '../decide/consent/consent-view.ts';
import type { ReviewTexts } from './en.ts';

/** Names of partners by Organization id, also of those that the person keeps out. */
type Names = ReadonlyMap<string, string>;

/** Writes the state of consent as a sentence for the page, with the site's days. */
export function consentSentence(
  consent: ConsentView,
  partners: Names,
  { consent: texts }: ReviewTexts,
): string {
  const { state, signed, until, why, everythingTakenBackAt: all } = consent;
  switch (state) {
    case 'permits':
      return permitSentence(consent, partners, texts);
    case 'permits-others':
      return texts.permitsOthers(permitSentence(consent, partners, texts));
    case 'signed-no':
      return texts.signedNo(signed);
    case 'ran-out':
      return texts.ranOut(signed, until !== null && Date.parse(until) > 0 ? until : null);
    case 'withdrawn':
      return all === undefined ? texts.withdrawn : texts.everythingWithdrawn(all);
    case 'unclear':
      return why ?? texts.unclear;
    case 'none':
      return texts.none;
  }
}

function permitSentence(
  consent: ConsentView,
  partners: Names,
  texts: ReviewTexts['consent'],
): string {
  const { signed, until, whole } = consent;
  if (whole) return wholeSentence(consent, whole, partners, texts.whole);
  return texts.permits(signed, until, sharingText(consent, partners, texts));
}

function sharingText(
  { recipient, keptOut = [] }: ConsentView,
  partners: Names,
  texts: ReviewTexts['consent'],
): string {
  const isAny = recipient === null || recipient === 'any';
  const whom = isAny ? texts.anyPartner : texts.onlyPartner(partners.get(recipient) ?? recipient);
  return withoutText(whom, keptOut, partners, texts.whole);
}

type WholeTexts = ReviewTexts['consent']['whole'];

/**
 * Writes a consent that was recorded whole: "Signed by Kia, paper, Nov 20, 2026, good to Nov 20,
 * 2027. Any food shelf, not Hillside. Name, phone, need."
 */
function wholeSentence(
  { signed, until, keptOut = [] }: ConsentView,
  whole: WholeConsent,
  partners: Names,
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
  const sentences = [
    signature.join(', '),
    placesText(whole, { partners, keptOut }, texts),
    read.join(', '),
  ];
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
  { partners, keptOut }: { partners: Names; keptOut: readonly string[] },
  texts: WholeTexts,
): string {
  const named = (places ?? []).map((id) => partners.get(id) ?? id);
  const whom = kind === undefined ? texts.only(named.join(', ')) : texts.anyOf(kind);
  return withoutText(whom, [...except, ...keptOut], partners, texts);
}

/** Adds the places that a consent or the person leaves out, each once. */
function withoutText(
  whom: string,
  without: readonly string[],
  partners: Names,
  texts: WholeTexts,
): string {
  const names = [...new Set(without)].map((id) => partners.get(id) ?? id);
  return names.length > 0 ? `${whom}, ${texts.not(names.join(', '))}` : whom;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
