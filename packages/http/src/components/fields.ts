import { attributes, type Html, html, type Part } from '../html/html.ts';

export type Label = {
  id: string;
  label: Part;
  /** A few words after the label, in small print. */
  hint?: Part;
  /** What is wrong with what was typed; it is read out with the field. */
  error?: string | undefined;
};

export type TextField = Label & {
  name: string;
  value?: string | undefined;
  type?: 'text' | 'date' | 'checkbox';
  maxlength?: number;
  min?: string | undefined;
  max?: string | undefined;
  /** Id of a datalist. */
  list?: string;
  isRequired?: boolean;
};

/** A field to type in, with its label above it. Browsers keep nothing of what is typed. */
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
    value: field.value,
    ...errorAttributes(field),
  });
  return labelled(field, html`<input ${input}>`);
}

export type Option = { value: string; label: string };
export type SelectField = Label & {
  name: string;
  options: readonly Option[];
  value?: string | undefined;
};

/** A field to choose one of several. */
export function selectField(field: SelectField): Html {
  const options = field.options.map(({ value, label }) => {
    const option = attributes({ value, selected: value !== '' && value === field.value });
    return html`<option ${option}>${label}</option>`;
  });
  const select = attributes({ id: field.id, name: field.name, ...errorAttributes(field) });
  return labelled(field, html`<select ${select}>${options}</select>`);
}

/** Fields and buttons side by side, as far as there is room. */
export const fields = (...parts: readonly Part[]): Html => html`<div class="fields">${parts}</div>`;

const errorId = (id: string): string => `${id}-error`;

const errorAttributes = ({ id, error }: Label) => ({
  'aria-invalid': error === undefined ? undefined : 'true',
  'aria-describedby': error === undefined ? undefined : errorId(id),
});

function labelled({ id, label, hint, error }: Label, control: Html): Html {
  const small = hint !== undefined && hint !== false && html` <small>(${hint})</small>`;
  const wrong = error !== undefined && html`<p class="bad" id="${errorId(id)}">${error}</p>`;
  return html`<div class="field"><label for="${id}">${label}${small}</label>${control}${wrong}</div>`;
}

/** A button that a form is sent with. */
export type Button = {
  label: Part;
  name?: string;
  value?: string;
  kind?: 'primary' | 'danger' | 'quiet';
  /** What screen readers say instead of the label, where several buttons have the same. */
  spoken?: string;
};

export function button({ label, name, value, kind, spoken }: Button): Html {
  return html`<button ${attributes({ class: kind, name, value, 'aria-label': spoken })}>${label}</button>`;
}

/** First in a form with several buttons: Enter in a field would press the first one, and this one is disabled. */
export const enterDoesNothing = (): Html =>
  html`<button disabled hidden aria-hidden="true"></button>`;

export const hiddenField = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;
