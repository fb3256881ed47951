/** Somebody who is to answer for a partner, as a form says it. */
export type HelperTexts = { name: string; isDirector: boolean; address: string };

/** Where one-time codes go to. */
type OneTimeWay = { way: 'text' | 'email'; address: string };

/** What is wrong with the fields of a helper. */
export type HelperProblem = 'name' | 'address' | 'addressNeeded';

/** Somebody who is to answer for a partner, or what is wrong with the form. */
export type ReadHelper =
  | { name: string; role: 'director' | 'member'; second: OneTimeWay | undefined }
  | { problem: HelperProblem };

const longestName = 100;

/**
 * Reads the fields of a helper.
 *
 * @param needsAddress the partner's helpers need a one-time code, so an address is required
 */
export function readHelper(texts: HelperTexts, needsAddress: boolean): ReadHelper {
  const name = texts.name.trim().replace(/\s+/g, ' ');
  if (!/\p{L}/u.test(name) || name.length > longestName) return { problem: 'name' };
  const address = texts.address.trim();
  if (address === '' && needsAddress) return { problem: 'addressNeeded' };
  const second = address === '' ? undefined : readOneTimeWay(address);
  if (address !== '' && second === undefined) return { problem: 'address' };
  return {
    name,
    role: texts.isDirector ? 'director' : 'member',
    second,
  };
}

const mailbox = /^[^\s@<>,;:"()]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/i;

/** Reads a mailbox, or a phone number; one without a country is of the United States. */
function readOneTimeWay(text: string): OneTimeWay | undefined {
  if (text.includes('@')) return mailbox.test(text) ? { way: 'email', address: text } : undefined;
  if (/[^\d\s().+-]/.test(text)) return undefined;
  const digits = text.replace(/\D/g, '');
  if (text.startsWith('+'))
    return /^[1-9]\d{7,14}$/.test(digits) ? { way: 'text', address: `+${digits}` } : undefined;
  const national = digits.length === 11 ? digits.replace(/^1/, '') : digits;
  return /^[2-9]\d{2}[2-9]\d{6}$/.test(national)
    ? { way: 'text', address: `+1${national}` }
    : undefined;
}
