import type { App, Pages } from '@loopwell/http';
import { findSubject } from '../find-subject.ts';
import { personNames } from '../person-names.ts';
import type { RenderSection } from '../person-section.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { personPage } from './person-page.ts';
import { personSections } from './sections.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/** Adds the page of a person. Any id of one of their Patients leads to it. */
export function addPeoplePages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', '/people/:personId', person, async (request, response, principal) => {
    const id = String(request.params.personId);
    const context = { deps, principal, query: request.query };
    const view = await deps.tx(async (tx) => {
      const subject = await findSubject(tx, id);
      await requireShown(tx, { principal, page: '/people/:personId' }, subject.patients);
      const names = await personNames(tx, subject.patients, todayOf(deps));
      const sections: RenderSection[] = [];
      for (const { read } of personSections) {
        const section = await read(tx, subject, context);
        if (section) sections.push(section);
      }
      return { subject, names, sections };
    });
    const address = view.subject.person;
    if (address !== id) return response.redirect(303, `/people/${address}`);
    pages.show(response, (texts) => ({
      title: texts.personPage.title,
      body: personPage(view, texts),
      principal,
      current: '/review',
    }));
  });
}
