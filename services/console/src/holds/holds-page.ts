import { button, fields, type Html, hiddenField, html, table, textField } from '@loopwell/http';
import type { holds, PartnerStatus } from '@loopwell/store';
import type { Hold } from '../status/overview.ts';
import type { ConsoleTexts } from '../texts/en.ts';
import { goesOnRelease, type Held, type HoldsView } from './holds.ts';

export type HoldsPageView = HoldsView & {
  partners: readonly PartnerStatus[];
  /** Ids of the connections. */
  connections: readonly string[];
  decisions: readonly holds.HoldDecision[];
};

/** What is held, what would go if it were released, and the form to hold something. */
export function holdsPage(view: HoldsPageView, texts: ConsoleTexts): Html {
  const { holds: words } = texts;
  return html`<p>${words.intro}</p>
${view.holds.length === 0 && html`<p>${words.none}</p>`}
${view.holds.map((hold) => releaseForm(hold, goesOnRelease(view, hold.scope), texts))}
<h2>${words.addTitle}</h2>
${holdForm(view, texts)}
<h2>${words.history}</h2>
${decisionsTable(view.decisions, texts)}
`;
}

function releaseForm(
  hold: Hold,
  goes: readonly Held[],
  { holds: words, formats }: ConsoleTexts,
): Html {
  const { scope } = hold;
  const id = `why-${scope}`;
  const why = { id, name: 'reason', label: words.why, hint: words.noPersonalData, maxlength: 200 };
  const release = button({ label: words.release(scope), kind: 'danger' });
  const work = html`<p>${words.goes}</p>
    <ul>${goes.map((held) => heldWork(held, words, formats))}</ul>`;
  return html`<form method="post" action="/console/holds/release">
  <fieldset>
    <legend>${words.held(scope)}</legend>
    <p>${words.byOn(hold.principal, hold.at, hold.reason)}</p>
    ${goes.length === 0 ? html`<p>${words.nothingGoes}</p>` : work}
    ${goes.some(({ what }) => what === 'referrals') && html`<p class="hint">${words.countedBySender}</p>`}
    ${hiddenField('scope', scope)}
    ${fields(textField(why), release)}
  </fieldset>
</form>
`;
}

function heldWork(
  held: Held,
  words: ConsoleTexts['holds'],
  { count }: ConsoleTexts['formats'],
): Html {
  const to = held.scope === '' ? words.noPartnerLeft : words.to(held.name);
  const what = words.what[held.what](held.count);
  return html`<li><strong>${count(held.count)}</strong> ${what} ${to} <small>${held.scope}</small></li>`;
}

function holdForm({ partners, connections }: HoldsPageView, { holds: words }: ConsoleTexts): Html {
  const choice = (scope: string, label: string) =>
    html`<li><label><input type="checkbox" name="scope" value="${scope}"> ${label}</label></li>\n`;
  const why = { name: 'reason', label: words.why, hint: words.noPersonalData, maxlength: 200 };
  return html`<form method="post" action="/console/holds">
  <fieldset>
    <legend>${words.which}</legend>
    <ul class="choices">
      ${choice('all', words.everything)}
      ${partners.map(({ id, name }) => choice(`partner:${id}`, words.sendsTo(name ?? id)))}
      ${connections.map((id) => [
        choice(`ehr:${id}`, words.writing(id)),
        choice(`connection:${id}`, words.pause(id)),
      ])}
    </ul>
    ${fields(
      textField({ ...why, id: 'reason', isRequired: true }),
      button({ label: words.hold, kind: 'primary' }),
    )}
  </fieldset>
</form>`;
}

function decisionsTable(decisions: readonly holds.HoldDecision[], texts: ConsoleTexts): Html {
  const { holds: words, formats } = texts;
  if (decisions.length === 0) return html`<p>${words.noHistory}</p>`;
  return table(
    decisions,
    [
      { title: words.when, kind: 'header', cell: ({ at }) => formats.instant(at) },
      {
        title: words.decision,
        cell: ({ decision, scope }) => html`${decision} <code>${scope}</code>`,
      },
      { title: words.who, cell: ({ principal }) => principal },
      { title: words.why, cell: ({ reason }) => reason ?? '–' },
    ],
    { text: words.latest, isHint: true },
  );
}
