import {
  button,
  column,
  enterDoesNothing,
  facts,
  fields,
  type Html,
  headerColumn,
  hiddenField,
  html,
  notice,
  type Option,
  selectField,
  table,
  textArea,
  textField,
} from '@loopwell/http';
import { dayFields, type ProfileFieldProblem, type ProfileTexts } from '@loopwell/sdoh';
import type { ProfileEdit } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';
import { linksCell } from './partner-list-page.ts';
import type { EditedPartner } from './read-partners.ts';
import { standingWords } from './standing-words.ts';

/** What came of the form: what was typed and what is wrong with it. */
export type EditAgain = {
  typed: ProfileTexts;
  /** The texts that the form had shown. */
  was: ProfileTexts;
  problems: readonly ProfileFieldProblem[];
};

type Words = ReviewTexts['editPartner'];
type Form = { texts: ProfileTexts; problems: readonly ProfileFieldProblem[]; words: Words };

/** Renders how a partner works, the form that changes it, and who wrote what. */
export function partnerPage(
  partner: EditedPartner,
  { again, done }: { again?: EditAgain | undefined; done?: Html | undefined },
  texts: ReviewTexts,
): Html {
  const { editPartner: words } = texts;
  const { shown } = partner;
  const form: Form = {
    texts: { ...partner.texts, ...again?.typed },
    problems: again?.problems ?? [],
    words,
  };
  return html`${done}${again && notice('problem', words.wrong)}
${shown && facts([{ term: words.standing, detail: standingWords(shown, texts) }])}
<p>${linksCell(partner.id, partner.name, texts)}</p>
<p class="hint">${words.intro}</p>
${editForm(partner, form, again?.was)}
<h2>${words.history}</h2>
${editTable(partner.edits, texts)}`;
}

function editForm(partner: EditedPartner, form: Form, was: ProfileTexts = partner.texts): Html {
  const { id, profile } = partner;
  const { words } = form;
  const hint = profile.areHoursKnown ? words.hoursHint : `${words.hoursUnknown} ${words.hoursHint}`;
  return html`<form method="post" action="/partners/${id}">
${enterDoesNothing()}${hiddenField('was', JSON.stringify(was))}
<fieldset><legend>${words.legends.new}</legend>${intakeFields(form)}</fieldset>
<fieldset><legend>${words.legends.hours}</legend>
<p class="hint">${hint}</p>
${hoursFields(form)}</fieldset>
<fieldset><legend>${words.legends.about}</legend>
${profile.suggestedArrival && notice('caution', words.suggested)}${aboutFields(form)}</fieldset>
${button({ label: words.save, kind: 'primary' })}
</form>`;
}

/** Gives what every field has: its text, its name, and which rule it breaks. */
function partsOf({ texts, problems, words }: Form, field: string) {
  const broken = problems.find((problem) => problem.field === field);
  return {
    id: field,
    name: field,
    label: words.fieldNames[field] ?? field,
    text: texts[field],
    error: broken && words.rules[broken.rule],
  };
}

const longest = { maxlength: 500 };
const text = (form: Form, field: string, hint?: string): Html =>
  textField({ ...partsOf(form, field), ...longest, hint });
const date = (form: Form, field: string, hint?: string): Html =>
  textField({ ...partsOf(form, field), type: 'date', hint });

function choice(form: Form, field: string, labels: Readonly<Record<string, string>>): Html {
  const options = Object.entries(labels).map(([code, label]): Option => ({ code, label }));
  return selectField({ ...partsOf(form, field), options, chosen: form.texts[field] });
}

function intakeFields(form: Form): Html {
  const { words } = form;
  return html`${fields(
    date(form, 'pausedUntil', words.blankOpen),
    text(form, 'perWeek', words.blankAny),
  )}
${fields(
  choice(form, 'capacity', words.choices.capacity),
  text(form, 'saidBy'),
  date(form, 'saidAt'),
)}
${textArea({ ...partsOf(form, 'note'), ...longest })}`;
}

/** The week begins on Monday here, as on a door. */
function hoursFields(form: Form): Html {
  const [sunday, ...others] = dayFields;
  const days = [...others, sunday].map((field) => text(form, field));
  return html`${fields(...days)}${text(form, 'closedDays', form.words.closedHint)}`;
}

function aboutFields(form: Form): Html {
  const { choices, confidentialHint, yesNo } = form.words;
  return html`${fields(
    text(form, 'phone'),
    choice(form, 'arrival', choices.arrival),
    choice(form, 'kind', choices.kind),
  )}
${fields(
  choice(form, 'agreement', choices.agreement),
  date(form, 'agreedFrom'),
  date(form, 'agreedUntil'),
)}
<p class="hint">${confidentialHint}</p>
${choice(form, 'confidential', yesNo)}`;
}

function editTable(edits: readonly ProfileEdit[], texts: ReviewTexts): Html {
  const { editPartner: words, formats } = texts;
  if (edits.length === 0) return html`<p>${words.none}</p>`;
  return table(edits, [
    headerColumn(words.when, ({ edited_at }) => formats.instant(edited_at)),
    column(words.what, ({ changes }) =>
      Object.entries(changes)
        .map(([field, value]) => `${words.changed[field] ?? field}${value === null ? ': –' : ''}`)
        .join(', '),
    ),
    column(words.by, ({ edited_by }) => byWords(edited_by, words)),
  ]);
}

const byWords = (by: string, words: Words): string =>
  by.startsWith('partner:') ? words.partner : by.replace(/^person:/, '');
