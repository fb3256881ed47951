import { button, type Fact, facts, type Html, html, notice } from '@loopwell/http';
import type { KeepOut, ReachChoice } from '@loopwell/sdoh';
import { partnerProfiles } from '@loopwell/store';
import { type ContactView, readContact } from '../nos/contact-view.ts';
import type { PersonSection } from '../person-section.ts';
import { todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { box } from './box.ts';
import { phoneText } from './phone-text.ts';
import { type ReachView, readReach } from './reach-view.ts';

type Words = ReviewTexts['reach'];

/** Names of partners by their ids. */
type PartnerNames = ReadonlyMap<string, string>;

/** Shows how a person wants to be reached, and whom to keep out. */
export const reachSection: PersonSection = {
  name: 'reach',
  async read(tx, subject, { deps }) {
    const view = await readReach(tx, subject, deps.clock.now());
    const contact = await readContact(tx, subject, todayOf(deps));
    const rows = await partnerProfiles.namedPartners(tx);
    const partners = new Map(rows.map(({ id, name }) => [id, name]));
    return (texts) => html`<h2 id="reach">${texts.reach.title}</h2>
${contact.isMarked ? html`<p class="unprinted">${texts.contact.showWhyFirst}</p>` : reachPart(view, contact, texts)}
<p><a href="/people/${view.person}/reach">${texts.reach[contact.isMarked || view.recorded ? 'change' : 'ask']}</a></p>
${view.keepOuts.map((keepOut) => keepOutPart(view.person, keepOut, partners, texts.reach))}`;
  },
};

function standingNotice({ standing, next }: ReachView, words: Words): Html | undefined {
  if (standing !== 'active') return notice('alert', words.standing[standing]);
  const again = next.isDue ? words.askAgain[next.why] : '';
  return again === '' ? undefined : notice('caution', again);
}

/**
 * Renders how somebody wants to be reached. For everybody who bears the mark *See first* it stands
 * on the page that says why, where it is safe. DECISIONS D185.
 */
export function reachPart(view: ReachView, contact: ContactView, texts: ReviewTexts): Html {
  return html`${standingNotice(view, texts.reach)}
${choicePart(view, contact, texts)}`;
}

function choicePart(
  { recorded, next, standing }: ReachView,
  { answer }: ContactView,
  { reach: words, contact: { rules } }: ReviewTexts,
): Html | undefined {
  // A chart that stops everything leaves no call either.
  if (recorded === undefined) {
    if (standing !== 'active') return undefined;
    if (answer.may) return html`<p>${words.neverAsked}</p>`;
    // The rule says by itself that nobody has asked, where it is about that.
    const asked = answer.rule !== 'not-asked-how' && words.nobodyAsked;
    return html`<p>${asked} ${rules[answer.rule]}</p>`;
  }
  const { choice, answeredAt, askedBy } = recorded;
  const from = next.isDue ? '' : ` · ${words.from(next.from)}`;
  return html`${facts(choiceFacts(choice, words), 'facts')}
<p><small>${words.asked(answeredAt, askedBy)}${from}</small></p>`;
}

const choiceFacts = (choice: ReachChoice, words: Words): (Fact | undefined)[] => [
  ...wayFacts(choice, words),
  ...talkFacts(choice, words),
];

function wayFacts(choice: ReachChoice, words: Words): (Fact | undefined)[] {
  const { terms } = words;
  const [best, ...also] = choice.ways.map((way) => words.ways[way]);
  return [
    fact(terms.best, best),
    fact(terms.also, also.join(' · ')),
    fact(terms.phone, phoneLine(choice, words)),
    fact(terms.email, choice.email),
    fact(terms.letterTo, choice.letterTo),
    fact(terms.meet, choice.meet && `${choice.meet.place}, ${choice.meet.day}`),
  ];
}

function talkFacts(choice: ReachChoice, words: Words): (Fact | undefined)[] {
  const { terms } = words;
  return [
    fact(terms.hours, choice.hours),
    fact(terms.voicemail, words.voicemail[choice.voicemail ? 'yes' : 'no']),
    fact(terms.mayBeSaid, words.sayings[choice.mayBeSaid]),
    fact(terms.reading, words.reading[choice.reading]),
    fact(terms.interpreter, interpreterLine(choice, words)),
    fact(terms.forPartners, words.partners[choice.forPartners ? 'yes' : 'no']),
  ];
}

const fact = (term: string, detail: string | undefined): Fact | undefined =>
  detail ? { term, detail } : undefined;

function phoneLine({ phone, phoneOwner }: ReachChoice, words: Words): string | undefined {
  if (phone === undefined) return undefined;
  const owner = phoneOwner === undefined ? '' : ` (${words.owners[phoneOwner]})`;
  return `${phoneText(phone)}${owner}`;
}

function interpreterLine({ interpreter }: ReachChoice, words: Words): string | undefined {
  if (interpreter === undefined) return undefined;
  const { language, dialect, gender, notFromCommunity } = interpreter;
  const parts = [language, dialect, gender && words.interpreter[gender]];
  if (notFromCommunity) parts.push(words.interpreter.notFromCommunity);
  return `${parts.filter(Boolean).join(', ')}. ${words.interpreter.never}`;
}

function keepOutPart(person: string, keepOut: KeepOut, partners: PartnerNames, words: Words): Html {
  const { keepOut: texts, terms } = words;
  const heading = html`<h3>${terms.keepOut}: ${keepOut.words}</h3>`;
  if (keepOut.partners === undefined)
    return html`${heading}${notice('wait', texts.unresolved)}
${resolveForm(person, keepOut, partners, words)}`;
  const names = keepOut.partners.map((id) => partners.get(id) ?? id).join(', ');
  return html`${heading}<p>${names === '' ? texts.nobody : texts.means(names)}</p>
<details><summary>${words.change}</summary>
${resolveForm(person, keepOut, partners, words)}</details>`;
}

/** Renders the form in which a person says which partners a keep-out means. */
function resolveForm(
  person: string,
  { id, partners: chosen = [] }: KeepOut,
  partners: PartnerNames,
  { keepOut: texts }: Words,
): Html {
  const boxes = [...partners].map(([code, label]) =>
    box({ name: 'partners', code, label, isOn: chosen.includes(code) }),
  );
  return html`<form method="post" action="/people/${person}/keep-outs/${id}">
<fieldset><legend>${texts.question}</legend>${boxes}</fieldset>
${button({ label: texts.save, name: 'meant', sends: 'these', kind: 'primary' })}
${button({ label: texts.noPartner, name: 'meant', sends: 'none' })}
</form>`;
}
