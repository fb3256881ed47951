import { addressOf, type Html, html, table } from '@loopwell/http';
import type {
  AlteredCount,
  CursorStatus,
  GateCount,
  PartnerStatus,
  QuarantineCount,
  Refusal,
} from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';

/** A title with its table, or with a sentence where there is nothing to show. */
function titled<Row>(title: string, rows: readonly Row[], none: Html, shown: () => Html): Html {
  return html`<h2>${title}</h2>
${rows.length === 0 ? none : shown()}`;
}

export function gatesTable(gates: readonly GateCount[], texts: ConsoleTexts): Html {
  const { referrals: words } = texts.overview;
  const { count, age } = texts.formats;
  const late = (overdue: number) => html` <span class="wait">${words.overdue(overdue)}</span>`;
  return titled(words.title, gates, html`<p>${words.none}</p>`, () =>
    table(gates, [
      {
        title: words.gate,
        kind: 'header',
        cell: ({ gate, overdue }) => html`${gate}${overdue > 0 && late(overdue)}`,
      },
      { title: words.opens, cell: ({ gate }) => words.opensGate[gate] },
      { title: words.count, kind: 'number', cell: (gate) => count(gate.count) },
      { title: words.oldest, kind: 'number', cell: ({ oldest }) => age(oldest) },
    ]),
  );
}

/** How many reasons the overview lists; the page of the quarantine has all. */
const mostReasons = 12;

export function quarantineTable(counts: readonly QuarantineCount[], texts: ConsoleTexts): Html {
  const { quarantine: words } = texts.overview;
  const { count, age } = texts.formats;
  const all = counts.reduce((sum, reason) => sum + reason.count, 0);
  const pageOf = (code: string) => addressOf('/console/quarantine', { code });
  return titled(words.title, counts, html`<p>${words.none}</p>`, () => {
    const rows = table(counts.slice(0, mostReasons), [
      {
        title: words.reason,
        kind: 'header',
        cell: ({ code }) => html`<a href="${pageOf(code)}">${code}</a>`,
      },
      { title: words.type, cell: ({ type }) => type },
      { title: words.resources, kind: 'number', cell: (reason) => count(reason.count) },
      { title: words.oldest, kind: 'number', cell: ({ oldest }) => age(oldest) },
    ]);
    return html`<p><a href="/console/quarantine">${words.all(all)}</a>${words.withIds}</p>
${rows}`;
  });
}

export function partnersTable(partners: readonly PartnerStatus[], texts: ConsoleTexts): Html {
  const { partners: words } = texts.overview;
  const { count, age } = texts.formats;
  const none = html`<p>${words.none} <code>noPartner</code>.</p>`;
  return titled(words.title, partners, none, () =>
    table(partners, [
      {
        title: words.partner,
        kind: 'header',
        cell: ({ id, name }) => html`${name ?? words.gone} <small>${id}</small>`,
      },
      { title: words.live, kind: 'number', cell: ({ live }) => count(live) },
      {
        title: words.overdue,
        kind: 'number',
        cell: ({ overdue }) => count(overdue),
        isBad: ({ overdue }) => overdue > 0,
      },
      { title: words.oldest, kind: 'number', cell: ({ oldest }) => age(oldest) },
      { title: words.completed, kind: 'number', cell: ({ completed }) => count(completed) },
      { title: words.ended, kind: 'number', cell: ({ declined }) => count(declined) },
    ]),
  );
}

export function refusalsTable(refusals: readonly Refusal[], texts: ConsoleTexts): Html {
  const { refusals: words } = texts.overview;
  const { count } = texts.formats;
  return titled(words.title, refusals, html`<p>${words.none}</p>`, () =>
    table(refusals, [
      { title: words.receiver, kind: 'header', cell: ({ receiver }) => receiver },
      { title: words.status, kind: 'number', cell: ({ status }) => status ?? '–' },
      { title: words.issue, cell: ({ issueCode }) => issueCode ?? '–' },
      { title: words.times, kind: 'number', cell: (refusal) => count(refusal.count) },
    ]),
  );
}

export function alteredTable(altered: readonly AlteredCount[], texts: ConsoleTexts): Html {
  const { altered: words } = texts.overview;
  const { count } = texts.formats;
  const rows = table(
    altered,
    [
      { title: words.connection, kind: 'header', cell: ({ connection }) => connection },
      { title: words.type, cell: ({ type }) => type },
      { title: words.elements, cell: ({ lost }) => lost.join(', ') },
      {
        title: words.outcome,
        cell: ({ takenBack }) => (takenBack ? words.takenBack : words.byHand),
      },
      { title: words.resources, kind: 'number', cell: (resources) => count(resources.count) },
    ],
    { text: words.caption, isHint: true },
  );
  return html`<h2>${words.title}</h2>
${rows}`;
}

export function readingTable(cursors: readonly CursorStatus[], texts: ConsoleTexts): Html {
  const { reading: words } = texts.overview;
  const { count, instant } = texts.formats;
  return titled(words.title, cursors, html`<p>${words.none}</p>`, () =>
    table(cursors, [
      { title: words.connection, kind: 'header', cell: ({ connection }) => connection },
      { title: words.type, cell: ({ type }) => type },
      { title: words.upTo, cell: ({ upto }) => instant(upto) },
      { title: words.cursors, kind: 'number', cell: ({ scopes }) => count(scopes) },
      { title: words.pages, kind: 'number', cell: ({ pages }) => count(pages) },
      { title: words.resources, kind: 'number', cell: ({ resources }) => count(resources) },
      { title: words.note, cell: ({ note }) => note ?? '–' },
    ]),
  );
}
