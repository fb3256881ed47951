import {
  addressOf,
  button,
  type Column,
  column,
  fields,
  type Html,
  headerColumn,
  hiddenField,
  html,
  notice,
  selectField,
  table,
  textField,
} from '@loopwell/http';
import { type DemandStep, demandKinds, demandState } from '@loopwell/sdoh';
import type { LegalDemand } from '@loopwell/store';
import type { PersonNames } from '../../person-names.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { accountTabs } from '../account-tabs.ts';

/** The content of the page of legal demands. */
export type DemandsView = {
  rows: readonly LegalDemand[];
  names: PersonNames;
  visible: ReadonlySet<string>;
  /** The person about whom a demand can be written down. */
  person: string | undefined;
  typed: Readonly<Record<string, string>>;
  /** The field that is wrong, and its rule. */
  error: { field: string; rule: string } | undefined;
  done: boolean;
  /** Today at the site (YYYY-MM-DD). */
  today: string;
  /** The reader may write demands down and agree to steps. */
  mayAct: boolean;
};

/** Renders the legal demands, with what two people have to agree to. */
export function demandsPage(view: DemandsView, texts: ReviewTexts): Html {
  const { demands: words } = texts;
  const list = table(view.rows, demandColumns(view, texts), { text: words.caption, isHint: true });
  return html`${accountTabs('demands', texts)}
${view.done && notice('done', words.done)}
${view.error && notice('problem', `${words.wrong} ${view.error.rule}.`)}
<p>${words.intro}</p>
${view.mayAct && view.person !== undefined ? newForm(view, view.person, texts) : html`<p class="hint">${words.where}</p>`}
${view.rows.length === 0 ? html`<p>${words.none}</p>` : list}`;
}

function demandColumns(view: DemandsView, texts: ReviewTexts): readonly Column<LegalDemand>[] {
  const { demands: words, peopleLists, accounts } = texts;
  const nameCell = ({ person }: LegalDemand) => {
    if (!view.visible.has(person)) return accounts.hidden;
    const name = view.names.get(person)?.name ?? accounts.noName;
    return html`<a href="${addressOf('/disclosures/demands', { person })}">${name}</a>`;
  };
  return [
    headerColumn(words.columns.person, nameCell),
    column(words.columns.kind, ({ kind }) => words.kinds[kind]),
    column(words.columns.demandedBy, (row) => row.demanded_by || words.erased),
    column(words.columns.askedFor, (row) => row.asked_for || words.erased),
    column(words.columns.received, (row) => peopleLists.day(row.received_on, view.today)),
    column(words.columns.state, (row) => stateCell(row, view, texts)),
  ];
}

function stateCell(row: LegalDemand, { mayAct }: DemandsView, texts: ReviewTexts): Html {
  const { demands: words, accounts, formats } = texts;
  const state = demandState(row.yeses);
  const agreed = row.yeses.map(
    ({ step, principal, at }) =>
      html`<br><small>${words.agreed(words.steps[step], accounts.who(principal), formats.instant(at))}</small>`,
  );
  const standing = state.isOver ? words.over : words.open;
  const forms = mayAct &&
    !state.isOver && [
      !state.isReleased && stepForm(row, 'release', texts),
      stepForm(row, 'end', texts),
    ];
  return html`${state.isReleased && html`${words.released} `}${standing}${agreed}${forms}`;
}

function stepForm({ id }: LegalDemand, step: DemandStep, { demands: words }: ReviewTexts): Html {
  const field = { id: `note-${step}-${id}`, name: 'note', label: words.notes[step] };
  return html`<form method="post" action="/disclosures/demands/${id}/steps">
  ${hiddenField('step', step)}
  ${fields(textField({ ...field, maxlength: 2_000, isRequired: true }), button({ label: words.agree[step] }))}
</form>`;
}

function newForm(
  { typed, error }: DemandsView,
  person: string,
  { demands: words }: ReviewTexts,
): Html {
  const field = (name: 'demandedBy' | 'askedFor' | 'receivedOn') => ({
    ...{ id: `demand-${name}`, name, label: words.fields[name], text: typed[name] },
    error: error?.field === name ? error.rule : undefined,
    isRequired: true,
  });
  const kinds = demandKinds.map((kind) => ({ code: kind, label: words.kinds[kind] }));
  const kind = { id: 'demand-kind', name: 'kind', label: words.columns.kind };
  return html`<h2>${words.record}</h2>
<form method="post" action="/disclosures/demands">
  ${hiddenField('person', person)}
  ${fields(
    selectField({ ...kind, options: kinds, chosen: typed.kind }),
    textField({ ...field('demandedBy'), maxlength: 300 }),
    textField({ ...field('askedFor'), maxlength: 2_000 }),
    textField({ ...field('receivedOn'), type: 'date' }),
    button({ label: words.save, kind: 'primary' }),
  )}
</form>`;
}
