import { addressOf, type Column, type Html, html, notice, pager, table } from '@loopwell/http';
import type { ListedRow, ListedState, TaskRow } from '@loopwell/store';
import type { PersonNames } from '../person-names.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { standingSentence } from '../texts/standing-sentence.ts';
import { findForm, otherLists } from './navigation.ts';
import { personCell, seeFirstMark, seeFirstNotice } from './parts.ts';

export type ListRow = {
  row: ListedRow;
  tasks: readonly TaskRow[];
  seeFirst: boolean;
  /**
   * It is at a partner, and the record no longer says clearly that the person may be helped. The
   * partner reads nothing then.
   */
  isUnclear: boolean;
};

export type ListPageView = {
  state: ListedState;
  /** The person, if the list is about one. */
  person: string | undefined;
  personFirst: boolean;
  rows: readonly ListRow[];
  names: PersonNames;
  partners: ReadonlyMap<string, string>;
  /** Address of the next page. */
  next: string | undefined;
};

/** Renders a list of referrals that wait for others or have ended. */
export function listPage(view: ListPageView, texts: ReviewTexts): Html {
  const { lists } = texts;
  const isDecided = ['failed', 'withdrawn', 'refused'].includes(view.state);
  const next = view.next === undefined ? undefined : { href: view.next, label: lists.more };
  return html`${otherLists(view.state, texts)}
<p>${lists.states[view.state].asks}${isDecided && ` ${lists.whoDecided}`}</p>
${view.person !== undefined && onePerson(view.person, view, texts)}
${view.rows.length === 0 ? html`<p>${lists.none}</p>` : rowsTable(view, texts)}
${pager(next)}
`;
}

function onePerson(person: string, view: ListPageView, texts: ReviewTexts): Html {
  const { lists } = texts;
  const name = view.names.get(person)?.name ?? lists.onePerson;
  const everyone = addressOf('/review', { state: view.state });
  const link = html` <a href="${everyone}">${lists.showEveryone}</a>`;
  return html`<p>${lists.onlyPerson(name)}${view.state !== 'all' && link}</p>
${view.personFirst && seeFirstNotice(texts)}`;
}

function rowsTable(view: ListPageView, texts: ReviewTexts): Html {
  const { lists, formats } = texts;
  const { partners } = view;
  const all = (person: string) => `/people/${person}`;
  const columns: Column<ListRow>[] = [
    {
      title: lists.person,
      cell: ({ row: { person }, seeFirst }) =>
        html`${seeFirst && seeFirstMark(texts)}${personCell(person, all(person), view, texts)}`,
    },
    { title: lists.need, cell: ({ row }) => needCell(row, texts) },
    {
      title: lists.stands,
      cell: ({ row, tasks, isUnclear }) => {
        const unclear = isUnclear && notice('wait', texts.standing.record.unclear.row);
        return html`${standingSentence(row, tasks, { partners, texts })}${unclear}`;
      },
    },
    { title: lists.changed, kind: 'day', cell: ({ row }) => formats.instant(row.changed_at) },
  ];
  return table(view.rows, columns);
}

const needCell = ({ id, category }: ListedRow, texts: ReviewTexts): Html =>
  html`<a href="/review/${id}">${texts.need(category)}</a>`;

export type FindPageView = {
  /** The Patient id that was searched for. */
  patient: string;
  people: readonly string[];
  names: PersonNames;
  /** People who are to be seen first. */
  first: ReadonlySet<string>;
};

/** Renders the result of a search by Patient id that found no person, or people of several EHRs. */
export function findPage(view: FindPageView, texts: ReviewTexts): Html {
  const { find } = texts;
  const list = html`<p>${find.several}</p>
<ul>${view.people.map((id) => foundPerson(id, view, texts))}</ul>`;
  return html`<p><a href="/people">${find.back}</a></p>
${view.people.length === 0 ? notice('problem', find.notFound) : list}
${findForm(view.patient, texts)}
`;
}

function foundPerson(id: string, { names, first }: FindPageView, texts: ReviewTexts): Html {
  const { person: words, seeFirst, formats } = texts;
  const person = names.get(id);
  const born = person?.birthDate && `, ${words.born(formats.shortDay(person.birthDate))}`;
  const mark = first.has(id) && html`<strong class="bad" data-see-first>${seeFirst.mark}</strong> `;
  const all = `/people/${id}`;
  return html`<li>${mark}<a href="${all}">${person?.name ?? words.notOnFile}${born}</a></li>`;
}
