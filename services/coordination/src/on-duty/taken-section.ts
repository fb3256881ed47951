import { button, html } from '@loopwell/http';
import { dutyAlerts } from '@loopwell/store';
import type { PersonSection } from '../people/person-section.ts';

/** Shows that a person needs someone now, with the button that takes it. It says nothing of why. */
export const takenSection: PersonSection = {
  name: 'taken',
  async read(tx, { person }, { query }) {
    const [first] = await dutyAlerts.openAlerts(tx, [person]);
    if (first === undefined) {
      if (query.taken !== '1') return undefined;
      return ({ onDuty: { taken: words } }) =>
        html`<p class="note" role="status">${words.done}</p>`;
    }
    return ({ onDuty: { taken: words }, formats }) => {
      const told = first.told_at ? words.told(formats.instant(first.told_at)) : words.untold;
      return html`<h2 id="taken">${words.title}</h2>
<p>${words.open(formats.instant(first.raised_at))} ${told}</p>
<form method="post" action="/people/${person}/taken">${button({ label: words.button, kind: 'primary' })}</form>`;
    };
  },
};
