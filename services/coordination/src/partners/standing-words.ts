import { type Html, html } from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';
import type { ShownStanding } from './read-partners.ts';

/** Says whether a partner takes new requests, and what else stands in the way. */
export function standingWords(
  { standing, isStopped, isAged }: ShownStanding,
  { editPartner: { standings: words } }: ReviewTexts,
): Html {
  const takes = standing.kind === 'takes';
  const text = words[standing.kind](standing as never);
  return html`${takes ? text : html`<span class="bad">${text}</span>`}${isStopped && html`<br><span class="bad">${words.stopped}</span>`}${isAged && html`<br>${words.aged}`}`;
}
