import { column, type Html, headerColumn, html, numberColumn, table } from '@loopwell/http';
import type { Erasure, RetentionNotice } from '@loopwell/store';
import type { PersonNames } from '../../person-names.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { accountTabs } from '../account-tabs.ts';

/** The content of the page of what is deleted and was erased. */
export type RetentionView = {
  notices: readonly RetentionNotice[];
  receipts: readonly Erasure[];
  names: PersonNames;
  visible: ReadonlySet<string>;
};

/** Renders what will be deleted, with its day, and the receipts of those who were erased. */
export function retentionPage(view: RetentionView, texts: ReviewTexts): Html {
  const { retention: words } = texts;
  return html`${accountTabs('retention', texts)}
<p>${words.intro}</p>
<h2>${words.notices}</h2>
${view.notices.length === 0 ? html`<p>${words.noNotices}</p>` : noticeTable(view, texts)}
<h2>${words.receipts}</h2>
${view.receipts.length === 0 ? html`<p>${words.noReceipts}</p>` : receiptTable(view, texts)}`;
}

function noticeTable(view: RetentionView, texts: ReviewTexts): Html {
  const { retention: words, formats, accounts } = texts;
  const nameOf = ({ kind, subject }: RetentionNotice) => {
    if (kind === 'views') return words.views;
    if (!view.visible.has(subject)) return accounts.hidden;
    return view.names.get(subject)?.name ?? accounts.noName;
  };
  const { what, noticed, acts } = words.columns;
  const since = column<RetentionNotice>(noticed, ({ noticedAt }) => formats.instant(noticedAt));
  const day = column<RetentionNotice>(acts, ({ actsAt }) => formats.instant(actsAt));
  return table(view.notices, [headerColumn(what, nameOf), since, day]);
}

function receiptTable({ receipts }: RetentionView, texts: ReviewTexts): Html {
  const { retention: words, formats, accounts } = texts;
  const sum = (rows: Erasure['gone']) => Object.values(rows).reduce((all, n) => all + n, 0);
  const who = [
    headerColumn<Erasure>(words.columns.erased, ({ at }) => formats.instant(at)),
    column<Erasure>(words.columns.by, ({ principal }) => accounts.who(principal)),
    column<Erasure>(words.columns.reason, ({ reason }) => words.reasons[reason]),
  ];
  return table(receipts, [
    ...who,
    numberColumn(words.columns.rows, ({ gone }) => formats.count(sum(gone))),
    column(words.columns.copies, ({ stays }) => words.copies(stays.copies.length, stays.inEhr)),
  ]);
}
