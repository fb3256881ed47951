import {
  button,
  type Column,
  type Html,
  hiddenField,
  html,
  notice,
  table,
  textField,
} from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import type { PersonNames } from '../person-names.ts';
import type { ScreeningForPerson } from '../read/read-screenings.ts';
import { openForm } from '../safety/open-form.ts';
import { problemSentence } from '../texts/decision-sentences.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { issueList, lookList, personCell, seeFirstMark } from './parts.ts';

export type ScreeningsPageView = {
  /** How many there are. */
  count: number;
  screenings: readonly ScreeningForPerson[];
  names: PersonNames;
};

/** The result of a form: recorded, or the problem with the typed texts. */
export type ScreeningFeedback = {
  isRecorded?: boolean;
  problem?: AppError;
  typed?: { screening: string; note: string };
};

/** Renders the screenings that need a person, safety alerts first. */
export function screeningsPage(
  view: ScreeningsPageView,
  feedback: ScreeningFeedback,
  texts: ReviewTexts,
): Html {
  const { screenings: words } = texts;
  const { problem } = feedback;
  return html`${feedback.isRecorded && notice('done', words.recorded)}
${problem && notice('problem', problemSentence(problem, texts))}
<p>${words.intro}</p>
${view.screenings.length === 0 ? html`<p>${words.none}</p>` : screeningsTable(view, feedback, texts)}
`;
}

function screeningsTable(
  view: ScreeningsPageView,
  feedback: ScreeningFeedback,
  texts: ReviewTexts,
): Html {
  const { screenings: words } = texts;
  const shown = view.screenings.length;
  const all = view.count;
  const pageOf = (person: string) => `/people/${person}`;
  const columns: Column<ScreeningForPerson>[] = [
    {
      title: words.person,
      cell: ({ person, seeFirst }) =>
        html`${seeFirst && seeFirstMark(texts)}${personCell(person, pageOf(person), view, texts)}`,
    },
    { title: words.screening, cell: (screening) => screeningCell(screening, texts) },
    { title: words.reason, cell: (screening) => reasonCell(screening, texts), isUntitled: true },
    {
      title: words.done,
      cell: (screening) => reviewedForm(screening, view.names, feedback, texts),
    },
  ];
  return html`${table(view.screenings, columns, { text: words.caption, isHint: true })}
${all > shown && html`<p>${words.shownOf(shown, all)}</p>`}`;
}

function screeningCell(
  { instrument, authored, encounter }: ScreeningForPerson,
  { screenings: words, formats }: ReviewTexts,
): Html {
  const visit = encounter === null ? words.noVisit : words.visit(encounter);
  return html`${instrument}<br><small>${formats.shortDay(authored)}${visit}</small>`;
}

function reasonCell(screening: ScreeningForPerson, texts: ReviewTexts): Html {
  return html`${issueList(screening.issues, texts)}
        ${screening.opens && openForm(screening.person, texts)}
        ${lookList(screening.looks, texts)}`;
}

function reviewedForm(
  { id, version, instrument, person }: ScreeningForPerson,
  names: PersonNames,
  { typed }: ScreeningFeedback,
  texts: ReviewTexts,
): Html {
  const { screenings: words } = texts;
  const name = names.get(person)?.name ?? texts.person.this;
  const note = typed?.screening === id ? typed.note : '';
  return html`<form method="post" action="/review/screenings/seen">
          ${hiddenField('screening', id)}
          ${hiddenField('version', version)}
          ${textField({
            id: `note-${id}`,
            name: 'note',
            label: words.note,
            hint: words.optional,
            maxlength: 500,
            text: note,
          })}
          ${button({ label: words.markReviewed, accessibleName: words.markReviewedOf(instrument, name) })}
        </form>`;
}
