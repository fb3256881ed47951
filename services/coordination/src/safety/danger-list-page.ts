import { type Column, type Html, headerColumn, html, table } from '@loopwell/http';
import type { Appointment } from '@loopwell/sdoh';
import type { ReviewTexts } from '../texts/en.ts';
import type { DangerRow } from './read-safety.ts';

/** The lists of people whom somebody sees or calls. */
export type DangerList = 'see-first' | 'call-today' | 'appointments';

/** Renders a list of people. Rows have names and days, and nothing that anybody answered. */
export function dangerListPage(
  list: DangerList,
  rows: readonly DangerRow[],
  texts: ReviewTexts,
): Html {
  const { safety: words } = texts;
  if (rows.length === 0) return html`<p>${words.none}</p>`;
  const page = list === 'call-today' ? '' : '/see-first';
  const columns: Column<DangerRow>[] = [
    headerColumn(words.person, (row) => personLink(row, page, texts)),
    list === 'call-today'
      ? { title: words.byWhen, kind: 'day', cell: ({ day }) => (day ? words.by(day) : words.today) }
      : { title: words.next, cell: ({ appointment }) => appointmentText(appointment, texts) },
  ];
  return html`${list === 'appointments' && html`<p>${words.appointmentsIntro}</p>`}
${table(rows, columns)}`;
}

function personLink({ human, name }: DangerRow, page: string, texts: ReviewTexts): Html {
  const person = name.get(human);
  const born = person?.birthDate ? texts.person.born(texts.formats.day(person.birthDate)) : '';
  return html`<a href="/people/${human}${page}" data-person="${human}">${person?.name ?? texts.person.notOnFile}</a>
        <br><small class="whole">${born}</small>`;
}

/** Writes when and where the next appointment is, and whether somebody typed it in. */
export function appointmentText(appointment: Appointment | undefined, texts: ReviewTexts): string {
  const { safety: words, formats } = texts;
  if (appointment === undefined) return words.noNext;
  const { at, place, source } = appointment;
  const parts = [formats.instant(at), place, source === 'typed' ? words.typedIn : undefined];
  return parts.filter((part) => part !== undefined).join(', ');
}
