import { addressOf, attributes, type Html, hiddenField, html, pager } from '@loopwell/http';
import type { HelpTotals } from '@loopwell/store';
import type { RowNeed } from '../read/list-rows.ts';
import type { ListAction } from '../read/people-lists.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { besideAddress, peopleTable } from './people-table.ts';
import type { PeopleListView } from './read-people-list.ts';

/** What stands around the rows: what was just recorded, and the person beside the list. */
export type Around = {
  notices: Html | undefined | false;
  person: Html | undefined;
  chosen?: readonly string[];
};

/** Renders a list of people, with what can be done for those who are chosen. */
export function peopleListPage(view: PeopleListView, around: Around, texts: ReviewTexts): Html {
  const { peopleLists: words } = texts;
  const { place, rows } = view;
  const hasActions = place.actions.length > 0 && rows.length > 0;
  const next = view.next === undefined ? undefined : { href: view.next, label: words.more };
  const list = html`${hasActions && html`<a class="skip" href="#actions">${words.toActions}</a>`}
${around.notices && html`<div tabindex="-1" autofocus>${around.notices}</div>`}
<p class="hint">${words.asks[place.list]} ${words.order}.</p>
${view.quiet?.isShown && html`<p class="hint">${words.quietOwner(view.quiet.owner)}</p>`}
${view.notes.helpTotals && totalsLine(view.notes.helpTotals, texts)}
${needFilter(view, texts)}
${rows.length === 0 ? html`<p>${words.none}</p>` : listForm(view, around.chosen ?? [], texts)}
${pager(next)}`;
  return besideList(list, around.person, view.here, texts);
}

function totalsLine(totals: HelpTotals, { help }: ReviewTexts): Html {
  const { partnerSays, personSays, answered } = totals;
  return html`<p class="totals"><strong>${help.totals(partnerSays, personSays, answered)}</strong></p>`;
}

/** Puts a person beside a list; on a narrow screen the person alone is shown. */
export function besideList(
  list: Html,
  person: Html | undefined,
  back: string,
  { peopleLists }: ReviewTexts,
): Html {
  if (person === undefined) return html`<div class="list">${list}</div>`;
  return html`<div class="beside"><div class="list">${list}</div>
<section class="person" aria-label="${peopleLists.beside}"><p class="back"><a href="${back}">${peopleLists.back}</a></p>
${person}</section></div>`;
}

/** Renders the choice of those who wait for quiet partners; a second click shows everybody. */
function quietChip({ place, quiet }: PeopleListView, { peopleLists }: ReviewTexts): Html | false {
  if (quiet === undefined || (quiet.people === 0 && !quiet.isShown)) return false;
  const href = addressOf(place.path, { quiet: quiet.isShown ? undefined : 'yes' });
  const link = attributes({ href, 'aria-current': quiet.isShown && 'true' });
  return html`<li><a ${link}>${peopleLists.quiet(quiet.people)}</a></li>`;
}

/** Renders the choice of those whom the reader looks after; a second click shows everybody. */
function ownerChip(
  { place, category, isMine }: PeopleListView,
  { peopleLists }: ReviewTexts,
): Html {
  const href = addressOf(place.path, { owner: isMine ? undefined : 'me', need: category });
  const link = attributes({ href, 'aria-current': isMine && 'true' });
  return html`<li><a ${link}>${peopleLists.mine}</a></li>`;
}

function needFilter(view: PeopleListView, texts: ReviewTexts): Html {
  const { peopleLists: words } = texts;
  const hasNeeds = view.needs.length >= 2 || view.category !== undefined;
  const chip = (category: string | undefined, label: string) => {
    const owner = view.isMine ? 'me' : undefined;
    const href = addressOf(view.place.path, { owner, need: category });
    const link = attributes({ href, 'aria-current': view.category === category && 'true' });
    return html`<li><a ${link}>${label}</a></li>`;
  };
  const chips = view.needs.map(({ category, count }) =>
    chip(category, words.need(texts.need(category), count)),
  );
  return html`<nav aria-label="${words.filter}"><ul class="chips filter">${ownerChip(view, texts)}${quietChip(view, texts)}${hasNeeds && html`${chip(undefined, words.all)}${chips}`}</ul></nav>`;
}

function listForm(view: PeopleListView, chosen: readonly string[], texts: ReviewTexts): Html {
  const { place } = view;
  const rows = peopleTable(
    {
      rows: view.rows,
      canChoose: place.actions.length > 0,
      chosen,
      open: view.chosen,
      addressOf: (human) => besideAddress(view.here, human),
      noteOf: noteFor(view, texts),
      today: view.today,
    },
    texts,
  );
  if (place.actions.length === 0) return rows;
  return html`<form method="post" action="/decide/choose" class="choose">
${hiddenField('list', place.list)}
${hiddenField('back', view.here)}
<button hidden name="action" value="${place.actions[0] ?? ''}"></button>
${rows}
<div class="actions" id="actions" role="group" aria-label="${texts.peopleLists.forChosen}" tabindex="-1">${actionButtons(place.actions, texts)}</div>
</form>`;
}

const actionButtons = (actions: readonly ListAction[], { peopleLists }: ReviewTexts): Html[] =>
  actions.map((action, index) => {
    const isMain = index === 0;
    const marks = attributes({
      class: isMain ? 'primary' : undefined,
      name: 'action',
      value: action,
      'data-action': isMain ? action : undefined,
    });
    return html`<button ${marks}>${peopleLists.actions[action]}</button>`;
  });

/** Gives the words beside each need of a list: until when, since when, or how it stands. */
function noteFor(view: PeopleListView, { peopleLists: words, help, worklist }: ReviewTexts) {
  const { list } = view.place;
  const sentWords = ({ id }: RowNeed) => words.standing(view.notes.standings.get(id), view.today);
  const laterWords = ({ id, row }: RowNeed) => {
    const noDay = view.notes.noDays.get(id);
    if (row.gate === 'saidNo') return words.saidNo(noDay && words.day(noDay, view.today));
    return row.postponed_until
      ? words.until(words.day(row.postponed_until, view.today))
      : undefined;
  };
  const helpedWords = ({ id }: RowNeed) => {
    const helped = view.notes.helped.get(id);
    return helped === undefined ? help.rowNotAsked : help.rowSays(helped);
  };
  const notes: Partial<Record<typeof list, (need: RowNeed) => string | undefined>> = {
    later: laterWords,
    waiting: sentWords,
    withoutHelp: ({ id }) => (view.notes.overdue.has(id) ? worklist.overdue : undefined),
    helped: helpedWords,
  };
  return notes[list];
}
