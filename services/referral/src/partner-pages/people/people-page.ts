import { type Html, hiddenField, html, intlFormats, notice } from '@loopwell/http';
import type { NamedCode, PartnerHelper } from '@loopwell/store';
import type { SignedInHelper } from '../shell/helper-door.ts';
import { type PeopleProblem, peopleTexts as texts } from './people-texts.ts';

/** What the page of a director shows. */
export type PeopleView = {
  helper: SignedInHelper;
  people: readonly PartnerHelper[];
  timeZone: string;
  now: Date;
  /** What each form brings along: sent twice, it counts once. */
  form: string;
  /** Codes that were made just now. */
  codes?: readonly NamedCode[];
  removed?: string;
  problem?: PeopleProblem;
};

/** Renders the people who answer for a partner, and the forms that add and remove them. */
export function peoplePage(view: PeopleView): Html {
  const { people, problem, removed, codes = [] } = view;
  return html`<h1>${texts.title}</h1>
${problem && notice('problem', texts.problems[problem])}
${removed !== undefined && notice('done', texts.removed(removed))}
${codes.length > 0 && codeList(codes)}
<p>${texts.intro}</p>
<ul class="people-list">${people.map((person) => personItem(person, view))}</ul>
${addForm(view)}
${people.length > 1 && leftForm(view)}
<p><a href="/p/${view.helper.token}">${texts.back}</a></p>`;
}

function codeList(codes: readonly NamedCode[]): Html {
  const items = codes.map(
    ({ name, code }) =>
      html`<li>${name}: <strong class="whole">${code.slice(0, 4)} ${code.slice(4)}</strong></li>`,
  );
  return html`<section class="note" role="status">
<h2>${texts.codes}</h2>
<p>${texts.codesHint}</p>
<ul>${items}</ul>
<p>${texts.print}</p>
</section>`;
}

function personItem(person: PartnerHelper, { timeZone, now }: PeopleView): Html {
  const { name, role, lastSignIn, codeEndsAt } = person;
  const formats = intlFormats('en-US', timeZone);
  const isLive = codeEndsAt !== undefined && codeEndsAt > now;
  const lines = [
    lastSignIn ? texts.lastSignIn(formats.instant(lastSignIn)) : texts.never,
    isLive ? texts.codeEnds(formats.instant(codeEndsAt)) : texts.noCode,
  ];
  return html`<li><strong>${name}</strong>${role === 'director' && ` (${texts.director})`}<br>
<span class="hint">${lines.join('. ')}</span></li>`;
}

const opening = ({ helper, form }: PeopleView): Html =>
  html`${hiddenField('check', helper.formKey)}${hiddenField('form', form)}`;

function addForm(view: PeopleView): Html {
  return html`<h2>${texts.add}</h2>
<form method="post" action="/p/${view.helper.token}/people">
${opening(view)}
<div class="field"><label for="name">${texts.name}</label>
<input id="name" name="name" maxlength="100" autocomplete="off"></div>
<div class="field"><label for="address">${texts.address}</label>
<input id="address" name="address" maxlength="254" autocomplete="off"></div>
<p><label><input type="checkbox" name="director" value="yes"> ${texts.isDirector}</label></p>
<button name="act" value="add" class="primary">${texts.addButton}</button>
</form>`;
}

function leftForm(view: PeopleView): Html {
  const others = view.people.filter(({ id }) => id !== view.helper.helper);
  const options = others.map(({ id, name }) => html`<option value="${id}">${name}</option>`);
  return html`<h2>${texts.left}</h2>
<form method="post" action="/p/${view.helper.token}/people">
${opening(view)}
<p class="hint">${texts.leftHint}</p>
<div class="field"><label for="who">${texts.who}</label>
<select id="who" name="helper"><option value="">–</option>${options}</select></div>
<button name="act" value="remove">${texts.remove}</button>
<button name="act" value="removeAll" class="danger">${texts.removeAll}</button>
</form>`;
}
