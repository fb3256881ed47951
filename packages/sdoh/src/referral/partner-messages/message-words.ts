import { partsOfText, toGsm7 } from './gsm7.ts';

/** What a message to a partner may say: organizations, a count, a link and a number to call. */
export type MessageFacts = {
  /** The name of the site. */
  site: string;
  /** The name of the partner. */
  partner: string;
  /** How many requests it is about. */
  count: number;
  /** The page of the partner, which names nobody. */
  link: string;
  /** The site's number. */
  phone?: string | undefined;
};

type Way = 'email' | 'text';

/** Tells a partner that there are new requests. It says nothing about anybody. */
export const newRequestWords = (way: Way, facts: MessageFacts): string =>
  wordsOf(
    way,
    facts,
    ({ site, count }, partner) => `${site} has ${countOf(count)} for ${partner}.`,
  );

/** Reminds a partner of requests that wait for its answer. */
export const reminderWords = (way: Way, facts: MessageFacts): string =>
  wordsOf(way, facts, ({ site, count }, partner) => {
    const requests = count === 1 ? '1 request waits' : `${count} requests wait`;
    return `${site}: ${requests} for an answer of ${partner}.`;
  });

/** Writes the second factor of a sign-in. */
export const codeWords = (site: string, code: string, minutes: number): string =>
  toGsm7(
    `${code} is your one-time code for ${shortName(site)}. It works for ${minutes} minutes. ` +
      'We never ask you for it.',
  );

const countOf = (count: number) => (count === 1 ? '1 new request' : `${count} new requests`);

/** Says whom to call. Without a number it says nothing. */
const questions = ({ phone }: Pick<MessageFacts, 'phone'>) =>
  phone === undefined ? '' : ` Questions: ${phone}.`;

/** The longest name that a text holds: with two of them it has two parts at most. */
const longestName = 40;

const shortName = (name: string): string =>
  name.length <= longestName ? name : `${name.slice(0, longestName - 1).trimEnd()}.`;

/** Joins a first sentence with link, number and what ends it. */
function wordsOf(
  way: Way,
  facts: MessageFacts,
  sentence: (facts: MessageFacts, partner: string) => string,
): string {
  if (way === 'email') return mailOf(facts, sentence(facts, facts.partner));
  const short = { ...facts, site: shortName(facts.site) };
  const end = ` ${facts.link}${questions(facts)} STOP ends texts; we'll call instead.`;
  const named = toGsm7(sentence(short, shortName(facts.partner)) + end);
  // A name is left out only where that saves a part: it tells whom of several a text is for.
  const unnamed = toGsm7(sentence(short, 'you') + end);
  return partsOfText(unnamed) < partsOfText(named) ? unnamed : named;
}

const mailOf = (facts: MessageFacts, first: string): string =>
  [
    first,
    `Open this page and type your code: ${facts.link}`,
    `The page and this message name nobody.${questions(facts)}`,
    'To get no more e-mail of this kind, tell us by phone. We will call you instead.',
  ].join('\n\n');
