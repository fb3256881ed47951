/**
 * A place or a person that is to be kept out of everything, in the person's words. `partners` are
 * the ids of the Organizations that are meant; undefined while nobody has resolved it.
 */
export type KeepOut = {
  id: string;
  words: string;
  partners?: readonly string[] | undefined;
};

/** An Organization of the directory, as far as a keep-out is about it. */
export type NamedPartner = { id: string; name: string };

/** Folds a name: letters and digits of any language, without marks, in lower case. */
const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Names of fewer letters match only as a whole: `Co` stands in many words. */
const leastLetters = 4;

const holds = (outer: string, inner: string): boolean =>
  inner.length >= leastLetters && ` ${outer} `.includes(` ${inner} `);

/**
 * Lists the Organizations that the words are: the id or the whole name of one. Words that say more
 * or less than a name are for a person to resolve.
 */
export function partnersNamed(words: string, partners: readonly NamedPartner[]): string[] {
  const name = folded(words);
  const meant = partners.filter(
    (partner) => partner.id === words.trim() || folded(partner.name) === name,
  );
  return [...new Set(meant.map((partner) => partner.id))];
}

/**
 * Tells whether a partner is kept out: it was chosen, or its name stands in the words, or they in
 * it. The latter counts whatever a person has resolved since, so that an Organization that comes
 * into the directory later is kept out, too.
 */
export function isKeptOut(partner: NamedPartner, keepOuts: readonly KeepOut[]): boolean {
  const name = folded(partner.name);
  return keepOuts.some(({ words, partners = [] }) => {
    if (partners.includes(partner.id) || words.trim() === partner.id) return true;
    const asked = folded(words);
    return asked === name || holds(asked, name) || holds(name, asked);
  });
}

/** Tells whether nothing may go to anyone, because nobody has said yet whom a keep-out means. */
export const isUnresolved = (keepOuts: readonly KeepOut[]): boolean =>
  keepOuts.some(({ partners }) => partners === undefined);
