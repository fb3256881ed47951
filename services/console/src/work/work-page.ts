import {
  attributes,
  button,
  type Column,
  column,
  enterDoesNothing,
  fields,
  type Html,
  hiddenField,
  html,
  notice,
  numberColumn,
  pager,
  selectField,
  table,
  textField,
} from '@loopwell/http';
import type { ParkedRow } from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';
import { factsText } from './failure-facts.ts';
import { nextPage, type ReasonList, reasonTabs } from './reason-tabs.ts';
import type { Reason } from './work.ts';

/** The content of the page of failed work. */
export type WorkView = ReasonList & {
  rows: readonly ParkedRow[];
  /** The action that was just done, and its number of rows. */
  done: { action: 'retry' | 'discard'; rows: number } | undefined;
};

const path = '/console/work';

/** Renders the page of failed work, with the form to retry or discard rows. */
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
  return html`<form method="post" action="/console/work">
  ${enterDoesNothing()}
  ${rowsTable(view.rows, texts)}
  <fieldset>
    <legend>${words.withChosen}</legend>
    ${actionFields(texts)}
    <p class="hint">${words.recorded}</p>
  </fieldset>
</form>
${pager(nextPage(path, view, texts))}`;
}

function actionFields({ work: words }: ConsoleTexts): Html {
  // The type ensures that each reason has a text.
  const reasonTexts: Readonly<Record<Reason, string>> = words.reasons;
  const options = Object.entries(reasonTexts).map(([code, label]) => ({ code, label }));
  const all = { id: 'all', name: 'all', label: words.allShown, text: 'yes' };
  return fields(
    textField({ ...all, type: 'checkbox' }),
    selectField({ id: 'reason', name: 'reason', label: words.why, options }),
    button({ label: words.retry, name: 'action', sends: 'retry', kind: 'primary' }),
    button({ label: words.discard, name: 'action', sends: 'discard', kind: 'danger' }),
  );
}

function rowsTable(rows: readonly ParkedRow[], { work: words, formats }: ConsoleTexts): Html {
  const whyOf = (row: ParkedRow): Html => {
    const facts = factsText(row.facts);
    return html`${row.code}${facts && html`<br><small>${facts}</small>`}`;
  };
  const columns: Column<ParkedRow>[] = [
    column(words.choose, (row) => choiceOf(row, words)),
    column(words.stage, ({ stage }) => stage),
    column(words.subject, ({ subject }) => html`<code>${subject}</code>`),
    column(words.why, whyOf),
    numberColumn(words.attempts, ({ attempts }) => attempts),
    column(words.waitsFor, (row) => row.waits_for),
    numberColumn(words.since, ({ since }) => formats.age(since)),
  ];
  return table(rows, columns, { text: words.caption, isHint: true });
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
