import { button, type Html, hiddenField, html, notice } from '@loopwell/http';
import type { MadeDecision, UndonePeople } from '../../decide/undo/made-decision.ts';
import type { Obstacle } from '../../decide/undo/obstacles.ts';
import { consentSentence } from '../../texts/consent-sentence.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { staysNotices } from './whole-consent-fields.ts';

/**
 * Renders what was just decided and for whom, what stands in the way or has stopped, and the button
 * that undoes it. On the page of one referral the button is about that referral alone.
 *
 * @param back address of the page, for the form of the button
 */
export function madeNotice(made: MadeDecision, back: string, texts: ReviewTexts): Html {
  const { undo: words, decisions, person } = texts;
  const who = words.people(made.names.map((name) => name ?? person.noName));
  const each = made.decisions.map((name) => decisions.decided[name] ?? name);
  const until = made.until && ` ${words.goesOutAt(made.until)}`;
  const decided = notice('done', html`${words.made(each, who)}${until}`);
  const referral = /^\/review\/([0-9a-f-]{36})/.exec(back)?.[1];
  const label = referral === undefined ? words.undoFor(made.names.length) : words.undo;
  return html`${decided}
${obstacleNotices(made, texts)}
${stoppedNotice(made, texts)}
${made.canUndo && undoForm({ request: made.request, referral }, back, label)}
${made.marked.map((id) => sendNowOf(id, back, words.sendNow))}`;
}

/** Says what stands before referrals, with the people of each obstacle. */
function obstacleNotices({ obstacles, partners }: MadeDecision, texts: ReviewTexts): Html {
  const { undo: words, person } = texts;
  const sentenceOf = (obstacle: Obstacle) =>
    obstacle.kind === 'consent'
      ? words.obstacles.consent(consentSentence(obstacle.consent, partners, texts))
      : words.obstacles[obstacle.kind];
  const groups = Map.groupBy(obstacles, ({ obstacle }) => sentenceOf(obstacle));
  const notices = [...groups].map(([sentence, theirs]) => {
    const names = [...new Set(theirs.map(({ name }) => name ?? person.noName))];
    return notice('wait', words.notSent(words.people(names), sentence));
  });
  return html`${notices}`;
}

/** Says what a stop has stopped: what comes back from a partner, and what was not sent. */
function stoppedNotice({ stopped, partners }: MadeDecision, texts: ReviewTexts): Html | undefined {
  if (stopped.length === 0) return undefined;
  const { undo: words, worklist, person, need } = texts;
  const lines = stopped.slice(0, mostStopped).map(({ name, category, partner }) => {
    const what = worklist.needOf(need(category), name ?? person.noName);
    const from = partner && (partners.get(partner) ?? partner);
    return html`<li>${from ? words.comesBack(what, from) : words.staysHere(what)}</li>`;
  });
  const more = stopped.length - lines.length;
  return html`<ul>${lines}${more > 0 && html`<li>${words.moreStopped(more)}</li>`}</ul>`;
}

/** How many referrals a stop names; the others are counted. */
const mostStopped = 12;

/** Renders the form that sends now what is decided for somebody who bears the mark. */
const sendNowOf = (referral: string, back: string, label: string): Html =>
  html`<form method="post" action="/review/decisions">
  ${hiddenField('back', back)}
  ${hiddenField('referral', referral)}
  ${button({ label, name: 'decision', sends: 'sendNow' })}
</form>`;

/** Renders the form with the button that undoes a request, or what it decided about one referral. */
export const undoForm = (
  { request, referral }: { request: string; referral: string | undefined },
  back: string,
  label: string,
): Html =>
  html`<form method="post" action="/review/undo">
  ${hiddenField('back', back)}
  ${hiddenField('request', request)}
  ${referral && hiddenField('referral', referral)}
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
${staysNotices(people, texts)}
${refusals}`;
}
