import { attributes, button, type Html, hiddenField, html, notice } from '@loopwell/http';
import { type AnswerButton, partTwoNotice } from '@loopwell/sdoh';
import { fill } from '../../texts/calendar.ts';
import { formOf } from './answer-form-kinds.ts';
import { answerNotice, topNotice } from './answer-notice.ts';
import { careNotice } from './care-notice.ts';
import { clinicText, helpText, type PageContext, pathOf, type RequestPage } from './page-model.ts';
import { requestFacts } from './request-facts.ts';

/** Renders one request: what the partner may know, what was said last, and what it can say now. */
export function requestPage(page: RequestPage, context: PageContext): Html {
  const { view, lastAnswer } = page;
  const { words } = context.texts;
  return html`${topNotice(context)}${lastAnswer && answerNotice(page.id, lastAnswer, context)}
${view.stage !== 'over' && html`<p class="badge">${badgeText(page, context)}</p>`}
<h1>${helpText(context.texts, view.category)}</h1>
${view.stage === 'over' ? html`<p>${words.request.ended}</p>` : openRequest(page, context)}
${frameTexts(page, context)}`;
}

function badgeText({ view, isEnding }: RequestPage, { texts }: PageContext): string {
  const { list, request } = texts.words;
  if (isEnding) return list.held;
  if (view.stage === 'accepted') return request.saidYes;
  if (view.answerBy === undefined) return list.new;
  const by = fill(list.answerBy, {
    at: texts.dates.instant(new Date(view.answerBy)),
  });
  return `${list.new} · ${by}`;
}

function openRequest(page: RequestPage, context: PageContext): Html {
  const { view } = page;
  const { request, ask } = context.texts.words;
  const isAsked = view.stage === 'asked';
  const isHidden = !isAsked && view.person === undefined && page.ticket === undefined;
  const promisesName = isAsked && !page.isEnding && !page.hasTickets;
  const nobody = clinicText(request.nobody, request.nobodyAlone, context.clinic);
  const question = isAsked ? ask.canYouHelp : ask.whatHappened;
  return html`${requestFacts(page, context)}
${isHidden && notice('wait', nobody)}
${careNotice(view, context)}
${isAsked && nameCheck(page, context)}
${page.buttons.length > 0 && html`<h2>${question}</h2>${answers(page, context)}`}
${page.nextTry && html`<p>${nextTryText(page.nextTry, context)}</p>`}
${promisesName && html`<p class="hint">${request.afterYes}</p>`}`;
}

const nextTryText = (day: string, { texts }: PageContext): string =>
  fill(texts.words.request.nextTry, { day: texts.dates.day(day) });

/** Renders the button that shows the name before a yes, where the consent covers it. */
function nameCheck(page: RequestPage, context: PageContext): Html | undefined {
  const { nameCheck: words } = context.texts.words;
  if (page.checkedName !== undefined)
    return notice(
      'done',
      fill(words.is, {
        name: page.checkedName,
      }),
    );
  if (!page.mayCheckName) return undefined;
  return html`<form method="post" action="${pathOf(context, page.id, 'name')}">
${hiddenField('check', context.formKey)}
<p class="hint">${words.intro}</p>
${button({
  label: words.button,
  kind: 'plain',
})}
</form>`;
}

/** Renders the answers: a button where one tap says it all, a link where something is asked. */
function answers({ id, view, buttons }: RequestPage, context: PageContext): Html {
  const { formKey, newKey, texts } = context;
  const noes = buttons.filter((name) => formOf(name) === 'no');
  const shown = buttons.filter((name) => formOf(name) !== 'no');
  return html`<form method="post" action="${pathOf(context, id, 'answers')}" class="answers">
${hiddenField('check', formKey)}${hiddenField('key', newKey())}
${shown.map((name, index) => answer(id, name, index === 0 && view.stage === 'asked', context))}
${noes.length > 0 && html`<a class="button" href="${pathOf(context, id, 'no')}">${texts.words.ask.no}</a>`}
</form>`;
}

function answer(id: string, name: AnswerButton, isFirst: boolean, context: PageContext): Html {
  const label = context.texts.words.buttons[name];
  const form = formOf(name);
  const look = attributes({
    class: isFirst ? 'button primary' : 'button',
  });
  if (form) return html`<a ${look} href="${pathOf(context, id, form)}">${label}</a>\n`;
  const kind = isFirst ? 'primary' : 'plain';
  const control = button({ label, name: 'button', sends: name, kind });
  // What ends a request stands apart, so that no thumb hits it on the way to another answer.
  return name === 'gotHelp' ? html`<div class="apart">${control}</div>\n` : html`${control}\n`;
}

/** Renders what every view of a request ends with. */
function frameTexts({ view, isPartTwo }: RequestPage, context: PageContext): Html {
  const { texts, clinic } = context;
  const { frame } = texts.words;
  return html`<p><a href="${pathOf(context)}">${frame.toList}</a></p>
<p class="hint">${clinicText(frame.safety, frame.safetyAlone, clinic)}</p>
${isPartTwo && view.stage === 'accepted' && html`<p><strong>${partTwoNotice}</strong></p>`}
<p><strong>${frame.closing}</strong></p>`;
}
