import { button, html } from '@loopwell/http';
import { dutyAlerts, type OpenAlert } from '@loopwell/store';
import { readDutyNotice } from '../on-duty/duty-notice.ts';
import { unprinted } from '../pages/parts.ts';
import type { PersonSection } from '../person-section.ts';
import type { ReviewTexts } from '../texts/en.ts';

/** Shows that a person needs someone now, with the button that takes it. It says nothing of why. */
export const takenSection: PersonSection = {
  name: 'taken',
  async read(tx, { person }, context) {
    const [first] = await dutyAlerts.openAlerts(tx, [person]);
    if (first !== undefined) {
      const notice = await readDutyNotice(tx);
      return (texts) => unprinted(html`${notice(texts)}${openAlert(person, first, texts)}`);
    }
    return context.query.taken === '1' ? (texts) => unprinted(wasTaken(texts)) : undefined;
  },
};

/** Says that somebody has just taken the person. */
const wasTaken = ({ onDuty: { taken: words } }: ReviewTexts) =>
  html`<p class="note" role="status">${words.done}</p>`;

function openAlert(person: string, alert: OpenAlert, { onDuty, formats }: ReviewTexts) {
  const { taken: words } = onDuty;
  const since = words.open(formats.instant(alert.raised_at));
  const messages = alert.told_at ? words.told(formats.instant(alert.told_at)) : words.untold;
  const take = button({ label: words.button, kind: 'primary' });
  return html`<h2 id="taken">${words.title}</h2>
<p>${since} ${messages}</p>
<form method="post" action="/people/${person}/taken">${take}</form>`;
}
