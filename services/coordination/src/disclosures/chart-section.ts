import { type App, button, hasRole, html } from '@loopwell/http';
import { restrictedCharts } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import type { PersonSection } from '../person-section.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';

const reviewer = { kind: 'person', role: 'reviewer' } as const;

/** Shows who may open the chart of a person, with the button that changes it. DECISIONS D158. */
export const chartSection: PersonSection = {
  name: 'chart',
  async read(tx, { person, patients }, { principal }) {
    const [patient = person] = patients;
    const restriction = await restrictedCharts.findRestriction(tx, patient);
    const mayDemand = hasRole(principal.roles, 'lead');
    return ({ chart: words, accounts }) => {
      const act = restriction ? 'lift' : 'restrict';
      const says = restriction ? words.restricted(accounts.who(restriction.owner)) : words.open;
      const demands = html`<p><a href="/disclosures/demands?person=${person}">${words.demands}</a></p>`;
      return html`<h2 id="chart">${words.title}</h2>
<p>${says}</p>
<form method="post" action="/people/${person}/restriction">
  ${button({ label: words[act], name: 'act', sends: act })}
</form>
${mayDemand && demands}`;
    };
  },
};

/** Adds the form that restricts a chart to whoever sends it, or lets everybody open it again. */
export function addChartForm(app: App, deps: ReviewDeps): void {
  app.route('post', '/people/:personId/restriction', reviewer, async (request, response, who) => {
    const { act } = (request.body ?? {}) as { act?: unknown };
    const person = await deps.tx(async (tx) => {
      const subject = await findSubject(tx, String(request.params.personId));
      await requireVisible(tx, who, subject.patients, 'There is no such person');
      const [patient = subject.person] = subject.patients;
      if (act === 'lift') await restrictedCharts.liftRestriction(tx, who, patient);
      else await restrictedCharts.restrictChart(tx, who, { person: patient, owner: who.id });
      return subject.person;
    });
    response.redirect(303, `/people/${person}#chart`);
  });
}
