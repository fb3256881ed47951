import { html } from '@loopwell/http';
import { gateWork, type ListedRow, listedReferrals, tasks, work } from '@loopwell/store';
import { addedSentence } from '../add-need/added-sentence.ts';
import type { PersonSection } from '../person-section.ts';
import { partnerNames } from '../read/lists.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { standingSentence } from '../texts/standing-sentence.ts';

/** The most needs that the page of a person lists. */
const most = 50;

/** Shows all needs of a person, whatever has become of them, latest first. */
export const needsSection: PersonSection = {
  name: 'needs',
  async read(tx, { person }, { principal }) {
    const ask = { state: 'all', limit: most, person } as const;
    const rows = await listedReferrals.listReferrals(tx, principal.tenant, ask);
    const ids = rows.map(({ id }) => id);
    const attempts = await tasks.tasksOfReferrals(tx, ids);
    const added = await work.addedNeeds(tx, ids);
    const partners = await partnerNames(tx, principal.tenant);
    const works = await gateWork(tx, ids);
    const needItem = (row: ListedRow, texts: ReviewTexts) => {
      const context = { partners, texts, work: works.get(row.id) };
      const standing = standingSentence(row, attempts.get(row.id) ?? [], context);
      const addition = added.get(row.id);
      const more = addition && html` <small>${addedSentence(addition, texts)}</small>`;
      return html`<li><a href="/review/${row.id}">${texts.need(row.category)}</a>: ${standing}${more}</li>`;
    };
    return (texts) => html`<h2 id="needs">${texts.personPage.needs}</h2>
${rows.length === 0 ? html`<p>${texts.personPage.noNeeds}</p>` : html`<ul>${rows.map((row) => needItem(row, texts))}</ul>`}`;
  },
};
