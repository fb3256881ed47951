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
  pager,
  table,
  textField,
} from '@loopwell/http';
import type { AccountField, AccountTexts, Disclosure } from '@loopwell/sdoh';
import type { PersonView, SignIn } from '@loopwell/store';
import type { PersonNames } from '../person-names.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { accountTabs } from './account-tabs.ts';

/** The content of the page of an account. */
export type AccountView<Row> = {
  rows: readonly Row[];
  /** Names by Patient, of those who may be shown. */
  names: PersonNames;
  visible: ReadonlySet<string>;
  next: string | undefined;
  typed: AccountTexts;
  /** The rule that a field breaks. */
  errors: ReadonlyMap<string, string>;
};

/** Renders what went out to partners. */
export function disclosuresPage(view: AccountView<Disclosure>, texts: ReviewTexts): Html {
  const { accounts } = texts;
  const { disclosures: words } = accounts;
  const labels = { partner: accounts.fields.partner, by: accounts.fields.by };
  const csv = addressOf('/disclosures/csv', view.typed);
  const download = html`<p><a href="${csv}">${words.download}</a> <small>(${words.downloadHint})</small></p>`;
  const columns = disclosureColumns(view, texts);
  const list = table(view.rows, columns, { text: words.caption, isHint: true });
  return html`${accountTabs('disclosures', texts)}
<p>${words.intro}</p>
${filterForm('/disclosures', view, labels, texts)}
${view.rows.length === 0 ? empty(view, words.none) : html`${download}${list}`}
${more(view, texts)}`;
}

function disclosureColumns(
  view: AccountView<Disclosure>,
  texts: ReviewTexts,
): readonly Column<Disclosure>[] {
  const { accounts, formats } = texts;
  const { disclosures: words } = accounts;
  const { columns } = words;
  return [
    headerColumn(columns.person, (row) => personCell(row, view, '/disclosures', texts)),
    column(columns.partner, ({ partner, partnerName }) => partnerName ?? partner),
    column(columns.at, ({ at }) => formats.instant(at)),
    column(columns.elements, (row) => whatCell(row, texts)),
    column(columns.approvedBy, ({ approvedBy }) => accounts.who(approvedBy)),
    column(columns.consent, ({ consent }) => words.consent[consent === null ? 'no' : 'yes']),
    column(columns.reads, ({ reads, lastRead, openedBy }) =>
      words.reads(reads, lastRead, openedBy),
    ),
    column(columns.ended, ({ endedAt, endedBy }) => words.ended(endedAt, endedBy)),
  ];
}

function whatCell(row: Disclosure, { accounts }: ReviewTexts): Html {
  const { disclosures: words } = accounts;
  const state = row.state as keyof typeof words.notArrived | 'delivered';
  const isCopy = row.channel === 'fhir-rest' && row.state === 'delivered';
  return html`${words.elements(row.elements)}
${isCopy && html`<br><small>${words.copy}</small>`}
${state !== 'delivered' && html`<br><small>${words.notArrived[state]}</small>`}`;
}

/** Renders who was shown whom. */
export function viewsPage(view: AccountView<PersonView>, texts: ReviewTexts): Html {
  const { accounts, formats } = texts;
  const { views: words } = accounts;
  const path = '/disclosures/views';
  const byThem = (principal: string) => addressOf(path, { by: principal });
  const list = table(
    view.rows,
    [
      column(words.columns.at, ({ at }) => formats.instant(at)),
      headerColumn(
        words.columns.by,
        ({ principal }) => html`<a href="${byThem(principal)}">${accounts.who(principal)}</a>`,
      ),
      column(words.columns.person, (row) => personCell(row, view, path, texts)),
      column(words.columns.what, ({ what }) => words.what[what]),
    ],
    { text: words.caption, isHint: true },
  );
  return html`${accountTabs('views', texts)}
<p>${words.intro}</p>
${filterForm(path, view, { by: accounts.fields.looked }, texts)}
${view.rows.length === 0 ? empty(view, words.none) : list}
${more(view, texts)}`;
}

/** Renders the sign-ins. `ended` says how many were just ended. */
export function signInsPage(
  view: AccountView<SignIn> & { ended: number | undefined; mayEnd: boolean },
  texts: ReviewTexts,
): Html {
  const { accounts, formats } = texts;
  const { signIns: words } = accounts;
  const state = (row: SignIn) => html`${stateOf(row, texts)}
${view.mayEnd && row.isOpen && endForm(row, texts)}`;
  const list = table(
    view.rows,
    [
      headerColumn(words.columns.who, ({ principal }) => accounts.who(principal)),
      column(words.columns.kind, ({ kind }) => words.kinds[kind]),
      column(words.columns.roles, ({ roles }) => roles.join(', ')),
      column(words.columns.at, ({ at }) => formats.instant(at)),
      column(words.columns.state, state),
    ],
    { text: words.caption, isHint: true },
  );
  return html`${accountTabs('signIns', texts)}
${view.ended !== undefined && notice('done', words.done(view.ended))}
<p>${words.intro}</p>
${view.rows.length === 0 ? empty(view, words.none) : list}
${more(view, texts)}`;
}

function stateOf(row: SignIn, { accounts }: ReviewTexts): string {
  const { signIns: words } = accounts;
  if (row.isOpen)
    return row.kind === 'session' ? words.locks(row.expiresAt) : words.unused(row.expiresAt);
  if (row.endedAt !== null) return words.ended(row.endedAt, row.endedBy);
  return row.usedAt === null ? words.over(row.expiresAt) : words.used(row.usedAt);
}

function endForm({ principal }: SignIn, { accounts }: ReviewTexts): Html {
  const { signIns: words } = accounts;
  const accessibleName = words.endOf(accounts.who(principal));
  return html`<form method="post" action="/disclosures/sign-ins">
  ${hiddenField('name', principal)}
  ${button({ label: words.end, kind: 'danger', accessibleName })}
</form>`;
}

function filterForm(
  path: string,
  { typed, errors }: AccountView<unknown>,
  labels: Partial<Record<AccountField, string>>,
  { accounts }: ReviewTexts,
): Html {
  const { fields: words } = accounts;
  const field = (name: AccountField, label: string, hint?: string) =>
    textField({
      ...{ id: name, name, label, text: typed[name], error: errors.get(name), maxlength: 200 },
      ...(hint === undefined ? {} : { hint }),
    });
  const chosen = Object.entries(labels) as [AccountField, string][];
  return html`${errors.size > 0 && notice('problem', accounts.wrong)}
<form method="get" action="${path}">
  ${typed.person && hiddenField('person', typed.person)}
  ${fields(
    ...chosen.map(([name, label]) => field(name, label)),
    field('from', words.from, words.dayHint),
    field('to', words.to, words.dayHint),
    button({ label: accounts.show, kind: 'primary' }),
  )}
</form>`;
}

/** Renders a person, with a link to all of the same person on this page. */
function personCell(
  { person, patient }: { person: string; patient: string },
  { names, visible }: Pick<AccountView<unknown>, 'names' | 'visible'>,
  path: string,
  { accounts }: ReviewTexts,
): Html {
  const name = names.get(patient)?.name ?? accounts.noName;
  if (!visible.has(patient)) return html`${accounts.hidden}`;
  return html`<a href="${addressOf(path, { person })}">${name}</a>`;
}

const empty = ({ errors }: Pick<AccountView<unknown>, 'errors'>, none: string) =>
  errors.size === 0 && html`<p>${none}</p>`;

const more = ({ next }: Pick<AccountView<unknown>, 'next'>, { accounts }: ReviewTexts) =>
  pager(next === undefined ? undefined : { href: next, label: accounts.more });
