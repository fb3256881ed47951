import {
  button,
  fields,
  type Html,
  hiddenField,
  html,
  notice,
  selectField,
  textField,
} from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import type { contact } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';

/** What came of the form: recorded, or the problem with everything that was typed. */
export type HelpFeedback = {
  isRecorded?: boolean;
  problem?: AppError;
  typed?: Readonly<Record<string, string>>;
};

/** What the form is about. */
export type HelpView = {
  referral: string;
  helpAnswer: contact.HelpAnswerRow | undefined;
  today: string;
};

/** Renders the notice about the form's result. */
export function helpNotice({ isRecorded, problem }: HelpFeedback, { help }: ReviewTexts): Html {
  const words = problem?.code === 'CONFLICT' ? help.notHelpedYet : help.notRecorded;
  return html`${isRecorded && notice('done', help.recorded)}
${problem && notice('problem', words)}`;
}

/** Renders what the person says about the help, and the form that asks them. */
export function helpForm(view: HelpView, feedback: HelpFeedback, texts: ReviewTexts): Html {
  const { help } = texts;
  const { helpAnswer: answer } = view;
  const before = answer && answerSentence(answer, view.today, texts);
  return html`<h2 id="help">${help.title}</h2>
<p>${before ?? help.notAsked}</p>
<form method="post" action="/review/help">
  ${hiddenField('referral', view.referral)}
  ${helpFields(view, feedback, texts)}
</form>`;
}

function answerSentence(
  { helped, said_on: day, asked_by: askedBy }: contact.HelpAnswerRow,
  today: string,
  { help, peopleLists }: ReviewTexts,
): string {
  return help.answered(helped, peopleLists.day(day, today), askedBy);
}

function helpFields(view: HelpView, { problem, typed = {} }: HelpFeedback, texts: ReviewTexts) {
  const { help } = texts;
  const errorOf = (name: keyof typeof help.problems) =>
    problem?.facts.field === name ? help.problems[name] : undefined;
  const options = (['yes', 'no'] as const).map((code) => ({ code, label: help.answers[code] }));
  const helped = selectField({
    ...{ id: 'helped', name: 'helped', label: help.question, chosen: typed.helped },
    options: [{ code: '', label: texts.forms.choose }, ...options],
    error: errorOf('helped'),
  });
  const saidOn = textField({
    ...{ id: 'said-on', name: 'saidOn', label: help.saidOn, type: 'date', max: view.today },
    text: typed.saidOn ?? view.today,
    error: errorOf('saidOn'),
  });
  const askedBy = textField({
    ...{ id: 'help-asked-by', name: 'askedBy', label: texts.forms.whoAsked, maxlength: 120 },
    text: typed.askedBy,
    error: errorOf('askedBy'),
  });
  return fields(helped, saidOn, askedBy, button({ label: help.record, kind: 'primary' }));
}
