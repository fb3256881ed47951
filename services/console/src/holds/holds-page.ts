import {
  button,
  type Column,
  column,
  fields,
  type Html,
  headerColumn,
  hiddenField,
  html,
  table,
  textField,
} from '@loopwell/http';
import type { holds, PartnerStatus } from '@loopwell/store';
import type { Hold } from '../status/overview.ts';
import type { ConsoleTexts } from '../texts/en.ts';
import { goesOnRelease, type Held, type HoldsView } from './holds.ts';

/** The content of the page of holds. */
export type HoldsPageView = HoldsView & {
  partners: readonly PartnerStatus[];
  /** Ids of the connections. */
  connections: readonly string[];
  decisions: readonly holds.HoldDecision[];
};

/** Renders the holds, what would go on each release, and the form for a new hold. */
export function holdsPage(view: HoldsPageView, texts: ConsoleTexts): Html {
  const { holds: words } = texts;
  return html`<p>${words.intro}</p>
${view.holds.length === 0 && html`<p>${words.none}</p>`}
${view.holds.map((hold) => releaseForm(hold, goesOnRelease(view, hold.scope), texts))}
<h2>${words.add.title}</h2>
${holdForm(view, texts)}
<h2>${words.history.title}</h2>
${decisionsTable(view.decisions, texts)}
`;
}

function releaseForm(
  hold: Hold,
  goes: readonly Held[],
  { holds: words, formats }: ConsoleTexts,
): Html {
  const { scope } = hold;
  const { release } = words;
  const id = `why-${scope}`;
  const why = { id, name: 'reason', label: words.why, hint: words.noPersonalData, maxlength: 200 };
  const submit = button({ label: release.button(scope), kind: 'danger' });
  const work = html`<p>${release.goes}</p>
    <ul>${goes.map((held) => heldWork(held, release, formats))}</ul>`;
  return html`<form method="post" action="/console/holds/release">
  <fieldset>
    <legend>${release.held(scope)}</legend>
    <p>${release.byOn(hold.principal, hold.at)}${hold.reason && `: ${hold.reason}`}</p>
    ${goes.length === 0 ? html`<p>${release.nothingGoes}</p>` : work}
    ${goes.some(({ what }) => what === 'referrals') && html`<p class="hint">${release.countedBySender}</p>`}
    ${hiddenField('scope', scope)}
    ${fields(textField(why), submit)}
  </fieldset>
</form>
`;
}

function heldWork(
  held: Held,
  release: ConsoleTexts['holds']['release'],
  { count }: ConsoleTexts['formats'],
): Html {
  const to = held.scope === '' ? release.noPartnerLeft : release.to(held.name);
  const what = release[held.what](held.count);
  return html`<li><strong>${count(held.count)}</strong> ${what} ${to} <small>${held.scope}</small></li>`;
}

function holdForm({ partners, connections }: HoldsPageView, { holds: words }: ConsoleTexts): Html {
  const choice = (scope: string, label: string) =>
    html`<li><label><input type="checkbox" name="scope" value="${scope}"> ${label}</label></li>\n`;
  const why = { name: 'reason', label: words.why, hint: words.noPersonalData, maxlength: 200 };
  return html`<form method="post" action="/console/holds">
  <fieldset>
    <legend>${words.add.which}</legend>
    <ul class="choices">
      ${choice('all', words.add.everything)}
      ${partners.map(({ id, name }) => choice(`partner:${id}`, words.add.sendsTo(name ?? id)))}
      ${connections.map((id) => [
        choice(`ehr:${id}`, words.add.writing(id)),
        choice(`connection:${id}`, words.add.pause(id)),
      ])}
    </ul>
    ${fields(
      textField({ ...why, id: 'reason', isRequired: true }),
      button({ label: words.add.button, kind: 'primary' }),
    )}
  </fieldset>
</form>`;
}

function decisionsTable(decisions: readonly holds.HoldDecision[], texts: ConsoleTexts): Html {
  const { holds: words, formats } = texts;
  if (decisions.length === 0) return html`<p>${words.history.none}</p>`;
  const columns: Column<holds.HoldDecision>[] = [
    headerColumn(words.history.when, ({ at }) => formats.instant(at)),
    column(
      words.history.decision,
      ({ decision, scope }) => html`${decision} <code>${scope}</code>`,
    ),
    column(words.history.who, ({ principal }) => principal),
    column(words.why, ({ reason }) => reason ?? '–'),
  ];
  return table(decisions, columns, { text: words.history.latest, isHint: true });
}
