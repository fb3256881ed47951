import { type App, button, hasRole, html } from '@loopwell/http';
import { mayView, restrictedCharts, work } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import type { PersonSection } from '../person-section.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { restrictTo } from './restrict-chart.ts';

const reviewer = { kind: 'person', role: 'reviewer' } as const;

/** Shows who may open the chart of a person, with the button that changes it. DECISIONS D158. */
export const chartSection: PersonSection = {
  name: 'chart',
  async read(tx, { person, patients }, { principal }) {
    const [patient = person] = patients;
    const restriction = await restrictedCharts.findRestriction(tx, patient);
    const [latest] = await work.ownersOf(tx, patients);
    const owner = latest?.owner ?? principal.id;
    const mayDemand = hasRole(principal.roles, 'lead');
    return ({ chart: words, accounts }) => {
      const act = restriction ? 'lift' : 'restrict';
      const who = (id: string | null) => (id === null ? undefined : accounts.who(id));
      const says = restriction ? words.restricted(who(restriction.owner)) : words.open;
      const isMine = owner === principal.id;
      const label = restriction ? words.lift : words.restrict(isMine ? undefined : who(owner));
      const demands = html`<p><a href="/disclosures/demands?person=${person}">${words.demands}</a></p>`;
      return html`<h2 id="chart">${words.title}</h2>
<p>${says}</p>
<form method="post" action="/people/${person}/restriction">
  ${button({ label, name: 'act', sends: act })}
</form>
${mayDemand && demands}`;
    };
  },
};

/** Adds the form that restricts a chart to the owner of the work, or lets everybody open it again. */
export function addChartForm(app: App, deps: ReviewDeps): void {
  app.route('post', '/people/:personId/restriction', reviewer, async (request, response, who) => {
    const { act } = (request.body ?? {}) as { act?: unknown };
    const id = String(request.params.personId);
    const { person, isOpen } = await deps.tx(async (tx) => {
      const { person, patients } = await findSubject(tx, id);
      if (act === 'lift') {
        await requireVisible(tx, who, patients, 'There is no such person');
        await restrictedCharts.liftRestriction(tx, who, patients[0] ?? person);
      } else await restrictTo(tx, who, id);
      const visible = await mayView(tx, who, patients);
      return { person, isOpen: visible.size === patients.length };
    });
    response.redirect(303, isOpen ? `/people/${person}#chart` : '/people');
  });
}
