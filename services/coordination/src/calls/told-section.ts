import { button, type Html, hiddenField, html } from '@loopwell/http';
import type { AnswerFields } from '@loopwell/sdoh';
import { leftToTell, type Tx } from '@loopwell/store';
import { type PersonNames, personNames } from '../person-names.ts';
import { type Showing, showPeople } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { callPath } from './calls-page.ts';
import { ownerText } from './owner-text.ts';
import { broughtTickets } from './read-calls.ts';

/** What a viewer may see of what people and partners have to hear. */
export type LeftToTell = {
  yeses: readonly (leftToTell.UntoldYes & { ticket: string | undefined })[];
  ends: readonly leftToTell.UntoldEnd[];
  names: PersonNames;
};

/** The most rows that the page shows of each. */
const most = 200;

/** Reads what people and partners have to hear, and records who is shown. */
export async function readLeftToTell(tx: Tx, showing: Showing, today: string): Promise<LeftToTell> {
  const [yeses, ends] = [
    await leftToTell.untoldYeses(tx, most),
    await leftToTell.untoldEnds(tx, most),
  ];
  const people = new Set([...yeses, ...ends].map(({ person }) => person));
  const visible = await showPeople(tx, showing, people);
  const shown = yeses.filter(({ person }) => visible.has(person));
  const brought = await broughtTickets(
    tx,
    shown.map(({ task: id, partner }) => ({ id, partner })),
  );
  return {
    yeses: shown.map((yes) => ({ ...yes, ticket: brought.get(yes.task) })),
    ends: ends.filter(({ person }) => visible.has(person)),
    names: await personNames(tx, [...visible], today),
  };
}

/** Renders what people and partners have to hear. It names people, so it is left out of paper. */
export function toldSection(left: LeftToTell, texts: ReviewTexts): Html {
  const { told: words } = texts.calls;
  const yeses = left.yeses.map((yes) => yesItem(yes, left.names, texts));
  const ends = left.ends.map((end) => endItem(end, left.names, texts));
  return html`${yeses.length > 0 && part(words.people, yeses)}${ends.length > 0 && part(words.partners, ends)}`;
}

const part = ({ title, intro }: { title: string; intro: string }, items: readonly Html[]): Html =>
  html`<section class="unprinted"><h2>${title}</h2>
<p class="hint">${intro}</p>
<ul>${items}</ul></section>
`;

function yesItem(yes: LeftToTell['yeses'][number], names: PersonNames, texts: ReviewTexts): Html {
  const { told: words } = texts.calls;
  const who = names.get(yes.person)?.name ?? words.noName;
  const fields = JSON.parse(yes.fields) as AnswerFields;
  const sentence = yes.button === 'yesButWait' ? words.wait(yes.name) : words.comes(yes.name);
  const facts = [
    fields.when,
    fields.where,
    fields.bring && words.bring(fields.bring),
    yes.ticket && words.brings(yes.ticket),
  ];
  const done = { id: String(yes.id), action: '/partners/calls/told-person' };
  return html`<li><a href="/review/${yes.referral}">${words.tell(who)}</a>
<span class="words">${[sentence, ...facts.filter(Boolean)].join(' · ')}</span>
<br><small>${ownerText(yes.owner, texts)}</small>
${doneForm(done, words.doneWith(who), texts)}</li>
`;
}

function endItem(end: leftToTell.UntoldEnd, names: PersonNames, texts: ReviewTexts): Html {
  const { told: words } = texts.calls;
  const who = names.get(end.person)?.name ?? words.noName;
  const done = { id: end.task, action: '/partners/calls/told-partner' };
  const about = words.about(who, texts.need(end.category));
  return html`<li><a href="${callPath(end.partner)}">${words.takenBack(end.name)}</a>
<a href="/review/${end.referral}">${about}</a>
<br><small>${ownerText(end.owner, texts)}</small>
${doneForm(done, words.doneWith(end.name), texts)}</li>
`;
}

function doneForm(
  { id, action }: { id: string; action: string },
  accessibleName: string,
  texts: ReviewTexts,
): Html {
  const { told: words } = texts.calls;
  const press = button({ label: words.done, accessibleName });
  return html`<form method="post" action="${action}">${hiddenField('id', id)}
${press}</form>`;
}
