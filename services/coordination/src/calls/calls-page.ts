import { addressOf, type Html, html } from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';
import { ownerText } from './owner-text.ts';
import type { CalledPartner, OpenRequest, OpenRequests } from './read-calls.ts';
import { waySentence } from './way-sentence.ts';

/** Gives the address of a page about one partner. */
export const callPath = (partner: string, page: '' | '/sheet' = ''): string =>
  addressOf(`/partners/calls/${encodeURIComponent(partner)}${page}`, {});

/** Renders the list of partners to call, each with its requests. */
export function callsPage({ requests, hidden }: OpenRequests, texts: ReviewTexts): Html {
  const { list: words } = texts.calls;
  const partners = Map.groupBy(requests, ({ partner }) => partner);
  const items = [...partners].map(([partner, theirs]) => callItem(partner, theirs, texts));
  const list = items.length === 0 ? html`<p>${words.none}</p>` : html`<ul>${items}</ul>`;
  return html`<p class="hint">${words.intro}</p>
${list}
${hidden > 0 && html`<p>${words.hidden(hidden)}</p>`}`;
}

function callItem(partner: string, requests: readonly OpenRequest[], texts: ReviewTexts): Html {
  const { list: words } = texts.calls;
  const name = requests[0]?.name ?? partner;
  const ways = new Set(requests.map((request) => waySentence(request.ways, texts)));
  const owners = new Set(requests.map(({ owner }) => ownerText(owner, texts)));
  const lines = [...ways, ...owners].map((line) => html`<br><small>${line}</small>`);
  return html`<li><a href="${callPath(partner)}">${words.call(name, requests.length)}</a>${lines}</li>
`;
}

/** Renders what somebody reads out who calls one partner. It names nobody. */
export function callPage(
  { id, name, numbers }: CalledPartner,
  { requests }: OpenRequests,
  texts: ReviewTexts,
): Html {
  const { page: words } = texts.calls;
  const number = numbers.length === 0 ? words.noNumber : numbers.join(' · ');
  const links = html`<p class="unprinted"><a href="/partners/calls">${words.back}</a> ·
<a href="${callPath(id, '/sheet')}">${words.sheet}</a> · ${words.hint}</p>`;
  if (requests.length === 0) return html`${links}<p>${words.nothingOpen}</p>`;
  const items = requests.map((request) => requestItem(request, texts));
  return html`${links}
<div class="large"><p>${words.numbers}: <strong>${number}</strong></p>
<h2>${words.mayBeSaid}</h2>
<p>${words.greeting(name, requests.length)}</p>
<ol>${items}</ol>
<p>${words.voicemail}</p>
<h2>${words.afterYes}</h2>
<p>${words.afterYesSays} ${words.passOn}</p>
<p>${words.afterNo}</p></div>`;
}

/** Writes what a partner may hear of a request before it says yes. */
function requestItem(request: OpenRequest, texts: ReviewTexts): Html {
  const { page: words, list } = texts.calls;
  const { householdSize: size, must_by: day, accept_by: answerBy, ticket } = request;
  const parts = [
    texts.need(request.category),
    size !== undefined && words.household(size),
    words.inArea,
    ticket !== undefined && words.brings(ticket),
    day !== null && words.neededBy(day),
    answerBy !== null && list.answerBy(answerBy),
  ];
  const href = `/review/${request.referral}#answer`;
  return html`<li>${parts.filter(Boolean).join(', ')}
<a class="unprinted" href="${href}">${words.record}</a></li>
`;
}
