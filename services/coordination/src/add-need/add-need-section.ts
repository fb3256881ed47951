import { button, fields, type Html, html, selectField, textField } from '@loopwell/http';
import { needCatalog } from '@loopwell/sdoh';
import { type PersonSection, type SectionFeedback, sectionNotice } from '../person-section.ts';
import { todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';

const name = 'add-need';

/** Shows the form that adds a need that no form asked about. */
export const addNeedSection: PersonSection = {
  name,
  async read(_tx, { person }, context) {
    const { deps, feedback } = context;
    const today = todayOf(deps);
    const isDone = context.query.recorded === name;
    const section = feedback?.section === name ? feedback : undefined;
    return (texts) => addNeedPart({ person, today, isDone, feedback: section }, texts);
  },
};

type Shown = {
  person: string;
  today: string;
  isDone: boolean;
  feedback: SectionFeedback | undefined;
};

function addNeedPart({ person, today, isDone, feedback }: Shown, texts: ReviewTexts): Html {
  const { addNeed: words } = texts;
  const problem = feedback?.problem;
  const isWrong = problem !== undefined;
  const form = html`<form method="post" action="/people/${person}/needs">${fields(...needFields(today, feedback, texts))}</form>`;
  return html`<h2 id="add-need">${words.title}</h2>
${sectionNotice({ isDone, problem }, words.notices)}
${isWrong ? form : html`<details><summary>${words.open}</summary>${form}</details>`}`;
}

function needFields(today: string, feedback: SectionFeedback | undefined, texts: ReviewTexts) {
  const { addNeed: words } = texts;
  const { field, rule } = feedback?.problem.facts ?? {};
  const errorOf = (of: string) =>
    field === of ? (words.problems[`${of} ${rule}`] ?? words.problems[of]) : undefined;
  const at = (of: string) => ({ id: `need-${of}`, name: of, error: errorOf(of) });
  const typed = (of: string, otherwise = '') => feedback?.typed[of] ?? otherwise;
  const needs = needCatalog.map(({ code }) => ({
    code,
    label: words.services[code] ?? texts.need(code),
  }));
  const sayers = Object.entries(words.sayers).map(([code, label]) => ({ code, label }));
  const need = selectField({
    ...at('need'),
    label: words.need,
    chosen: typed('need'),
    options: [{ code: '', label: texts.forms.choose }, ...needs],
  });
  const saidBy = selectField({
    ...at('saidBy'),
    label: words.saidBy,
    chosen: typed('saidBy'),
    options: sayers,
  });
  const saidOn = textField({
    ...at('saidOn'),
    label: words.saidOn,
    type: 'date',
    max: today,
    text: typed('saidOn', today),
  });
  const mustBy = textField({
    ...at('mustBy'),
    label: texts.forms.mustBy,
    hint: texts.forms.mustByHint,
    type: 'date',
    min: today,
    text: typed('mustBy'),
  });
  const quote = textField({
    ...at('words'),
    label: words.words,
    hint: words.careTeamOnly,
    maxlength: 500,
    text: typed('words'),
  });
  return [need, saidBy, saidOn, mustBy, quote, button({ label: words.add, kind: 'primary' })];
}
