import {
  type Column,
  column,
  dayColumn,
  type Html,
  headerColumn,
  html,
  notice,
  numberColumn,
  table,
} from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';
import type { ListedPartner } from './read-partners.ts';
import { standingWords } from './standing-words.ts';

/** Renders the partners: whether they take something new, and what they hold. */
export function partnerListPage(partners: readonly ListedPartner[], texts: ReviewTexts): Html {
  const { partnerList: words } = texts;
  if (partners.length === 0) return notice('caution', words.none);
  return table(partners, columnsOf(texts), { text: words.intro, isHint: true });
}

function columnsOf(texts: ReviewTexts): Column<ListedPartner>[] {
  const { partnerList: words, editPartner, formats } = texts;
  return [
    headerColumn(words.partner, (row) => nameCell(row, words)),
    column(editPartner.standing, ({ shown }) => shown && standingWords(shown, texts)),
    column(editPartner.links, (row) => row.name !== null && linksCell(row.id, row.name, texts)),
    numberColumn(words.people, ({ live }) => formats.count(live)),
    numberColumn(words.late, ({ overdue }) => formats.count(overdue)),
    dayColumn(words.longest, ({ oldest }) => formats.instant(oldest)),
  ];
}

/** Links the name of a partner to its page, and says where somebody guesses its codes. */
function nameCell(
  { id, name, isTried }: ListedPartner,
  words: ReviewTexts['partnerList'],
): Html | string {
  if (name === null) return words.left;
  const warning = isTried && html` <span class="bad">${words.manyWrong}</span>`;
  return html`<a href="/partners/${id}">${name}</a>${warning}`;
}

/** Links to the people of a partner and to its sheet. */
export function linksCell(id: string, name: string, { editPartner: words }: ReviewTexts): Html {
  return html`<a href="/partners/${id}/people" aria-label="${words.people}: ${name}">${words.people}</a><br>
<a href="/partners/calls/${id}/sheet" aria-label="${words.sheet}: ${name}">${words.sheet}</a>`;
}
