import { column, type Html, headerColumn, html, numberColumn, table } from '@loopwell/http';
import type { HelpByPartner, HelpTotals, PartnerStatus } from '@loopwell/store';
import type { ConsoleTexts } from '../texts/en.ts';

/** What came of it for people: the headline of the overview. */
export type OutcomesView = {
  help: HelpTotals;
  byPartner: readonly HelpByPartner[];
  partners: readonly PartnerStatus[];
  /** Referrals that are at partners now, and those that nobody could help with. */
  atPartners: number;
  withoutHelp: number;
};

/** Renders who was helped: as partners say it, and as the people themselves do. */
export function outcomes(view: OutcomesView, texts: ConsoleTexts): Html {
  const { outcomes: words } = texts.overview;
  const { help, atPartners, withoutHelp } = view;
  return html`<h2 class="outcomes">${words.headline(help)}</h2>
<p>${words.open(atPartners, withoutHelp)}</p>
${outcomesTable(view, texts)}`;
}

function outcomesTable(view: OutcomesView, { overview, formats }: ConsoleTexts): Html | undefined {
  const { outcomes: words, partners: names } = overview;
  const rows = view.partners.filter(({ completed, live }) => completed > 0 || live > 0);
  if (rows.length === 0) return undefined;
  const saysOf = ({ id }: PartnerStatus) => view.byPartner.find(({ partner }) => partner === id);
  const { partner, partnerSays, personSays } = words.columns;
  const name = headerColumn<PartnerStatus>(partner, (row) => row.name ?? names.gone);
  const helped = numberColumn<PartnerStatus>(partnerSays, (row) => formats.count(row.completed));
  const byPeople = column<PartnerStatus>(personSays, (row) => words.personSays(saysOf(row)));
  return table(rows, [name, helped, byPeople], { text: words.caption, isHint: true });
}
