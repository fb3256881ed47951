import { attributes, type Html, html, type Part } from '../html/html.ts';

/** The label above a field. */
export type Label = {
  id: string;
  label: Part;
  /** A few words after the label, in small print. */
  hint?: Part;
  /** The error of the typed text. Screen readers read it with the field. */
  error?: string | undefined;
};

/** A field to type in, or a box to tick. */
export type TextField = Label & {
  name: string;
  /** The text in the field, or what a ticked box sends. */
  text?: string | undefined;
  type?: 'text' | 'date' | 'datetime-local' | 'checkbox';
  maxlength?: number;
  min?: string | undefined;
  max?: string | undefined;
  /** Id of a datalist. */
  list?: string;
  isRequired?: boolean;
  /** The box is ticked already. */
  isTicked?: boolean;
};

/** Renders a field to type in, with its label above it. Browsers do not store what is typed. */
export function textField(field: TextField): Html {
  const { type = 'text' } = field;
  const input = attributes({
    id: field.id,
    name: field.name,
    type: type === 'text' ? undefined : type,
    maxlength: field.maxlength,
    min: field.min,
    max: field.max,
    autocomplete: type === 'text' && 'off',
    list: field.list,
    required: field.isRequired,
    checked: field.isTicked,
    value: field.text,
    ...errorAttributes(field),
  });
  return labeled(field, html`<input ${input}>`);
}

/** A field to type several lines in. */
export type TextArea = Label & { name: string; text?: string | undefined; maxlength?: number };

/** Renders a field to type several lines in, with its label above it. */
export function textArea(field: TextArea): Html {
  const area = attributes({
    id: field.id,
    name: field.name,
    rows: 4,
    maxlength: field.maxlength,
    autocomplete: 'off',
    ...errorAttributes(field),
  });
  // A browser leaves out the first line break after the tag.
  return labeled(
    field,
    html`<textarea ${area}>
${field.text ?? ''}</textarea>`,
  );
}

/** A choice. `code` is sent. */
export type Option = { code: string; label: string };

/** A field to choose one of several. */
export type SelectField = Label & {
  name: string;
  options: readonly Option[];
  /** Code of the option that is chosen already. */
  chosen?: string | undefined;
};

/** Renders a field to choose one of several options. */
export function selectField(field: SelectField): Html {
  const options = field.options.map(({ code, label }) => {
    const option = attributes({ value: code, selected: code !== '' && code === field.chosen });
    return html`<option ${option}>${label}</option>`;
  });
  const select = attributes({ id: field.id, name: field.name, ...errorAttributes(field) });
  return labeled(field, html`<select ${select}>${options}</select>`);
}

/** Renders fields and buttons side by side, as far as there is room. */
export const fields = (...parts: readonly Part[]): Html => html`<div class="fields">${parts}</div>`;

const errorId = (id: string): string => `${id}-error`;

const errorAttributes = ({ id, error }: Label) => ({
  'aria-invalid': error === undefined ? undefined : 'true',
  'aria-describedby': error === undefined ? undefined : errorId(id),
});

function labeled({ id, label, hint, error }: Label, control: Html): Html {
  const small = hint !== undefined && hint !== false && html` <small>(${hint})</small>`;
  const wrong = error !== undefined && html`<p class="bad" id="${errorId(id)}">${error}</p>`;
  return html`<div class="field"><label for="${id}">${label}${small}</label>${control}${wrong}</div>`;
}

/** A button that a form is sent with. */
export type Button = {
  label: Part;
  name?: string;
  /** The text that is sent under the name. */
  sends?: string;
  kind?: 'primary' | 'danger' | 'plain';
  /**
   * The text that screen readers use instead of the label, when several buttons have the same
   * label.
   */
  accessibleName?: string;
};

/** Renders a button with its label. */
export function button({ label, name, sends, kind, accessibleName }: Button): Html {
  return html`<button ${attributes({ class: kind !== 'plain' && kind, name, value: sends, 'aria-label': accessibleName })}>${label}</button>`;
}

/**
 * Renders a disabled button for the start of a form with several buttons. Enter in a field would
 * press the first button otherwise.
 */
export const enterDoesNothing = (): Html =>
  html`<button disabled hidden aria-hidden="true"></button>`;

/** Renders a hidden field that a form sends along. */
export const hiddenField = (name: string, text: string): Html =>
  html`<input type="hidden" name="${name}" value="${text}">`;
