import { elementNames } from '../../shape/elements.ts';
import { isResourceType } from '../../shape/index.ts';
import { alsoNames, vocabulary } from './vocabulary.ts';

const mask = '…';
const longest = 300;

/**
 * Returns a server's words without anything that may be about a person. Kept is what is made of a
 * closed vocabulary of machines and permissions, of FHIR's types and elements, and of what we sent
 * ourselves. Names, dates, ids, answers and everything quoted become "…". The rest may stand in a
 * log, in the ledger and before operators.
 *
 * DECISIONS D101.
 * @param ourWords what we sent and may show: a key id, a client id
 */
export function plainWords(
  text: string | undefined,
  ourWords: readonly string[] = [],
): string | undefined {
  if (text === undefined || /^\s*<(!doctype|html|\?xml)/i.test(text)) return undefined;
  const kept = withoutNames(
    withoutQuotes(text, ourWords).split(/\s+/).filter(Boolean),
    new Set(ourWords.map(lower)),
  );
  const words = kept.filter((one) => one !== mask);
  if (words.filter((one) => /[a-z]/i.test(one)).length < 2) return undefined;
  return collapse(kept).slice(0, longest);
}

const lower = (text: string) => text.toLowerCase();

/**
 * Masks quoted text, since a server quotes what it was given. An element and our own words stay.
 */
function withoutQuotes(text: string, ourWords: readonly string[]): string {
  const shown = (inner: string) => (ourWords.includes(inner) || isTechnical(inner) ? inner : mask);
  return text
    .slice(0, 4_000)
    .replace(/"([^"]*)"|“([^”]*)”|`([^`]*)`/g, (_all, a?: string, b?: string, c?: string) =>
      shown(a ?? b ?? c ?? ''),
    )
    .replace(/(?<![\p{L}\d])'([^']*)'(?![\p{L}\d])/gu, (_all, inner: string) => shown(inner));
}

type Token = { before: string; word: string; after: string };

function withoutNames(parts: readonly string[], ourWords: ReadonlySet<string>): string[] {
  const tokens = parts.map(tokenOf);
  const shown = tokens.map((token, index) => isShown(tokens, index, ourWords, token));
  return tokens.map((token, index) => {
    if (!shown[index]) return mask;
    const isBesideName = shown[index - 1] === false || shown[index + 1] === false;
    const isStart = index === 0 || /[.!?:;]$/.test(tokens[index - 1]?.after ?? '');
    if (
      isBesideName &&
      isCapitalised(token.word) &&
      !isStart &&
      !isTechnical(token.word) &&
      !ourWords.has(lower(token.word))
    ) {
      return mask;
    }
    return `${token.before}${token.word}${token.after}`;
  });
}

const isCapitalised = (word: string) => /^\p{Lu}/u.test(word);

function tokenOf(part: string): Token {
  const match = /^([([{]*)(.*?)([)\]},;:!?.]*)$/su.exec(part);
  return { before: match?.[1] ?? '', word: match?.[2] ?? part, after: match?.[3] ?? '' };
}

function isShown(
  tokens: readonly Token[],
  index: number,
  ourWords: ReadonlySet<string>,
  { word }: Token,
): boolean {
  if (word === '' || /^[-–—=/&+|]$/.test(word)) return true;
  if (ourWords.has(lower(word)) || isTechnical(word)) return true;
  if (/^\d/.test(word)) return isNumberShown(tokens, index, word);
  if (!isKnown(word)) return false;
  const isStart = index === 0 || /[.!?:;]$/.test(tokens[index - 1]?.after ?? '');
  return isStart || !isCapitalised(word) || !alsoNames.has(lower(word));
}

/**
 * Tells whether a word is made of known words: `invalid_client`, `RateLimitExceeded`, `time-out`,
 * `don't`.
 */
function isKnown(word: string): boolean {
  const plain = word.replace(/(n't|'s|’s|n’t)$/, '');
  const parts = plain
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[\s_/-]+/)
    .map(lower)
    .filter(Boolean);
  return (
    parts.length > 0 &&
    parts.every((one) => vocabulary.has(one) || (one === 'do' && plain !== word))
  );
}

const units =
  /^(ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|requests?|calls?|times?|attempts?|bytes?|characters?|%)$/i;
const numbered =
  /^(http|https|status|code|error|limit|maximum|max|minimum|line|column|character|version|least|most|r)$/i;

/**
 * Tells whether a number counts something or is a status. Any other may be an id, a date or an
 * answer.
 */
function isNumberShown(tokens: readonly Token[], index: number, word: string): boolean {
  if (/^\d{1,6}(ms|s|m|h|%)$/i.test(word)) return true;
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(word)) return false;
  return units.test(tokens[index + 1]?.word ?? '') || numbered.test(tokens[index - 1]?.word ?? '');
}

const scope = /^(system|user|patient)\/(\*|[A-Z][A-Za-z]+)\.(\*|read|write|c?r?u?d?s?)$/;

/**
 * Tells whether a word is FHIR's own: a type, a parameter, a path of elements, a scope, a code of
 * HAPI's messages.
 */
function isTechnical(word: string): boolean {
  if (isResourceType(word) || scope.test(word) || parameters.has(word) || /^HAPI-\d{4}$/.test(word))
    return true;
  return elementPath(word) !== undefined;
}

const parameters: ReadonlySet<string> = new Set(
  [
    '_lastUpdated',
    '_sort',
    '_count',
    '_id',
    '_total',
    '_format',
    '_summary',
    '_include',
    '_revinclude',
    '_since',
    '_type',
    'If-Match',
  ].concat([
    'Retry-After',
    'Content-Type',
    'Accept',
    'Authorization',
    'verificationStatus',
    'clinicalStatus',
    'authored',
    'occurrence',
  ]),
);

/**
 * Reads a path of elements as servers name it (`Encounter.status`, `/f:Encounter/f:status`,
 * `Bundle.entry[3].resource.status`), and writes it in FHIRPath; undefined for anything in which
 * something else than elements of R4 stands.
 */
export function elementPath(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 200) return undefined;
  const parts = text
    .trim()
    .replace(/^\/+/, '')
    .split(/[./]/)
    .map((one) => one.replace(/^f:/, ''));
  const [type = '', ...elements] = parts;
  if (!isResourceType(type) || elements.length === 0) return undefined;
  const isElement = (word: string) =>
    elementNames.has(word.replace(/\[(\d{1,4}|x)\]$/, '')) || isResourceType(word);
  return elements.every(isElement) ? parts.join('.') : undefined;
}

/** Joins the words, with neighbors that were left out as one gap. */
function collapse(parts: readonly string[]): string {
  return parts
    .join(' ')
    .replace(/…[.,;:]?(\s+…)+/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
}
