import {
  button,
  fields,
  type Html,
  hiddenField,
  html,
  notice,
  type Option,
  selectField,
  textField,
} from '@loopwell/http';
import { type KeepOut, phoneOwners, reachWays, sayings } from '@loopwell/sdoh';
import type { ReviewTexts } from '../texts/en.ts';
import { box } from './box.ts';
import type { ReachRefusal } from './reach-errors.ts';
import { otherWays, type ReachTyped } from './reach-form.ts';

/** The content of the form about how to reach a person. */
export type ReachFormView = {
  person: string;
  name: string;
  typed: ReachTyped;
  refusal: ReachRefusal | undefined;
  keepOuts: readonly KeepOut[];
  /** Numbers and addresses of the chart, current ones only. */
  inChart: readonly string[];
};

type Words = ReviewTexts['reach'];
type TextName = Exclude<keyof ReachTyped, 'also' | 'allowAgain'>;

/** Renders the form in which staff write down how a person wants to be reached. */
export function reachFormPage(view: ReachFormView, { reach: words }: ReviewTexts): Html {
  const { person, typed, refusal } = view;
  return html`<p><a href="/people/${person}">${words.form.back}</a></p>
${refusal && notice('problem', words.form[refusal.outcome])}
<p>${words.form.intro}</p>
${proposals(view, words)}
<form method="post" action="/people/${person}/reach">
  ${hiddenField('instead', typed.instead)}
  ${aloneField(view, words)}
  ${wayFields(view, words)}
  ${contactFields(view, words)}
  ${talkFields(view, words)}
  ${interpreterFields(view, words)}
  ${keepOutFields(view, words)}
  ${button({ label: words.form.save, kind: 'primary' })}
</form>`;
}

function proposals({ inChart }: ReachFormView, words: Words): Html | undefined {
  if (inChart.length === 0) return undefined;
  return html`<details><summary>${words.form.proposal}</summary>
<ul>${inChart.map((text) => html`<li>${text}</li>`)}</ul></details>`;
}

/** Gives what each kind of field needs, by the field's name. */
function fieldMaker({ typed, refusal }: ReachFormView) {
  return (name: TextName, label: string, hint?: string) => ({
    ...{ id: `reach-${name}`, name, label, hint },
    ...{ text: typed[name], chosen: typed[name], maxlength: 200 },
    error: refusal?.errors.get(name),
  });
}

const optionsOf = <Code extends string>(
  codes: readonly Code[],
  labels: Readonly<Record<Code, string>>,
): Option[] => codes.map((code) => ({ code, label: labels[code] }));

/** Asks of everybody whether they are alone, so that the question tells nothing. */
function aloneField(view: ReachFormView, words: Words): Html {
  const options = [{ code: '', label: words.form.choose }, ...yesNo(words).toReversed()];
  return selectField({ ...fieldMaker(view)('askedAlone', words.form.askedAlone), options });
}

function wayFields(view: ReachFormView, words: Words): Html {
  const field = fieldMaker(view);
  const options = [{ code: '', label: words.form.choose }, ...optionsOf(reachWays, words.ways)];
  const also = otherWays.map((way) =>
    box({ name: 'also', code: way, label: words.ways[way], isOn: view.typed.also.includes(way) }),
  );
  return html`${selectField({ ...field('best', words.form.best), options })}
<fieldset><legend>${words.form.also}</legend>${also}</fieldset>`;
}

function contactFields(view: ReachFormView, words: Words): Html {
  const field = fieldMaker(view);
  const { form } = words;
  const owners = [{ code: '', label: form.choose }, ...optionsOf(phoneOwners, words.owners)];
  return fields(
    textField(field('phone', form.phone, form.phoneHint)),
    selectField({ ...field('phoneOwner', form.phoneOwner), options: owners }),
    textField(field('email', form.email)),
    textField(field('letterTo', form.letterTo)),
    textField(field('place', form.place)),
    textField(field('day', form.day)),
  );
}

function talkFields(view: ReachFormView, words: Words): Html {
  const field = fieldMaker(view);
  const { form } = words;
  const readings = optionsOf(['reads', 'hears'] as const, words.reading);
  return fields(
    textField(field('hours', form.hours)),
    selectField({ ...field('voicemail', form.voicemail), options: yesNo(words) }),
    selectField({
      ...field('mayBeSaid', form.mayBeSaid),
      options: optionsOf(sayings, words.sayings),
    }),
    selectField({ ...field('reading', form.reading), options: readings }),
    selectField({ ...field('forPartners', form.forPartners), options: yesNo(words) }),
  );
}

const yesNo = ({ form }: Words): Option[] => [
  { code: 'no', label: form.no },
  { code: 'yes', label: form.yes },
];

function interpreterFields(view: ReachFormView, words: Words): Html {
  const field = fieldMaker(view);
  const { form, interpreter } = words;
  const genders = optionsOf(['woman', 'man'] as const, interpreter);
  const isOn = view.typed.notFromCommunity === 'yes';
  return html`${fields(
    textField(field('language', form.language)),
    textField(field('dialect', form.dialect)),
    selectField({
      ...field('gender', form.gender),
      options: [{ code: '', label: form.either }, ...genders],
    }),
  )}
<p>${box({ name: 'notFromCommunity', code: 'yes', label: form.notFromCommunity, isOn })}
${interpreter.never}</p>`;
}

function keepOutFields({ typed, keepOuts, refusal }: ReachFormView, words: Words): Html {
  const { form } = words;
  const error = refusal?.errors.get('keepOut');
  const again = keepOuts.map(({ id, words: text }) =>
    box({
      ...{ name: 'allowAgain', code: id, label: form.again(text) },
      isOn: typed.allowAgain.includes(id),
    }),
  );
  return html`<div class="field"><label for="reach-keepOut">${form.keepOut}
<small>(${form.keepOutHint})</small></label>
<textarea id="reach-keepOut" name="keepOut" rows="3" maxlength="4000">${typed.keepOut}</textarea>
${error !== undefined && html`<p class="bad">${error}</p>`}</div>
${again.length > 0 && html`<p>${again}</p>`}`;
}
