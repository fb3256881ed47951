import { type Html, html } from '@loopwell/http';
import type { RequestStage } from '@loopwell/sdoh';
import { fill } from '../../texts/calendar.ts';
import { topNotice } from './answer-notice.ts';
import { clinicText, helpText, numberOf, type PageContext, pathOf } from './page-model.ts';

/** One open request in the list of a partner. It tells nobody. */
export type ListedRequest = {
  id: string;
  category: string;
  stage: RequestStage;
  /** An answer that ends it waits until it can be undone no more. */
  isEnding: boolean;
  isLegal: boolean;
  answerBy: Date | undefined;
  mustBy: string | undefined;
  sentAt: Date;
  /** When the partner said yes. */
  acceptedAt: Date | undefined;
};

/** Tells whether a request waits for the answer of its partner. */
export const isOpen = ({ stage, isEnding }: ListedRequest): boolean =>
  stage === 'asked' && !isEnding;

/** Renders the requests of a partner, what was answered apart. Each is one tap away. */
export function listPage(requests: readonly ListedRequest[], context: PageContext): Html {
  const { words, dates } = context.texts;
  const { list, frame } = words;
  const open = requests.filter(isOpen);
  const answered = requests.filter((request) => !isOpen(request));
  const count = dates.counted(open.length, list.open);
  return html`${topNotice(context)}
<h1>${list.title}</h1>
<p>${open.length === 0 ? list.none : count}</p>
${listOf(open, context)}
${answered.length > 0 && html`<h2>${list.held}</h2>`}
${listOf(answered, context)}
<p class="hint">${clinicText(frame.safety, frame.safetyAlone, context.clinic)}</p>
<p><strong>${frame.closing}</strong></p>`;
}

const listOf = (requests: readonly ListedRequest[], context: PageContext): Html | undefined =>
  requests.length === 0
    ? undefined
    : html`<ul class="requests">${requests.map((request) => listItem(request, context))}</ul>`;

function listItem(request: ListedRequest, context: PageContext): Html {
  const { texts } = context;
  const details = [
    ...[stateText(request, texts), byText(request, texts), answerText(request, texts)],
    ...originTexts(request, texts),
  ];
  return html`<li><a class="button" href="${pathOf(context, request.id)}">
<strong>${helpText(texts, request.category)}</strong> <span>${details.filter(Boolean).join(' · ')}</span></a></li>\n`;
}

type Texts = PageContext['texts'];

function stateText({ stage, isEnding, acceptedAt }: ListedRequest, texts: Texts): string {
  const { list } = texts.words;
  if (isEnding) return list.held;
  if (stage === 'asked') return list.new;
  if (acceptedAt === undefined) return list.accepted;
  return fill(list.acceptedOn, {
    day: texts.dates.dayOf(acceptedAt),
  });
}

/** Says what tells two requests for the same help apart. */
function originTexts({ id, sentAt }: ListedRequest, { words, dates }: Texts): string[] {
  const { sent, number } = words.list;
  return [fill(sent, { day: dates.dayOf(sentAt) }), fill(number, { number: numberOf(id) })];
}

function byText({ mustBy, isLegal }: ListedRequest, { words, dates }: Texts): string | undefined {
  if (mustBy === undefined) return undefined;
  const { courtDate, neededBy } = words.list;
  return fill(isLegal ? courtDate : neededBy, {
    day: dates.day(mustBy),
  });
}

function answerText(request: ListedRequest, { words, dates }: Texts): string | undefined {
  const { answerBy, stage, isEnding } = request;
  if (answerBy === undefined || stage !== 'asked' || isEnding) return undefined;
  return fill(words.list.answerBy, {
    at: dates.instant(answerBy),
  });
}
