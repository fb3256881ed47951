import {
  attributes,
  button,
  enterDoesNothing,
  fields,
  type Html,
  hiddenField,
  html,
  notice,
  pager,
  selectField,
  table,
  textField,
} from '@loopwell/http';
import type { ParkedRow } from '@loopwell/store';
import { factsOf } from '../status/overview.ts';
import type { ConsoleTexts } from '../texts/en.ts';
import { factsText, nextPage, type ReasonList, reasonTabs } from './reason-tabs.ts';

export type WorkView = ReasonList & {
  rows: readonly ParkedRow[];
  /** What was done a moment ago, and with how many rows. */
  done: { action: 'retry' | 'discard'; rows: number } | undefined;
};

const path = '/console/work';

/** What failed, with the form to try again or to give up. */
export function workPage(view: WorkView, texts: ConsoleTexts): Html {
  return html`${view.done && notice('done', doneText(view.done, texts))}
${reasonTabs(path, view, texts)}
${view.rows.length === 0 ? html`<p>${texts.work.none}</p>` : actionForm(view, texts)}
`;
}

const doneText = ({ action, rows }: NonNullable<WorkView['done']>, { work }: ConsoleTexts) =>
  action === 'retry' ? work.retried(rows) : work.discarded(rows);

function actionForm(view: WorkView, texts: ConsoleTexts): Html {
  const { work: words } = texts;
  const reasons = Object.entries(words.reasons).map(([value, label]) => ({ value, label }));
  return html`<form method="post" action="/console/work">
  ${enterDoesNothing()}
  ${rowsTable(view.rows, texts)}
  <fieldset>
    <legend>${words.withChosen}</legend>
    ${fields(
      textField({ id: 'all', name: 'all', label: words.allShown, type: 'checkbox', value: 'yes' }),
      selectField({ id: 'reason', name: 'reason', label: words.why, options: reasons }),
      button({ label: words.retry, name: 'action', value: 'retry', kind: 'primary' }),
      button({ label: words.discard, name: 'action', value: 'discard', kind: 'danger' }),
    )}
    <p class="hint">${words.recorded}</p>
  </fieldset>
</form>
${pager(nextPage(path, view, texts))}`;
}

function rowsTable(rows: readonly ParkedRow[], { work: words, formats }: ConsoleTexts): Html {
  const whyOf = (row: ParkedRow): Html => {
    const facts = factsText(factsOf(row.facts));
    return html`${row.code}${facts && html`<br><small>${facts}</small>`}`;
  };
  return table(
    rows,
    [
      { title: words.choose, cell: (row) => choiceOf(row, words) },
      { title: words.stage, cell: ({ stage }) => stage },
      { title: words.subject, cell: ({ subject }) => html`<code>${subject}</code>` },
      { title: words.why, cell: whyOf },
      { title: words.attempts, kind: 'number', cell: ({ attempts }) => attempts },
      { title: words.waitsFor, cell: (row) => row.waits_for },
      { title: words.since, kind: 'number', cell: ({ since }) => formats.age(since) },
    ],
    { text: words.caption, isHint: true },
  );
}

function choiceOf({ stage, subject }: ParkedRow, words: ConsoleTexts['work']): Html {
  const key = `${stage} ${subject}`;
  const box = attributes({
    type: 'checkbox',
    name: 'row',
    value: key,
    'aria-label': words.chooseRow(stage, subject),
  });
  return html`<input ${box}>${hiddenField('shown', key)}`;
}
