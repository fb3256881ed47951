import {
  button,
  enterDoesNothing,
  type Html,
  hiddenField,
  html,
  notice,
  selectField,
  textField,
} from '@loopwell/http';
import type { PartnerHelper } from '@loopwell/store';
import { type PartnerPeopleTexts, peopleProblems } from './partner-people.en.ts';

/** What the forms about the people of a partner need. */
type FormsView = {
  partner: string;
  phone: string | undefined;
  people: readonly PartnerHelper[];
  formKey: string;
};

/** Renders the forms that give codes, after a call, and those that take them away. */
export function peopleForms(view: FormsView, texts: PartnerPeopleTexts): Html {
  const { phone, people } = view;
  const giving = phone === undefined ? undefined : codeForms(view, phone, texts);
  const link = html`<p class="hint">${texts.linkHint}</p>
${button({ label: texts.link, name: 'act', sends: 'link', kind: 'danger' })}`;
  return html`${giving ?? notice('caution', peopleProblems.noNumber)}
${people.length > 0 && removeForm(view, texts)}
<h2>${texts.link}</h2>
${form(view, link)}`;
}

const form = ({ partner, formKey }: FormsView, body: Html): Html =>
  html`<form method="post" action="/partners/${partner}/people">
${enterDoesNothing()}${hiddenField('form', formKey)}
${body}
</form>`;

function codeForms(view: FormsView, phone: string, texts: PartnerPeopleTexts): Html {
  const warning = html`<strong>${texts.call(phone)}.</strong> ${texts.callHint}`;
  return html`${notice('caution', warning)}
${form(view, addFields(view, phone, texts))}
${view.people.length > 0 && form(view, renewFields(view, phone, texts))}`;
}

function addFields({ people }: FormsView, phone: string, texts: PartnerPeopleTexts): Html {
  const { isDirector: label } = texts;
  const isFirst = people.length === 0;
  const director = {
    id: 'add-director',
    name: 'director',
    label,
    text: 'yes',
    isTicked: isFirst,
  };
  return html`<fieldset><legend>${texts.add}</legend>
${textField({ id: 'add-name', name: 'name', label: texts.name, maxlength: 100 })}
${textField({ ...director, type: 'checkbox' })}
${textField({ id: 'add-address', name: 'address', label: texts.address, maxlength: 254 })}
${calledFields('add', phone, texts)}
${button({ label: texts.addButton, name: 'act', sends: 'add', kind: 'primary' })}</fieldset>`;
}

const renewFields = ({ people }: FormsView, phone: string, texts: PartnerPeopleTexts): Html =>
  html`<fieldset><legend>${texts.renewLegend}</legend>
${whoField('renew', people, texts)}
${calledFields('renew', phone, texts)}
${button({ label: texts.renewButton, name: 'act', sends: 'renew' })}</fieldset>`;

const calledBox = (id: string, phone: string, texts: PartnerPeopleTexts) => ({
  ...{ id: `${id}-called`, name: 'called', text: 'yes' },
  label: texts.called(phone),
});

const calledFields = (id: string, phone: string, texts: PartnerPeopleTexts): Html =>
  html`${hiddenField('number', phone)}
${textField({ ...calledBox(id, phone, texts), type: 'checkbox' })}
${textField({ id: `${id}-spoke`, name: 'spokeWith', label: texts.spokeWith, maxlength: 100 })}`;

const whoField = (id: string, people: readonly PartnerHelper[], texts: PartnerPeopleTexts): Html =>
  selectField({
    id: `${id}-who`,
    name: 'helper',
    label: texts.who,
    options: people.map((person) => ({ code: person.id, label: person.name })),
  });

function removeForm(view: FormsView, texts: PartnerPeopleTexts): Html {
  const remove = html`<fieldset><legend>${texts.removeLegend}</legend>
${whoField('remove', view.people, texts)}
<div class="fields">${button({ label: texts.remove, name: 'act', sends: 'remove', kind: 'danger' })}</div></fieldset>`;
  return form(view, remove);
}
