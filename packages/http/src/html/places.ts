import { AppError } from '@loopwell/kit';

/** The place of a template's part in the markup. Each place has its own way of writing. */
export type Place = 'text' | 'attribute' | 'address' | 'address-piece' | 'between-attributes';

/** Returns whether the attribute holds an address that a browser opens or sends to. */
export const isAddress = (attribute: string): boolean =>
  ['href', 'src', 'action', 'formaction'].includes(attribute);

const places = new WeakMap<TemplateStringsArray, readonly Place[]>();

/**
 * Returns the place after each string of a template except the last. Each template is read once.
 * @throws AppError INTERNAL where a part would stand in a tag's name, an unquoted value, a comment,
 *   a script or a style
 */
export function placesIn(strings: TemplateStringsArray): readonly Place[] {
  const before = places.get(strings);
  if (before) return before;
  let text = '';
  const read: Place[] = [];
  for (const string of strings) {
    text += string;
    read.push(placeAfter(text));
    text += 'x';
  }
  if (read.pop() !== 'text') throw misplaced();
  places.set(strings, read);
  return read;
}

const comment = /<!--.*?-->/gs;
const wholeTag = /<[a-z/!](?:"[^"]*"|'[^']*'|[^"'>])*>/gi;
const openTag = /<(?:[a-z/!].*)?$/is;
const wholeAttribute = /="[^"]*"|='[^']*'/g;
const openAttribute = /\s([a-z-]+)=(?:"([^"]*)|'([^']*))$/i;

function placeAfter(markup: string): Place {
  if (/<(script|style)\b/i.test(markup)) throw misplaced();
  const open = openTag.exec(markup.replace(comment, '').replace(wholeTag, ''))?.[0];
  if (open === undefined) return 'text';
  if (open.startsWith('<!')) throw misplaced();
  const tag = open.replace(wholeAttribute, '');
  const [inAttribute, name = '', double = '', single = ''] = openAttribute.exec(tag) ?? [];
  if (inAttribute !== undefined) {
    if (/^(on|style$)/i.test(name)) throw misplaced();
    if (!isAddress(name.toLowerCase())) return 'attribute';
    return double + single === '' ? 'address' : 'address-piece';
  }
  if (/\s$/.test(tag)) return 'between-attributes';
  throw misplaced();
}

/** Creates the error of a template that puts a part where it could become markup. */
export const misplaced = () =>
  new AppError('INTERNAL', 'A template has a part where nothing can be written safely');
