import { type Html, html } from '@loopwell/http';
import type { PersonSubject } from '../find-subject.ts';
import type { PersonNames } from '../person-names.ts';
import type { RenderSection } from '../person-section.ts';
import type { ReviewTexts } from '../texts/en.ts';

export type PersonPageView = {
  subject: PersonSubject;
  names: PersonNames;
  sections: readonly RenderSection[];
};

/** Renders the page of a person: who it is, and then the sections. */
export function personPage(view: PersonPageView, texts: ReviewTexts): Html {
  const { person, patients } = view.subject;
  const shown = [person, ...patients].find((id) => view.names.has(id)) ?? person;
  const named = view.names.get(shown);
  const born =
    named?.birthDate && html`, ${texts.person.born(texts.formats.shortDay(named.birthDate))}`;
  return html`<p><strong>${named?.name ?? texts.person.notOnFile}</strong>${born}</p>
${view.sections.map((section) => html`<section>${section(texts)}</section>`)}
`;
}
