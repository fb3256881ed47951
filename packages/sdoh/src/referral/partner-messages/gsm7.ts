/** The letters of GSM 03.38 that take one place of a text. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡' +
    'ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** The letters that take two places. */
const extended = new Set('^{}\\[~]|€');

/** Signs of print that have a plain one. */
const plainSigns: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '\u00a0': ' ',
};

const isSent = (letter: string): boolean => basic.has(letter) || extended.has(letter);

/** Writes one letter with those of GSM-7; a letter that has none of them is left out. */
function plainLetter(letter: string): string {
  if (isSent(letter)) return letter;
  const sign = plainSigns[letter];
  if (sign !== undefined) return sign;
  const bare = letter.normalize('NFD').replace(/\p{M}/gu, '');
  return [...bare].filter(isSent).join('');
}

/**
 * Writes a text in the letters of GSM-7 (GSM 03.38). A single other letter would turn the whole
 * text into UCS-2, with 70 letters to a part in place of 160.
 */
export const toGsm7 = (text: string): string => [...text].map(plainLetter).join('');

/** Counts the parts that a text of GSM-7 is sent in: 160 places, or 153 each where it has more. */
export function partsOfText(text: string): number {
  const places = [...text].reduce((sum, letter) => sum + (extended.has(letter) ? 2 : 1), 0);
  return places <= 160 ? 1 : Math.ceil(places / 153);
}
