import { AppError } from '@loopwell/kit';
import { isAddress, misplaced, type Place, placesIn } from './places.ts';

/**
 * Holds markup that is safe to send. Only `html` makes it, so a text that looks like markup is
 * escaped.
 * DECISIONS D121.
 */
class Markup {
  readonly #markup: string;
  constructor(markup: string) {
    this.#markup = markup;
  }
  toString(): string {
    return this.#markup;
  }
}

/** Attributes of one element, as `attributes` writes them. */
class AttributeList extends Markup {}

/** Markup that is safe to send. */
export type Html = Markup;
/** A list of attributes that is safe to put into a tag. */
export type Attributes = AttributeList;

/**
 * A part of a template. Undefined, null and false write nothing; the items of a list are written in
 * order.
 */
export type Part = Html | string | number | undefined | null | false | readonly Part[];

/**
 * Creates markup with every part escaped for its place.
 *
 * - Between elements: a text, a number, other `html`, or a list of these.
 * - In a quoted attribute: a text or a number. At the start of an address (`href`, `src`, `action`)
 *   it is a whole address, whose scheme is checked; further on it is one piece of the address and
 *   is percent-encoded.
 * - Between attributes: only `attributes({ … })`.
 * @throws AppError INTERNAL for a part anywhere else, and for an address with a scheme that no page
 *   links to
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const places = placesIn(strings);
  let markup = strings[0] ?? '';
  for (const [index, part] of parts.entries()) {
    const place = places[index] ?? 'text';
    // A list of attributes brings its own spaces, and an empty one needs none.
    if (place === 'between-attributes') markup = markup.trimEnd();
    markup += writtenAt(place, part) + (strings[index + 1] ?? '');
  }
  return new Markup(markup);
}

type AttributeValue = string | number | boolean | undefined | null;

/**
 * Creates the attributes of an element. True writes the bare name; false, undefined and null omit
 * the attribute.
 */
export function attributes(values: Readonly<Record<string, AttributeValue>>): Attributes {
  let list = '';
  for (const [name, setting] of Object.entries(values)) {
    if (!/^[a-z][a-z-]*$/.test(name) || /^(on|style$)/.test(name)) throw misplaced();
    if (setting === true) list += ` ${name}`;
    else if (setting !== false && setting !== undefined && setting !== null)
      list += ` ${name}="${writtenAt(isAddress(name) ? 'address' : 'attribute', setting)}"`;
  }
  return new AttributeList(list);
}

function writtenAt(place: Place, part: Part): string {
  if (part === undefined || part === null || part === false) return '';
  if (place === 'text') return textOf(part);
  if (place === 'between-attributes' && part instanceof AttributeList) return part.toString();
  if (place === 'between-attributes' || typeof part === 'object') throw misplaced();
  if (place === 'address') return escape(requireLinkable(String(part)));
  return escape(place === 'address-piece' ? encodeURIComponent(part) : String(part));
}

function textOf(part: Part): string {
  if (part instanceof AttributeList) throw misplaced();
  if (part instanceof Markup) return part.toString();
  if (part === undefined || part === null || part === false) return '';
  return typeof part === 'object' ? part.map(textOf).join('') : escape(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');

/**
 * Returns an address that a page may link to: ours, or one of the allowed schemes. Control
 * characters are refused, because browsers skip them.
 */
function requireLinkable(address: string): string {
  const isLinkable = /^(https?:\/\/|mailto:|tel:|[#?]|\/(?![/\\]))/i.test(address);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are refused
  if (isLinkable && !/[\u0000-\u001f]/.test(address)) return address;
  throw new AppError('INTERNAL', 'A page has an address that it may not link to');
}
