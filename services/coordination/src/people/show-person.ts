import type { Pages, Principal, Response } from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import { findSubject } from '../find-subject.ts';
import { personNames } from '../person-names.ts';
import type { RenderSection, SectionFeedback } from '../person-section.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { personPage } from './person-page.ts';
import { personSections } from './sections.ts';

/** What the page of a person is shown with. */
export type PersonShown = {
  deps: ReviewDeps;
  pages: Pages<ReviewTexts>;
  response: Response;
  principal: Principal;
  query: Readonly<Record<string, unknown>>;
  /** What came of a form of the page. */
  feedback?: SectionFeedback;
};

/** Shows the page of a person. Any id of one of their Patients leads to it. */
export async function showPerson(shown: PersonShown, id: string): Promise<void> {
  const { deps, pages, response, principal, feedback } = shown;
  const view = await deps.tx(async (tx) => {
    const subject = await findSubject(tx, id);
    await requireShown(tx, { principal, page: '/people/:personId' }, subject.patients);
    const names = await personNames(tx, subject.patients, todayOf(deps));
    const sections: RenderSection[] = [];
    for (const { read } of personSections) {
      const section = await read(tx, subject, shown);
      if (section) sections.push(section);
    }
    return { subject, names, sections };
  });
  const address = view.subject.person;
  if (address !== id && feedback === undefined) return response.redirect(303, `/people/${address}`);
  pages.show(response, (texts) => ({
    title: texts.personPage.title,
    body: personPage(view, texts),
    principal,
    current: '/review',
    status: feedback === undefined ? 200 : statusOf(feedback.problem),
  }));
}

const statusOf = ({ code }: AppError): number => (code === 'CONFLICT' ? 409 : 400);
