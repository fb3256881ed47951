import { type Html, html, notice } from '@loopwell/http';
import { fill } from '../../texts/calendar.ts';
import { undoForm } from './answer-notice.ts';
import type { LastAnswer, PageContext } from './page-model.ts';
import { broughtAlong, sameAgain, type UntakenAnswer } from './same-again.ts';

/**
 * Renders that an answer was not taken: which one stands, its undo as long as there is one, and the
 * answer again as it was typed.
 *
 * @param stands undefined where the answer that stands came by another way than the page
 */
export function notTakenPage(
  answer: UntakenAnswer,
  stands: LastAnswer | undefined,
  context: PageContext,
): Html {
  const { clinic, texts } = context;
  const { thanks, buttons } = texts.words;
  const sent = { answer: buttons[answer.button], clinic: clinic.name };
  return html`${notice('problem', fill(thanks.notTaken, sent))}
<p>${standingText(stands, context)}</p>
${stands && undoForm(answer.task, stands, context, broughtAlong(answer))}
${sameAgain(answer, context)}`;
}

function standingText(stands: LastAnswer | undefined, { clinic, texts }: PageContext): string {
  const { thanks, buttons } = texts.words;
  if (!stands) return fill(thanks.standsOther, { clinic: clinic.name });
  const answer = buttons[stands.button];
  return stands.by
    ? fill(thanks.other, { name: stands.by, answer })
    : fill(thanks.youSaid, { answer });
}
