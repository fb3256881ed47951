import { type Html, hiddenField, html } from '@loopwell/http';
import type { ListRow, RowNeed } from '../read/list-rows.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { actionFields } from './choose-fields.ts';
import type { ChooseView } from './choose-view.ts';
import { aboutOf, nameOf, reasonLine, signedNoWords } from './people-table.ts';

/** Renders who is meant and what would be recorded, with the fields and the button that does it. */
export function choosePage(view: ChooseView, notices: Html | false, texts: ReviewTexts): Html {
  const { peopleLists: words } = texts;
  const needs = view.rows.flatMap((row) => row.needs);
  const people = view.rows.map(
    (row) => html`<li data-person="${row.person.human}">${personLine(row, view, texts)}</li>\n`,
  );
  return html`<p><a href="${view.back}">${words.back}</a></p>
${notices && html`<div tabindex="-1" autofocus>${notices}</div>`}
<p>${words.for(view.rows.length, needs.length)}</p>
<ul class="meant">${people}</ul>
${view.leftOut.length > 0 && leftOutList(view, texts)}
<form method="post" action="/review/decisions">
${hiddenField('back', view.back)}
${hiddenField('list', view.place.list)}
${hiddenField('action', view.action)}
${needs.map(needFields)}
${view.rows.map(({ person }) => hiddenField('person', person.human))}
${actionFields(view, texts)}
</form>`;
}

/** Names a need that is meant, and the version of it that was shown. */
function needFields({ id, version }: RowNeed): Html {
  const name = `version.${id}`;
  return html`${hiddenField('referral', id)}
${hiddenField(name, version)}`;
}

function personLine(row: ListRow, { today }: ChooseView, texts: ReviewTexts): Html {
  const chips = row.needs.map(
    ({ category }) => html`<li data-need="${category}">${texts.need(category)}</li>`,
  );
  const no = signedNoWords(row, today, texts.peopleLists);
  return html`<strong>${nameOf(row, texts)}</strong> <small>${aboutOf(row, texts)}</small>${no && html` <span class="wait">${no}</span>`}
<ul class="chips">${chips}</ul><small>${reasonLine(row, today, texts)}</small>`;
}

function leftOutList({ leftOut, today }: ChooseView, texts: ReviewTexts): Html {
  const links = leftOut.map(
    (row) =>
      html`<li><a href="/people/${row.person.human}">${nameOf(row, texts)}</a> ${signedNoWords(row, today, texts.peopleLists)}</li>`,
  );
  return html`<p class="caution">${texts.peopleLists.leftOut}</p><ul>${links}</ul>`;
}
