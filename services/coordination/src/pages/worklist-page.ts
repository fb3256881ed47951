import {
  addressOf,
  attributes,
  type Column,
  enterDoesNothing,
  type Html,
  hiddenField,
  html,
  notice,
  pager,
  table,
} from '@loopwell/http';
import type { ServiceChoice } from '../decide/apply-decision.ts';
import type { Typed } from '../decide/form-data.ts';
import type { PersonNames } from '../person-names.ts';
import type { RecordView } from '../read/record.ts';
import type { ReviewItem, WorklistAsk } from '../read/review-view.ts';
import type { WorklistView } from '../read/worklist-query.ts';
import { recordConcern } from '../texts/decision-sentences.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { withoutHelpSentence } from '../texts/standing-sentence.ts';
import { agreementFields, consentFields, needFields, serviceFields } from './fields.ts';
import { otherLists, type TabsView, worklistTabs } from './navigation.ts';
import { conditionList, type Feedback, focusedNotices, personCell, seeFirstMark } from './parts.ts';
import { worklistFilter } from './worklist-filter.ts';

export type WorklistPageView = {
  gate: WorklistView;
  tabs: TabsView;
  ask: WorklistAsk;
  items: readonly ReviewItem[];
  names: PersonNames;
  records: ReadonlyMap<string, RecordView>;
  /** The person that the list is about is to be seen first. */
  personFirst: boolean;
  /** Needs of this tab, with the number of each. */
  needs: readonly { category: string; count: number }[];
  /** Referrals of people who signed a refusal. They have no consent form, alone or among many. */
  noes: ReadonlyMap<string, string | null>;
  /** General services, for needs that have none of their own. */
  services: readonly ServiceChoice[];
  contactFromChart: boolean;
  /** Address of this very page of the list, and of the next one. */
  here: string;
  next: string | undefined;
  today: string;
  tomorrow: string;
  typed: Typed;
};

/**
 * Renders the referrals that wait for a reviewer at one gate, with the form to decide about one or
 * many.
 */
export function worklistPage(view: WorklistPageView, feedback: Feedback, texts: ReviewTexts): Html {
  const { worklist, lists } = texts;
  const next = view.next === undefined ? undefined : { href: view.next, label: worklist.more };
  return html`${worklistTabs(view.tabs, texts)}
${focusedNotices(feedback, view.here, texts)}
<p>${worklist.gates[view.gate].asks}</p>
${worklistFilter(view, texts)}
${view.items.length === 0 ? html`<p>${worklist.none}</p>` : decideForm(view, texts)}
${pager(next)}
<h2>${lists.navigation}</h2>
${otherLists(undefined, texts)}
`;
}

function decideForm(view: WorklistPageView, texts: ReviewTexts): Html {
  const { gate, noes } = view;
  const isNoForm = view.items.every(({ id }) => noes.has(id));
  const need = {
    ...view,
    isRestricted: false,
    seeFirst: false,
    canApprove: gate === 'review',
    canPostpone: true,
    canClose: gate === 'withoutHelp',
  };
  return html`<form method="post" action="/review/decisions">
  ${enterDoesNothing()}
  ${hiddenField('back', view.here)}
  ${itemsTable(view, texts)}
  <fieldset>
    <legend>${texts.worklist.forChosen}</legend>
    ${gate === 'agreement' && agreementFields(view, texts)}
    ${gate === 'consent' && !isNoForm && consentFields(view, texts)}
    ${gate === 'noServiceCode' && serviceFields({ ...view, choices: view.services }, texts)}
    ${needFields(need, texts)}
  </fieldset>
</form>`;
}

function itemsTable(view: WorklistPageView, texts: ReviewTexts): Html {
  const { worklist, formats } = texts;
  const { gate, ask } = view;
  // A list of one person needs no link to narrow it.
  const onlyOf = (person: string) =>
    ask.person ? undefined : addressOf('/review', { gate, person });
  const columns: Column<ReviewItem>[] = [
    { title: worklist.choose, cell: (review) => choiceCell(review, view, texts) },
    {
      title: worklist.person,
      cell: ({ person }) => personCell(person.id, onlyOf(person.id), view, texts),
    },
    { title: worklist.need, cell: (review) => needCell(review, view, texts) },
    {
      title: worklist.because,
      cell: ({ conditions }) => conditionList(conditions, texts),
      isUntitled: true,
    },
    { title: worklist.answered, kind: 'day', cell: ({ since }) => formats.day(since) },
  ];
  return table(view.items, columns, { text: worklist.caption(ask.sort), isHint: true });
}

function choiceCell(review: ReviewItem, view: WorklistPageView, texts: ReviewTexts): Html {
  const { worklist, person } = texts;
  const name = view.names.get(review.person.id)?.name ?? person.this;
  const box = attributes({
    type: 'checkbox',
    name: 'referral',
    value: review.id,
    checked: view.typed.chosen.includes(review.id),
    'aria-label': worklist.chooseRow(texts.need(review.category), name),
  });
  const isNo = view.noes.has(review.id);
  return html`${isNo ? notice('wait', worklist.signedNo) : html`<input ${box}>`}
          ${hiddenField(`version.${review.id}`, review.version)}`;
}

function needCell(review: ReviewItem, view: WorklistPageView, texts: ReviewTexts): Html {
  const { worklist, standing } = texts;
  const record = view.records.get(review.person.id);
  const concern = record && recordConcern(record);
  const isPostponed = view.gate === 'postponed' && review.postponedUntil !== null;
  return html`<a href="/review/${review.id}">${texts.need(review.category)}</a>
          ${review.seeFirst && seeFirstMark(texts)}
          ${review.restriction && notice('wait', worklist.restricted)}
          ${!review.unambiguous && notice('wait', worklist.notClear)}
          ${withoutHelpNotes(review, texts)}
          ${concern && notice('wait', standing.record[concern].row)}
          ${isPostponed && notice('wait', worklist.returns(review.postponedUntil ?? ''))}`;
}

function withoutHelpNotes({ withoutHelp }: ReviewItem, texts: ReviewTexts): Html | undefined {
  if (withoutHelp === null) return undefined;
  const { worklist } = texts;
  const { reason, since, overdue, decideBy } = withoutHelp;
  const late = html` <span class="wait">${worklist.overdue}</span>`;
  const next = decideBy !== null && ` ${worklist.decideBy(new Date(decideBy))}`;
  return html`${notice('wait', withoutHelpSentence(reason, texts))}
          <p>${worklist.waitingSince(new Date(since))}${overdue ? late : next}</p>`;
}
