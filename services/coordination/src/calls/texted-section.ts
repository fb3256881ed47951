import { button, type Html, hiddenField, html } from '@loopwell/http';
import { directory, partnerTexts, type Tx } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';

/** A text of a partner that waits for somebody, with the names of those who may have sent it. */
type Texted = partnerTexts.UnseenText & { names: readonly string[] };

/** The number of texts that the page shows at most. */
const shownAtMost = 100;

/** Reads what partners texted and nobody has seen to. */
export async function readTexted(tx: Tx): Promise<Texted[]> {
  const texts = await partnerTexts.unseenTexts(tx, shownAtMost);
  const rows = await directory.loadDirectory(tx, tx.tenant);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const nameOf = (partner: string) => names.get(partner) ?? partner;
  return texts.map((text) => ({ ...text, names: text.partners.map(nameOf) }));
}

/** Renders what partners texted. It is left out of paper, since the words may name a client. */
export function textedSection(texted: readonly Texted[], texts: ReviewTexts): Html {
  const { texted: words } = texts.calls;
  if (texted.length === 0) return html``;
  const items = texted.map((text) => textItem(text, texts));
  return html`<section class="unprinted"><h2>${words.title}</h2>
<p class="hint">${words.intro}</p>
<ul>${items}</ul></section>`;
}

function textItem({ id, names, came_at: at, ...text }: Texted, texts: ReviewTexts): Html {
  const { texted: words } = texts.calls;
  const sentence = text.meaning === 'stop' ? words.stop : words.says(text.words ?? '');
  return html`<li><strong>${words.who(names)}</strong> ${sentence}
<br><small>${words.when(at)}</small>
<form method="post" action="/partners/calls/texts">${hiddenField('id', id)}
${button({ label: words.done, accessibleName: words.doneWith(words.who(names)) })}</form></li>
`;
}
