import {
  addressOf,
  button,
  fields,
  type Html,
  hiddenField,
  html,
  selectField,
} from '@loopwell/http';
import type { WorklistAsk } from '../read/review-view.ts';
import type { WorklistView } from '../read/worklist-query.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { seeFirstNotice } from './parts.ts';

export type FilterView = {
  gate: WorklistView;
  ask: WorklistAsk;
  needs: readonly { category: string; count: number }[];
  personFirst: boolean;
};

/** Renders the sort order of the worklist, and the need and person that it is limited to. */
export function worklistFilter(view: FilterView, texts: ReviewTexts): Html {
  const { filter } = texts.worklist;
  const { gate, ask } = view;
  const sorts = Object.entries(filter.sorts).map(([code, label]) => ({ code, label }));
  const needs = view.needs.map(({ category, count }) => ({
    code: category,
    label: filter.needCount(texts.need(category), count),
  }));
  const all = { code: '', label: filter.all };
  const sort = { id: 'sort', name: 'sort', label: filter.sortedBy, options: sorts };
  const need = { id: 'category', name: 'category', label: filter.need, options: [all, ...needs] };
  return html`<form method="get" action="/review" class="filter">
  ${hiddenField('gate', gate)}
  ${ask.person && hiddenField('person', ask.person)}
  ${fields(
    selectField({ ...sort, chosen: ask.sort }),
    selectField({ ...need, chosen: ask.category }),
    button({ label: filter.show }),
  )}
</form>
${ask.person && onePerson(ask.person, view, texts)}`;
}

function onePerson(person: string, { gate, personFirst }: FilterView, texts: ReviewTexts): Html {
  const { filter } = texts.worklist;
  const all = addressOf('/review', { state: 'all', person });
  const everyone = addressOf('/review', { gate });
  return html`<p>${filter.onlyOne} <a href="${all}">${filter.allOfPerson}</a>. <a href="${everyone}">${filter.showEveryone}</a></p>
${personFirst && seeFirstNotice(texts)}`;
}
