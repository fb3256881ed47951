import { attributes, type Html, html, type Part } from '../html/html.ts';
import type { Formats } from '../texts/formats.ts';

/** A term and its detail. `wait` marks a detail that blocks something. */
export type Fact = { term: Part; detail: Part; kind?: 'wait' | 'bad' | 'words' | undefined };

/** Renders terms with their details below one another; with `facts`, in two columns. */
export function facts(list: readonly (Fact | undefined | false)[], kind?: 'facts'): Html {
  const pairs = list.map(
    (fact) =>
      fact &&
      html`<dt>${fact.term}</dt><dd ${attributes({ class: fact.kind })}>${fact.detail}</dd>\n`,
  );
  return html`<dl ${attributes({ class: kind })}>${pairs}</dl>`;
}

/** Renders an instant for people and, in `datetime`, for machines. */
export const time = (at: Date | string, formats: Formats, written = formats.instant(at)): Html =>
  html`<time datetime="${formats.machineInstant(at)}">${written}</time>`;
