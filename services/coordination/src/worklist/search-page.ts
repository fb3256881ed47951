import { button, fields, type Html, html, notice, textField } from '@loopwell/http';
import type { SearchProblem } from '@loopwell/sdoh';
import type { PersonFacts } from '../read/person-facts.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { aboutOf, nameOf } from './people-table.ts';

/** A page of the search: what was typed, and who fits. */
export type SearchView = {
  typed: string;
  people: readonly PersonFacts[];
  first: ReadonlySet<string>;
  /** There are more who fit. */
  hasMore: boolean;
  problem: SearchProblem | 'ended' | 'none' | undefined;
  /** A year was typed, which finds nobody by the birth date. */
  isYearAlone?: boolean | undefined;
};

/** Tells whether what was typed breaks a rule, so that nothing was looked for. */
export const isBroken = (problem: SearchView['problem']): problem is SearchProblem =>
  problem !== undefined && problem !== 'ended' && problem !== 'none';

/** Renders the search for a person, with the people who fit. */
export function searchPage(view: SearchView, texts: ReviewTexts): Html {
  const { search } = texts;
  return html`${searchForm(view, texts)}
<p class="hint">${search.intro}</p>
${view.problem && !isBroken(view.problem) && notice('problem', search[view.problem])}
${view.isYearAlone && html`<p class="note">${search.yearAlone}</p>`}
${view.people.length > 0 && results(view, texts)}`;
}

function searchForm({ typed, problem }: SearchView, { search }: ReviewTexts): Html {
  const error = isBroken(problem) ? search[problem] : undefined;
  const field = { id: 'find', name: 'find', label: search.field, maxlength: 200, error };
  return html`<form method="post" action="/people/search" class="filter">
${fields(textField({ ...field, text: typed || undefined }), button({ label: search.button, kind: 'primary' }))}
</form>`;
}

function results(view: SearchView, texts: ReviewTexts): Html {
  const { search } = texts;
  return html`<div tabindex="-1" autofocus role="status">${view.hasMore ? search.many(view.people.length) : search.results}</div>
<ul class="meant">${view.people.map((person) => resultOf(person, view, texts))}</ul>`;
}

function resultOf(person: PersonFacts, { first }: SearchView, texts: ReviewTexts): Html {
  const { peopleLists: words, search, formats } = texts;
  const { human, birthDate } = person;
  const mark =
    first.has(human) && html`<strong class="first" data-see-first>${words.seeFirst}</strong> `;
  const born = birthDate && `${search.born(formats.shortDay(birthDate))} · `;
  return html`<li data-person="${human}">${mark}<a href="/people/${human}">${nameOf({ person }, texts)}</a> <small>${born}${aboutOf({ person }, texts)}</small></li>
`;
}
