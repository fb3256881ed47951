import {
  fields,
  type Html,
  html,
  notice,
  type Option,
  selectField,
  textField,
} from '@loopwell/http';
import { eachNeed } from '@loopwell/sdoh';
import type { Typed } from '../../decide/form-data.ts';
import type { Recipient } from '../../decide/recipient.ts';
import type { StaysThere } from '../../decide/take-back.ts';
import type { ReviewTexts } from '../../texts/en.ts';

export type WholeForm = {
  typed: Typed;
  /** Partners that serve the need, or one of the needs. */
  recipients: readonly Recipient[];
  /** The category of the need, or `each-need` for those of several people. */
  category: string;
  /** Who wrote the policy by which a spoken yes counts; undefined where the site has none. */
  spokenAuthor: string | undefined;
};

const nameOf = (field: string): string => `recordConsent.${field}`;

/**
 * Renders the fields of a consent that says who signed, to whom it goes, and what. Where none of
 * them is filled in, the consent has words alone.
 */
export function wholeConsentFields(view: WholeForm, texts: ReviewTexts): Html {
  const { form } = texts.consent.whole;
  const typed = (field: string) => typedOrProposed(view, field);
  const errorOf = errorsIn(view.typed, texts);
  const common = (field: string) => ({
    id: `whole-${field}`,
    name: nameOf(field),
    error: errorOf(field),
  });
  const text = (field: 'document' | 'householdSize', maxlength: number, hint?: string) =>
    textField({ ...common(field), label: form[field], hint, maxlength, text: typed(field) });
  const isForMany = view.category === eachNeed;
  const signer = { ...common('signer'), label: form.signer, maxlength: 120 } as const;
  const select = (field: 'authority' | 'method', labels: Readonly<Record<string, string>>) =>
    selectField({
      ...common(field),
      label: form[field],
      hint: form.required,
      options: choicesOf(labels, texts.forms.choose),
      chosen: typed(field),
    });
  return html`<p class="hint">${form.intro}</p>
${fields(
  select('authority', form.authorities),
  textField({ ...signer, hint: form.signerHint, text: typed('signer') }),
  select('method', methodsOf(view, texts)),
  text('document', 200, form.documentHint),
  kindField(view, typed('kind'), texts),
)}
${boxes('places', form.places, view.recipients, typed('places'), errorOf('places'))}
${boxes('except', form.except, view.recipients, typed('except'), errorOf('except'))}
${boxes('elements', form.elements, elementsOf(isForMany, form.elementLabels), typed('elements'), errorOf('elements'))}
${
  !isForMany &&
  fields(
    text('householdSize', 4),
    box({ ...common('partTwo'), label: form.partTwo, text: 'true' }, typed('partTwo') === 'true'),
  )
}`;
}

/** What a form proposes that nobody has sent yet; a partner has to know the name in any case. */
const proposed: Readonly<Record<string, string>> = {
  authority: 'self',
  method: 'paper',
  elements: 'name',
};

/** Gives what was typed or chosen, or what a fresh form proposes. */
function typedOrProposed({ typed, category }: WholeForm, field: string): string {
  if (!typed.isFresh) return typed.text[nameOf(field)] ?? '';
  // People with different needs sign for the places of their own need.
  if (field === 'kind' && category === eachNeed) return eachNeed;
  return typed.text[nameOf(field)] ?? proposed[field] ?? '';
}

/** Lists the ways to give a consent. A spoken one is there where the site's policy says so. */
function methodsOf(
  { spokenAuthor }: WholeForm,
  { consent }: ReviewTexts,
): Readonly<Record<string, string>> {
  const { spoken, ...written } = consent.whole.form.methods;
  return spokenAuthor === undefined ? written : { ...written, spoken: spoken(spokenAuthor) };
}

/** Gives the sentence for the rule that a field of the consent breaks. */
function errorsIn({ problems = [] }: Typed, { consent }: ReviewTexts) {
  return (field: string): string | undefined => {
    const broken = problems.find(({ path }) => path.endsWith(`/${field}`));
    return broken && (consent.whole.rules[broken.rule] ?? undefined);
  };
}

const choicesOf = (labels: Readonly<Record<string, string>>, none: string): Option[] => [
  { code: '', label: none },
  ...Object.entries(labels).map(([code, label]) => ({ code, label })),
];

function kindField({ category, typed }: WholeForm, chosen: string, texts: ReviewTexts): Html {
  const { form, anyOf } = texts.consent.whole;
  return selectField({
    error: errorsIn(typed, texts)('kind'),
    id: 'whole-kind',
    name: nameOf('kind'),
    label: form.who,
    options: [
      { code: '', label: form.namedOnly },
      { code: category, label: category === eachNeed ? form.eachKind : form.kind(anyOf(category)) },
    ],
    chosen,
  });
}

/** Lists what partners may read. How many live there is asked of each person alone. */
const elementsOf = (isForMany: boolean, labels: Readonly<Record<string, string>>): Recipient[] =>
  Object.entries(labels)
    .filter(([id]) => !isForMany || id !== 'household')
    .map(([id, name]) => ({ id, name }));

/** Renders a box to tick for each choice. What was ticked before is ticked again. */
function boxes(
  field: 'places' | 'except' | 'elements',
  title: string,
  choices: readonly Recipient[],
  chosen: string,
  error: string | undefined,
): Html | undefined {
  if (choices.length === 0) return undefined;
  const ticked = chosen.split(' ');
  const each = choices.map(({ id, name }, index) =>
    box(
      { id: `whole-${field}-${index}`, name: nameOf(field), label: name, text: id },
      ticked.includes(id),
    ),
  );
  return html`<fieldset>
  <legend>${title}</legend>
  ${error !== undefined && html`<p class="bad">${error}</p>`}
  ${fields(...each)}
</fieldset>`;
}

type TextField = Parameters<typeof textField>[0];

const box = (field: TextField, isTicked: boolean): Html =>
  textField({ ...field, type: 'checkbox', isTicked });

/** Renders what is asked when a consent is taken back: why, and how far it reaches. */
export function takeBackFields(texts: ReviewTexts): Html {
  const { form } = texts.consent.whole;
  return fields(
    textField({ id: 'back-why', name: 'withdrawConsent.reason', label: form.why, maxlength: 500 }),
    textField({
      id: 'back-everything',
      name: 'withdrawConsent.everything',
      label: form.everything,
      type: 'checkbox',
      text: 'true',
    }),
  );
}

/** Says what could not be recalled after a consent was taken back. */
export function staysNotices(
  { stays }: { stays: readonly StaysThere[] },
  { consent, formats }: ReviewTexts,
): Html {
  const { stays: words } = consent.whole;
  const each = stays.map(({ name, partner, reads, lastRead }) => {
    const who = name ?? partner;
    const says = reads > 0 ? words.hasRead(who, formats.instant(lastRead)) : words.wasTold(who);
    return notice('wait', says);
  });
  return html`${each}`;
}
