import { type Html, html, pager, table } from '@loopwell/http';
import type { status } from '@loopwell/store';
import { factsOf } from '../status/overview.ts';
import type { ConsoleTexts } from '../texts/en.ts';
import { factsText, nextPage, type ReasonList, reasonTabs } from './reason-tabs.ts';

export type QuarantineView = ReasonList & { rows: readonly status.QuarantinedRow[] };

const path = '/console/quarantine';

/** What could not be read, with the reason, oldest first. */
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
    const facts = factsText(factsOf(row.facts));
    return html`${row.code}${facts && html` <small>${facts}</small>`}`;
  };
  return table(
    rows,
    [
      { title: words.resource, kind: 'header', cell: ({ id }) => html`<code>${id}</code>` },
      { title: words.connection, cell: ({ connection }) => connection },
      { title: words.why, cell: whyOf },
      { title: words.since, kind: 'number', cell: ({ since }) => formats.age(since) },
    ],
    { text: texts.list.oldestFirst, isHint: true },
  );
}
