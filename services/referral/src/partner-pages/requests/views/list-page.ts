import { type Html, html } from '@loopwell/http';
import type { RequestStage } from '@loopwell/sdoh';
import { fill } from '../../texts/calendar.ts';
import { topNotice } from './answer-notice.ts';
import { clinicText, helpText, type PageContext, pathOf } from './page-model.ts';

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
};

/** Renders the open requests of a partner. Each is one tap away. */
export function listPage(requests: readonly ListedRequest[], context: PageContext): Html {
  const { words, dates } = context.texts;
  const { list, frame } = words;
  const count = dates.counted(requests.length, list.open);
  return html`${topNotice(context)}
<h1>${list.title}</h1>
<p>${requests.length === 0 ? list.none : count}</p>
<ul class="requests">${requests.map((request) => listItem(request, context))}</ul>
<p class="hint">${clinicText(frame.safety, frame.safetyAlone, context.clinic)}</p>
<p><strong>${frame.closing}</strong></p>`;
}

function listItem(request: ListedRequest, context: PageContext): Html {
  const { texts } = context;
  const details = [stateText(request, texts), byText(request, texts), answerText(request, texts)];
  return html`<li><a class="button" href="${pathOf(context, request.id)}">
<strong>${helpText(texts, request.category)}</strong> <span>${details.filter(Boolean).join(' · ')}</span></a></li>\n`;
}

type Texts = PageContext['texts'];

function stateText({ stage, isEnding }: ListedRequest, { words }: Texts): string {
  if (isEnding) return words.list.held;
  return stage === 'asked' ? words.list.new : words.list.accepted;
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
