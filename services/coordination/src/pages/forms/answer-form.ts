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
import { AppError } from '@loopwell/kit';
import { personReasons, phoneStatusesFrom } from '@loopwell/sdoh';
import { typedIn, uuid } from '../../decide/form-data.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import type { ReferralPageView } from '../referral-view.ts';

/** The result of the forms about answers, and what was typed into the one by phone. */
export type AnswerFeedback = {
  areWordsRemoved?: boolean;
  result?: 'recorded' | 'same' | undefined;
  problem?: AppError;
  typed?: Readonly<Record<string, string>>;
};

/** Renders the notice about the form's result. */
export function answerNotice(
  { result, problem, areWordsRemoved }: AnswerFeedback,
  texts: ReviewTexts,
): Html {
  const words = texts.answerForm;
  const rule = problem?.facts.rule;
  const trouble = rule === 'no-open-task' ? words.tooLate : words.notRecorded;
  return html`${result && notice('done', words[result])}
${areWordsRemoved && notice('done', texts.partners.removed)}
${problem && notice('problem', trouble)}`;
}

/** Renders the form for what the partner of the open Task said by phone; nothing without one. */
export function answerForm(
  view: ReferralPageView,
  feedback: AnswerFeedback,
  texts: ReviewTexts,
): Html | undefined {
  const task = view.tasks.find(({ live, remote_id }) => live && remote_id !== null);
  if (!task) return undefined;
  const { answerForm: words } = texts;
  const partner = view.partners.get(task.partner) ?? task.partner;
  return html`<h2 id="answer">${words.title}</h2>
<p class="hint">${words.intro(partner)}</p>
<form method="post" action="/review/answers">
  ${hiddenField('referral', view.row.id)}
  ${answerFields(task.status, view, feedback, texts)}
</form>`;
}

function answerFields(
  status: string,
  { timeZone, isLegal }: ReferralPageView,
  feedback: AnswerFeedback,
  texts: ReviewTexts,
): Html {
  const { answerForm: words } = texts;
  const field = (name: string, maxlength: number) => ({
    ...named(name, feedback, texts),
    maxlength,
  });
  const reason = textField({
    ...field('reason', 500),
    label: words.reason,
    hint: words.reasonHint,
  });
  const note = textField({
    ...field('note', 2000),
    label: words.note,
    hint: isLegal ? words.legalNote : words.optional,
  });
  const saidBy = textField({
    ...field('saidBy', 120),
    label: words.saidBy,
    isRequired: true,
  });
  const at = textField({
    ...named('at', feedback, texts),
    label: words.at,
    hint: words.inZone(timeZone),
    type: 'datetime-local',
    isRequired: true,
  });
  const record = button({ label: words.record, kind: 'primary' });
  const why = isLegal ? [] : [reasonCodeField(feedback, texts), reason];
  return fields(statusField(status, feedback, texts), ...why, note, saidBy, at, record);
}

/** Renders the choice of what the partner said of the person. */
function reasonCodeField(feedback: AnswerFeedback, texts: ReviewTexts): Html {
  const { answerForm: words } = texts;
  const { text: chosen, ...field } = named('reasonCode', feedback, texts);
  const options = personReasons.map((code) => ({ code, label: words.reasonCodes[code] }));
  return selectField({
    ...field,
    chosen,
    label: words.reasonCode,
    hint: words.reasonCodeHint,
    options: [{ code: '', label: words.nothingOfThem }, ...options],
  });
}

/** Renders the choice of what the partner said, of what the Task may go to. */
function statusField(status: string, feedback: AnswerFeedback, texts: ReviewTexts): Html {
  const { answerForm: words } = texts;
  const { text: chosen, ...field } = named('status', feedback, texts);
  const options = phoneStatusesFrom(status).map((code) => ({
    code,
    label: words.statuses[code],
  }));
  return selectField({
    ...field,
    chosen,
    label: words.status,
    options: [{ code: '', label: words.choose }, ...options],
  });
}

/** Gives a field its id, its name, what was typed before, and what was wrong with that. */
const named = (name: string, feedback: AnswerFeedback, texts: ReviewTexts) => ({
  id: `answer-${name}`,
  name,
  text: feedback.typed?.[name] ?? '',
  error: errorOf(name, feedback, texts),
});

/** Writes the error of a field; undefined for the fields that are right. */
function errorOf(
  name: string,
  { problem }: AnswerFeedback,
  { answerForm }: ReviewTexts,
): string | undefined {
  const { field, rule } = problem?.facts ?? {};
  if (field !== name) return undefined;
  return answerForm.problems[`${field} ${rule}`] ?? answerForm.problems[name];
}

/** Reads the result of the form for answers from the address. */
export const answerResultIn = ({
  answer,
}: Readonly<Record<string, unknown>>): AnswerFeedback['result'] =>
  answer === 'recorded' || answer === 'same' ? answer : undefined;

/**
 * Reads the texts of the form and the referral that it is about.
 *
 * @throws AppError NOT_FOUND where no referral is named
 */
export function answerTyped(body: unknown) {
  const { text: typed } = typedIn(body);
  const referral = typed.referral ?? '';
  if (!uuid.test(referral)) throw new AppError('NOT_FOUND', 'There is no such referral');
  return { typed, referral };
}
