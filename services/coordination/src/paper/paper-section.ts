import { html } from '@loopwell/http';
import type { PersonSection } from '../person-section.ts';

/** Leads to the copy for the chart and the page to print. */
export const paperSection: PersonSection = {
  name: 'paper',
  read:
    async (_tx, { person }) =>
    (texts) =>
      html`<p><a href="/people/${person}/copy">${texts.paper.copyTitle}</a> · <a href="/people/${person}/print">${texts.paper.printTitle}</a></p>`,
};
