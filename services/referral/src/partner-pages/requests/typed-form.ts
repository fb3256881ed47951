import { type AnswerButton, isAnswerButton } from '@loopwell/sdoh';
import { type AnswerForm, formOf, isAnswerForm } from './views/answer-form-kinds.ts';

/** A form as a helper sent it. Nothing of it is trusted. */
export type TypedForm = {
  button: AnswerButton | undefined;
  /** The form that it was sent from; undefined for a button of one tap. */
  form: AnswerForm | undefined;
  /** The key that the form was given when it was shown. */
  key: string;
  fields: Readonly<Record<string, unknown>>;
};

/** Reads a form of an answer from what was posted. */
export function typedForm(body: unknown): TypedForm {
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>;
  const button = isAnswerButton(fields.button) ? fields.button : undefined;
  const key = typeof fields.key === 'string' ? fields.key.slice(0, 80) : '';
  return {
    button,
    form: button ? formOf(button) : sentFrom(fields.form),
    key,
    fields,
  };
}

/** Names the form in which no reason was chosen. */
const sentFrom = (form: unknown): AnswerForm | undefined => (isAnswerForm(form) ? form : undefined);
