import { type Html, html, notice, table } from '@loopwell/http';
import type { AlteredWriteView, RefusedWriteView } from '../../read/refused-writes.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import type { ReferralPageView } from '../referral-view.ts';

/**
 * Renders the writes of the referral that the EHR refused, and those that it stored with changes.
 */
export function referralWrites({ review }: ReferralPageView, texts: ReviewTexts): Html {
  const { refusedWrites: refused, alteredWrites: altered } = review;
  return html`${refused.length > 0 && refusedList(refused, texts)}
${altered.length > 0 && alteredList(altered, texts)}`;
}

function refusedList(writes: readonly RefusedWriteView[], { referral }: ReviewTexts): Html {
  const { title, noReason } = referral.refusedWrites;
  const list = writes.map(({ resource, status, words, code }) => {
    const answered = status ? ` (${status})` : '';
    return html`<li>${resourceWords(resource, referral)}${answered}: ${words ?? code ?? noReason}</li>\n`;
  });
  return html`<h2>${title}</h2>
<ul>${list}</ul>`;
}

function alteredList(writes: readonly AlteredWriteView[], texts: ReviewTexts): Html {
  const { alteredWrites: words } = texts.referral;
  return html`<h2>${words.title}</h2>
${writes.map((write) => alteredWrite(write, texts))}`;
}

function alteredWrite({ resource, takenBack, elements }: AlteredWriteView, texts: ReviewTexts) {
  const { alteredWrites: words } = texts.referral;
  const next = takenBack ? words.takenBack : words.byHand;
  const inChart = (content: string | null) =>
    content === null ? words.nothing : html`<code>${content}</code>`;
  const rows = table(elements, [
    { title: words.element, kind: 'header', cell: ({ element }) => element },
    { title: words.sent, cell: ({ sent }) => html`<code>${sent}</code>` },
    { title: words.inChart, cell: (element) => inChart(element.found) },
  ]);
  return html`${notice('alert', html`<strong>${resourceWords(resource, texts.referral)}</strong>: ${next}`)}
${rows}
`;
}

/** Names what was written in plain words; an id of the EHR is left out. */
const resourceWords = (resource: string, { written }: ReviewTexts['referral']): string =>
  written[resource.split('/')[0] ?? ''] ?? written.other ?? '';
