import { attributes, type Html, html, notice, pager } from '@loopwell/http';
import type { ListRow, RowNeed } from '../../read/list-rows.ts';
import { appointmentText } from '../../safety/appointment-text.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { besideList } from '../people-list-page.ts';
import { besideAddress, peopleTable } from '../people-table.ts';
import type { DangerListView } from './read-danger-list.ts';

/** Renders a list of people to see or to call, with the person beside it. */
export function dangerListPage(
  view: DangerListView,
  person: Html | undefined,
  texts: ReviewTexts,
): Html {
  const { safety, peopleLists: words } = texts;
  const next = view.next === undefined ? undefined : { href: view.next, label: words.more };
  const { count } = view.notShown;
  const none = count === 0 && html`<p>${words.none}</p>`;
  const rows = view.rows.length === 0 ? none : rowsTable(view, texts);
  const list = html`${view.list === 'appointments' && html`<p class="hint">${safety.appointmentsIntro}</p>`}
${count > 0 && notice('alert', notShownText(view.notShown, texts))}
${rows}
${pager(next)}`;
  return besideList(list, person, view.here, texts);
}

function notShownText({ count, leads, phone }: DangerListView['notShown'], texts: ReviewTexts) {
  const names = leads.map((lead) => texts.accounts.who(lead));
  return texts.safety.notShown({ count, names, phone });
}

function rowsTable(view: DangerListView, texts: ReviewTexts): Html {
  const isToCall = view.list === 'call-today';
  return peopleTable(
    {
      rows: view.rows,
      canChoose: false,
      chosen: [],
      open: view.chosen,
      addressOf: (human) => besideAddress(view.here, human),
      noteOf: isToCall ? (need) => byWhen(need, view.today, texts) : undefined,
      detail: isToCall ? undefined : nextVisit(view, texts),
      actionOf: (row) => openLink(row, isToCall, texts),
      today: view.today,
    },
    texts,
  );
}

function byWhen({ row }: RowNeed, today: string, { safety, peopleLists: words }: ReviewTexts) {
  return row.must_by === null ? safety.today : words.by(words.day(row.must_by, today));
}

/** Gives the next visit in place of needs and reasons: no row tells what anybody answered. */
const nextVisit = ({ appointments }: DangerListView, texts: ReviewTexts) => ({
  title: texts.safety.next,
  cell: ({ person }: ListRow) => appointmentText(appointments.get(person.human), texts),
});

function openLink({ person }: ListRow, isToCall: boolean, { safety: words }: ReviewTexts): Html {
  const [action, page, label] = isToCall
    ? (['open', '', words.open] as const)
    : (['see', '/see-first', words.record] as const);
  const href = `/people/${person.human}${page}`;
  return html`<p><a ${attributes({ class: 'action', href, 'data-action': action })}>${label}</a></p>`;
}
