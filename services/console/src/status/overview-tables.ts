import {
  addressOf,
  type Column,
  column,
  type Html,
  headerColumn,
  html,
  numberColumn,
  table,
} from '@loopwell/http';
import type {
  AlteredCount,
  CursorStatus,
  GateCount,
  PartnerStatus,
  QuarantineCount,
  Refusal,
} from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';

/** Renders a title with its table, or with a sentence when there are no rows. */
function titled<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  none: Html,
): Html {
  return html`<h2>${title}</h2>
${rows.length === 0 ? none : table(rows, columns)}`;
}

/** Renders the table of referrals by the gate that they wait at. */
export function gatesTable(gates: readonly GateCount[], texts: ConsoleTexts): Html {
  const { referrals: words } = texts.overview;
  const { count, age } = texts.formats;
  const late = (overdue: number) => html` <span class="wait">${words.overdue(overdue)}</span>`;
  const columns: Column<GateCount>[] = [
    headerColumn(words.gate, ({ gate, overdue }) => html`${gate}${overdue > 0 && late(overdue)}`),
    column(words.opens, ({ gate }) => words.opensGate[gate]),
    numberColumn(words.count, (gate) => count(gate.count)),
    numberColumn(words.oldest, ({ oldest }) => age(oldest)),
  ];
  return titled(words.title, gates, columns, html`<p>${words.none}</p>`);
}

/** The number of reasons that the overview lists. The page of the quarantine lists all. */
const mostReasons = 12;

/** Renders the table of quarantined resources by reason, with a link to the whole list. */
export function quarantineTable(counts: readonly QuarantineCount[], texts: ConsoleTexts): Html {
  const { quarantine: words } = texts.overview;
  const { count, age } = texts.formats;
  const all = counts.reduce((sum, reason) => sum + reason.count, 0);
  const pageOf = (code: string) => addressOf('/console/quarantine', { code });
  const columns: Column<QuarantineCount>[] = [
    headerColumn(words.reason, ({ code }) => html`<a href="${pageOf(code)}">${code}</a>`),
    column(words.type, ({ type }) => type),
    numberColumn(words.resources, (reason) => count(reason.count)),
    numberColumn(words.oldest, ({ oldest }) => age(oldest)),
  ];
  const whole = html`<p><a href="/console/quarantine">${words.all(all)}</a>${words.withIds}</p>`;
  return html`${titled(words.title, counts.slice(0, mostReasons), columns, html`<p>${words.none}</p>`)}
${counts.length > 0 && whole}`;
}

/** Renders the table of partners with their Tasks. */
export function partnersTable(partners: readonly PartnerStatus[], texts: ConsoleTexts): Html {
  const { partners: words } = texts.overview;
  const { count, age } = texts.formats;
  const columns: Column<PartnerStatus>[] = [
    headerColumn(words.partner, ({ id, name }) => html`${name ?? words.gone} <small>${id}</small>`),
    numberColumn(words.live, ({ live }) => count(live)),
    {
      ...numberColumn(words.overdue, ({ overdue }) => count(overdue)),
      isBad: ({ overdue }) => overdue > 0,
    },
    numberColumn(words.oldest, ({ oldest }) => age(oldest)),
    numberColumn(words.completed, ({ completed }) => count(completed)),
    numberColumn(words.ended, ({ declined }) => count(declined)),
  ];
  const none = html`<p>${words.none} <code>noPartner</code>.</p>`;
  return titled(words.title, partners, columns, none);
}

/** Renders the table of refusals by receiver and issue. */
export function refusalsTable(refusals: readonly Refusal[], texts: ConsoleTexts): Html {
  const { refusals: words } = texts.overview;
  const { count } = texts.formats;
  const columns: Column<Refusal>[] = [
    headerColumn(words.receiver, ({ receiver }) => receiver),
    numberColumn(words.status, ({ status }) => status ?? '–'),
    column(words.issue, ({ issueCode }) => issueCode ?? '–'),
    numberColumn(words.times, (refusal) => count(refusal.count)),
  ];
  return titled(words.title, refusals, columns, html`<p>${words.none}</p>`);
}

/** Renders the table of resources that EHRs store differently than they were sent. */
export function alteredTable(altered: readonly AlteredCount[], texts: ConsoleTexts): Html {
  const { altered: words } = texts.overview;
  const { count } = texts.formats;
  const outcome = (takenBack: boolean) => (takenBack ? words.takenBack : words.byHand);
  const columns: Column<AlteredCount>[] = [
    headerColumn(words.connection, ({ connection }) => connection),
    column(words.type, ({ type }) => type),
    column(words.elements, ({ lost }) => lost.join(', ')),
    column(words.outcome, ({ takenBack }) => outcome(takenBack)),
    numberColumn(words.resources, (resources) => count(resources.count)),
  ];
  return html`<h2>${words.title}</h2>
${table(altered, columns, { text: words.caption, isHint: true })}`;
}

/** Renders the table that says how far each type of each EHR has been read. */
export function readingTable(cursors: readonly CursorStatus[], texts: ConsoleTexts): Html {
  const { reading: words } = texts.overview;
  const { count, instant } = texts.formats;
  const columns: Column<CursorStatus>[] = [
    headerColumn(words.connection, ({ connection }) => connection),
    column(words.type, ({ type }) => type),
    column(words.upTo, ({ upto }) => instant(upto)),
    numberColumn(words.cursors, ({ scopes }) => count(scopes)),
    numberColumn(words.pages, ({ pages }) => count(pages)),
    numberColumn(words.resources, ({ resources }) => count(resources)),
    column(words.note, ({ note }) => note ?? '–'),
  ];
  return titled(words.title, cursors, columns, html`<p>${words.none}</p>`);
}
