import { addressOf, button, fields, type Html, html, tabs, textField } from '@loopwell/http';
import type { ListedState } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';

/** Renders the links to the other lists, and the form that finds a person. */
export function otherLists(current: ListedState | undefined, texts: ReviewTexts): Html {
  const { lists } = texts;
  const links = (['failed', 'refused', 'withdrawn'] as const).map((state) => ({
    href: addressOf('/review', { state }),
    label: lists.states[state].short,
    isCurrent: state === current,
  }));
  const worklist = { href: '/decide', label: lists.worklist, isCurrent: false };
  const { incidents, keepOuts } = texts.contact;
  const team = [
    { href: '/contact-incidents', label: incidents.title, isCurrent: false },
    { href: '/keep-outs', label: keepOuts.title, isCurrent: false },
  ];
  return html`${tabs(lists.navigation, [worklist, ...links, ...team])}
${findForm('', texts)}`;
}

/**
 * Renders the form that finds a person by the Patient id of the chart, which never goes into an
 * address.
 */
export function findForm(patient: string, { find }: ReviewTexts): Html {
  const id = { id: 'patient', name: 'patient', label: find.patientId, maxlength: 80 };
  return html`<form method="post" action="/review/find" class="filter">
  ${fields(
    textField({ ...id, isRequired: true, text: patient || undefined }),
    button({ label: find.button }),
  )}
</form>`;
}
