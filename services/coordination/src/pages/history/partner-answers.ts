import {
  button,
  type Fact,
  facts,
  type Html,
  hiddenField,
  html,
  notice,
  time,
} from '@loopwell/http';
import { buttonRow, isAnswerButton, type PartnerNote, type ShownOutput } from '@loopwell/sdoh';
import type { PartnerAnswerView } from '../../read/partner-answers.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { whoText } from '../../texts/standing-sentence.ts';
import type { ReferralPageView } from '../referral-view.ts';

/** Renders what partners said about a referral, with the form that removes words. */
export function partnerAnswers(view: ReferralPageView, texts: ReviewTexts): Html {
  const { title, hint } = texts.partners;
  const list = view.review.partnerAnswers.map((answer) => partnerAnswer(answer, view, texts));
  return html`<h2 id="said">${title}</h2>
<p class="hint">${hint}</p>
<ol class="timeline">${list}</ol>`;
}

/** Says of each answer that can still be undone when it counts. */
export function heldNotices(view: ReferralPageView, texts: ReviewTexts): Html {
  const { partners: words, formats } = texts;
  const notices = view.review.partnerAnswers.map((answer) => {
    if (answer.countsAt === null) return undefined;
    const at = formats.instant(new Date(answer.countsAt));
    return notice('wait', words.held(partnerName(answer, view), saysOf(answer, texts), at));
  });
  return html`${notices.filter((one) => one !== undefined)}`;
}

function partnerName({ who }: PartnerAnswerView, { partners }: ReferralPageView): string {
  const id = who.replace(/^partner:/, '');
  return partners.get(id) ?? id;
}

/** Writes what an answer says: the words of its button, or the status as it came. */
const saysOf = ({ button, status }: PartnerAnswerView, { partners }: ReviewTexts): string =>
  isAnswerButton(button) ? partners.button(buttonRow(button).says) : status;

function partnerAnswer(
  answer: PartnerAnswerView,
  view: ReferralPageView,
  texts: ReviewTexts,
): Html {
  const { partners: words, formats } = texts;
  const partner = partnerName(answer, view);
  const door = words.door(answer.door);
  const { reason, businessStatus } = answer;
  const list: (Fact | false)[] = [
    ...originFacts(answer, texts),
    ...fieldFacts(answer, texts),
    reason !== null && { term: words.reason, detail: reason, kind: 'words' },
    ...notesOf(answer).map((note) => noteFact(note, texts)),
    businessStatus !== null && {
      term: words.businessStatus,
      detail: businessStatus,
      kind: 'words',
    },
    ...answer.outputs.map((output) => outputFact(output, texts)),
    ...answer.odd.map((oddity) => ({ term: words.needsReview, detail: words.oddities[oddity] })),
  ];
  return html`<li>
    ${time(answer.at, formats)} <strong>${partner}</strong>: ${saysOf(answer, texts)} <small>(${door})</small>
    ${facts(list)}
    ${holdsWords(answer) && removeForm(answer, view, texts)}
  </li>
  `;
}

/** Writes who said it and when, who recorded it, and which other doors brought the same. */
function originFacts(answer: PartnerAnswerView, texts: ReviewTexts): Fact[] {
  const { partners: words, formats } = texts;
  const { saidBy, saidAt, recordedBy, repeats, isTaken } = answer;
  const list: Fact[] = [];
  if (saidBy !== null) {
    const when = saidAt === null ? '' : formats.instant(new Date(saidAt));
    const detail = [saidBy, when].filter(Boolean).join(', ');
    list.push({ term: words.saidBy, detail, kind: 'words' });
  }
  if (recordedBy.startsWith('person:'))
    list.push({ term: words.recordedBy, detail: whoText(recordedBy, texts) });
  for (const repeat of repeats)
    list.push({
      term: words.alsoBy,
      detail: `${words.door(repeat.door)}, ${formats.instant(new Date(repeat.at))}`,
    });
  list.push(...doneFacts(answer, texts));
  if (!isTaken) list.push({ term: words.notTaken, detail: words.notTakenWhy });
  return list;
}

/** Writes when an answer counts, and who undid it or removed its words. */
function doneFacts(answer: PartnerAnswerView, texts: ReviewTexts): Fact[] {
  const { partners: words, formats } = texts;
  const { countsAt, undone, wordsRemoved } = answer;
  const at = (text: string) => formats.instant(new Date(text));
  const list: Fact[] = [];
  if (countsAt !== null) list.push({ term: words.countsAt, detail: at(countsAt) });
  if (undone) list.push({ term: words.undone, detail: words.by(undone.by ?? '', at(undone.at)) });
  if (wordsRemoved)
    list.push({
      term: words.wordsRemoved,
      detail: words.by(whoText(wordsRemoved.by ?? '', texts), at(wordsRemoved.at)),
    });
  return list;
}

/** Writes what was typed beside a button. */
function fieldFacts({ fields }: PartnerAnswerView, { partners: words }: ReviewTexts): Fact[] {
  const list: Fact[] = [];
  for (const name of fieldNames) {
    const detail = fields[name];
    if (detail !== undefined) list.push({ term: words.fields[name], detail, kind: 'words' });
  }
  return list;
}

const fieldNames = [
  ...(['when', 'where', 'bring', 'missing', 'nextTry'] as const),
  ...(['pauseUntil', 'partner', 'whoElse'] as const),
];

/** Tells whether there are words of a partner in an answer. A button's own words are ours. */
function holdsWords(answer: PartnerAnswerView): boolean {
  const { button, note, reason, businessStatus, outputs, fields } = answer;
  const isTyped = note !== null || Object.keys(fields).length > 0;
  const isWritten = reason !== null || businessStatus !== null || outputs.length > 0;
  return isTyped || (button === null && isWritten);
}

const removeForm = (
  { id }: PartnerAnswerView,
  { row }: ReferralPageView,
  { partners: words }: ReviewTexts,
): Html => html`<form method="post" action="/review/words">
      ${hiddenField('referral', row.id)}
      ${hiddenField('answer', String(id))}
      ${button({ label: words.remove })}
    </form>`;

/** Lists the notes one by one, or as one if the Task was too large to keep. */
function notesOf({ notes, note }: PartnerAnswerView): readonly PartnerNote[] {
  if (notes.length > 0 || note === null) return notes;
  return [{ text: note, author: null, time: null }];
}

function noteFact({ text, author, time: at }: PartnerNote, { partners }: ReviewTexts): Fact {
  const by = [author, at].filter(Boolean).join(', ');
  return { term: partners.note(by), detail: text, kind: 'words' };
}

function outputFact(output: ShownOutput, { partners: words }: ReviewTexts): Fact {
  const why = output.unread && (words.unread[output.unread] ?? words.unreadable);
  const unread = html` <span class="wait">${output.reference ?? words.aResult}: ${why}</span>`;
  return {
    term: output.type ?? words.result,
    detail: html`${output.value ?? ''}${output.unread && unread}`,
    kind: 'words',
  };
}
