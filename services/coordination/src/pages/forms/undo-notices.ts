import { button, type Html, hiddenField, html, notice } from '@loopwell/http';
import type { MadeDecision, UndonePeople } from '../../decide/undo/made-decision.ts';
import type { ReviewTexts } from '../../texts/en.ts';

/**
 * Renders what was just decided and for whom, with the button that undoes it.
 *
 * @param back address of the page, for the form of the button
 */
export function madeNotice(made: MadeDecision, back: string, texts: ReviewTexts): Html {
  const { undo: words, decisions, person } = texts;
  const who = words.people(made.names.map((name) => name ?? person.noName));
  const each = made.decisions.map((name) => decisions.decided[name] ?? name);
  const until = made.until && ` ${words.goesOutAt(made.until)}`;
  const decided = notice('done', html`${words.made(each, who)}${until}`);
  return html`${decided}
${made.canUndo && undoForm(made.request, back, words.undo)}
${made.dated.map((referral) => sendNowOf(referral, back, words.sendNow))}`;
}

/** Renders the form that sends now what has a date by which it must happen. */
const sendNowOf = (referral: string, back: string, label: string): Html =>
  html`<form method="post" action="/review/decisions">
  ${hiddenField('back', back)}
  ${hiddenField('referral', referral)}
  ${button({ label, name: 'decision', sends: 'sendNow' })}
</form>`;

/** Renders the form with the button that undoes a request. */
export const undoForm = (request: string, back: string, label: string): Html =>
  html`<form method="post" action="/review/undo">
  ${hiddenField('back', back)}
  ${hiddenField('request', request)}
  ${button({ label })}
</form>`;

/** Renders what became of an undo, with the people. */
export function undoneNotices(people: UndonePeople, texts: ReviewTexts): Html {
  const { undo: words, person } = texts;
  const listed = (names: UndonePeople['undone']) =>
    words.people(names.map((name) => name ?? person.noName));
  const { undone, recalled, answered, refused } = people;
  const refusals = refused.map(({ name, rule }) =>
    notice('problem', words.refused(name ?? person.noName, words.rules[rule])),
  );
  return html`${undone.length > 0 && notice('done', words.undone(listed(undone)))}
${recalled.length > 0 && notice('alert', words.recalled(listed(recalled), recalled.length))}
${answered.length > 0 && notice('alert', words.answered(listed(answered), answered.length))}
${refusals}`;
}
