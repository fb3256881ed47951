import {
  type Column,
  column,
  type Html,
  headerColumn,
  html,
  numberColumn,
  pager,
  table,
} from '@loopwell/http';
import type { status } from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';
import { factsText } from './failure-facts.ts';
import { nextPage, type ReasonList, reasonTabs } from './reason-tabs.ts';

/** The content of the page of the quarantine. */
export type QuarantineView = ReasonList & { rows: readonly status.QuarantinedRow[] };

const path = '/console/quarantine';

/** Renders the page of the quarantine: what could not be read, with the reason, oldest first. */
export function quarantinePage(view: QuarantineView, texts: ConsoleTexts): Html {
  const { quarantine: words } = texts;
  return html`<p>${words.intro}</p>
${reasonTabs(path, view, texts)}
${view.rows.length === 0 ? html`<p>${words.none}</p>` : rowsTable(view.rows, texts)}
${pager(nextPage(path, view, texts))}
`;
}

function rowsTable(rows: readonly status.QuarantinedRow[], texts: ConsoleTexts): Html {
  const { quarantine: words, formats } = texts;
  const whyOf = (row: status.QuarantinedRow): Html => {
    const facts = factsText(row.facts);
    return html`${row.code}${facts && html` <small>${facts}</small>`}`;
  };
  const columns: Column<status.QuarantinedRow>[] = [
    headerColumn(words.resource, ({ id }) => html`<code>${id}</code>`),
    column(words.connection, ({ connection }) => connection),
    column(words.why, whyOf),
    numberColumn(words.since, ({ since }) => formats.age(since)),
  ];
  return table(rows, columns, { text: texts.list.oldestFirst, isHint: true });
}
