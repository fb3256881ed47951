import { addressOf, button, fields, type Html, html, tabs, textField } from '@loopwell/http';
import { type ListedState, listedReferrals } from '@loopwell/store';
import { reviewGates } from '../read/review-view.ts';
import type { WorklistView } from '../read/worklist-query.ts';
import type { ReviewTexts } from '../texts/en.ts';

/** The view of the worklist's tabs. */
export type TabsView = {
  current: WorklistView | 'screenings';
  /** How many referrals wait in each tab. */
  counts: Readonly<Record<WorklistView | 'screenings', number>>;
};

/** Renders the tabs of the worklist by gate. */
export function worklistTabs(view: TabsView, texts: ReviewTexts): Html {
  const { tabs: words, gates } = texts.worklist;
  const links = [...reviewGates, 'postponed' as const].map((gate) => ({
    href: addressOf('/review', { gate }),
    label: words.counted(gates[gate].short, view.counts[gate]),
    isCurrent: view.current === gate,
  }));
  const screenings = {
    href: '/review/screenings',
    label: words.counted(words.needsReview, view.counts.screenings),
    isCurrent: view.current === 'screenings',
  };
  return tabs(words.label, [...links, screenings]);
}

/** Renders the links to the other lists, and the form that finds a person. */
export function otherLists(current: ListedState | undefined, texts: ReviewTexts): Html {
  const { lists } = texts;
  const shown = listedReferrals.listedStates.filter((state) => state !== 'all');
  const links = shown.map((state) => ({
    href: addressOf('/review', { state }),
    label: lists.states[state].short,
    isCurrent: state === current,
  }));
  const worklist = { href: '/review', label: lists.worklist, isCurrent: false };
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
