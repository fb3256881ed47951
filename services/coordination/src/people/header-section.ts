import { type Fact, facts, type Html, html, notice } from '@loopwell/http';
import { minorRules, type ProfileOnDay, safeAtHome } from '@loopwell/sdoh';
import type { PersonSection } from '../person-section.ts';
import { todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { standingSentence } from '../texts/standing-sentence.ts';
import { type PersonHeader, readHeader } from './read-header.ts';

type Words = ReviewTexts['personPage'];
type Address = ProfileOnDay['addresses'][number];

/** Shows what is on record of a person. The address opens on a click, which is recorded. */
export const headerSection: PersonSection = {
  name: 'facts',
  async read(tx, subject, context) {
    const { deps, principal } = context;
    const showsAddress = context.query.show === 'address';
    if (showsAddress) {
      const showing = { principal, page: '/people/:personId', what: 'address' as const };
      await requireShown(tx, showing, subject.patients);
    }
    const { protectedAddress = safeAtHome } = deps;
    const header = await readHeader(tx, subject, { today: todayOf(deps), protectedAddress });
    const minorAge = deps.minorAge ?? 18;
    const shown = { person: subject.person, showsAddress, minorAge, state: deps.state };
    return (texts) => headerFacts(header, shown, texts);
  },
};

type Shown = {
  person: string;
  showsAddress: boolean;
  minorAge: number;
  state: string | undefined;
};

function headerFacts(header: PersonHeader, shown: Shown, texts: ReviewTexts): Html {
  const { personPage: words } = texts;
  const { profile, insurance } = header;
  const list = [
    fact(words.age, profile?.age === undefined ? undefined : String(profile.age)),
    fact(words.recordNumber, header.recordNumbers.join(', ')),
    fact(words.language, languageOf(profile, texts)),
    fact(words.interpreter, profile?.interpreter && words.interpreters[profile.interpreter]),
    addressFact(header.addresses, shown, words),
    fact(words.insurance, insurance),
    fact(words.screened, screenedLine(header, texts)),
    fact(words.helped, helpedList(header, texts)),
  ];
  const isMinor = profile?.age !== undefined && profile.age < shown.minorAge;
  const minor = isMinor && minorNotice(shown, words);
  return html`${facts(list, 'facts')}${minor}${contactPersons(profile, words)}`;
}

/** Says what counts for a person under age, with the statutes of the site's state. */
function minorNotice({ state = '' }: Shown, words: Words): Html {
  const rules = minorRules(state).map(({ services, situation, statute }) => {
    const names = services.map((service) => words.minorServices[service]).join(', ');
    return html`<li>${names}${words.minorSituations[situation]} (${state} ${statute})</li>`;
  });
  if (rules.length === 0) return notice('caution', html`${words.minor} ${words.minorNothing}`);
  return html`${notice('caution', words.minor)}
<details><summary>${words.minorAlone}</summary><ul>${rules}</ul></details>`;
}

function screenedLine({ screener }: PersonHeader, { formats }: ReviewTexts): string {
  if (screener === undefined) return '';
  const day = screener.on === undefined ? undefined : formats.shortDay(screener.on);
  return [screener.by, screener.at, day].filter(Boolean).join(' · ');
}

/** Lists what was tried before, each with what came of it. */
function helpedList({ helped, partners }: PersonHeader, texts: ReviewTexts): Html | undefined {
  if (helped.length === 0) return undefined;
  const lines = helped.map(({ referral, tasks }) => {
    const outcome = standingSentence(referral, tasks, { partners, texts });
    return html`${texts.need(referral.category)}: ${outcome}<br>`;
  });
  return html`${lines}`;
}

const fact = (term: string, detail: string | Html | undefined): Fact | undefined =>
  detail ? { term, detail } : undefined;

function languageOf(
  profile: ProfileOnDay | undefined,
  { peopleLists }: ReviewTexts,
): string | undefined {
  const [language] = profile?.languages ?? [];
  return language?.text ?? peopleLists.languageOf(language?.code);
}

/** Shows the town, with a link that opens the address. */
function addressFact(
  addresses: readonly Address[],
  { person, showsAddress }: Shown,
  words: Words,
): Fact | undefined {
  const [first] = addresses;
  if (first === undefined) return undefined;
  if (showsAddress)
    return {
      term: words.address,
      detail: addresses.map((address) => html`${lineOf(address)}<br>`),
    };
  const link = html`<a href="/people/${person}?show=address">${words.showAddress}</a>`;
  return { term: words.town, detail: html`${first.city ?? ''} ${link}` };
}

const lineOf = ({ lines, city, state, postalCode, text }: Address): string => {
  const parts = [...lines, city, [state, postalCode].filter(Boolean).join(' ')];
  return parts.filter(Boolean).join(', ') || (text ?? '');
};

/** Shows the contact persons of the chart, folded: nobody may be reached through them. */
function contactPersons(profile: ProfileOnDay | undefined, words: Words): Html | undefined {
  const current = (profile?.contactPersons ?? []).filter(({ isOld }) => !isOld);
  if (current.length === 0) return undefined;
  const items = current.map(({ name, relationships, contacts }) => {
    const numbers = contacts.map(({ address }) => address);
    const parts = [name, relationships.join(', '), numbers.join(', ')];
    return html`<li>${parts.filter(Boolean).join(' · ')}</li>`;
  });
  return html`<details><summary>${words.contactPersons}</summary><ul>${items}</ul></details>`;
}
