import { attributes, type Html, html, type Part } from '../html/html.ts';
import type { Formats } from '../texts/formats.ts';

/** A term and what is so; `wait` where it stands in the way. */
export type Fact = { term: Part; detail: Part; kind?: 'wait' | 'bad' | 'words' | undefined };

/**
 * Terms with their details below one another; `kind` is `facts` where they stand in two columns.
 */
export function facts(list: readonly (Fact | undefined | false)[], kind?: 'facts'): Html {
  const pairs = list.map(
    (fact) =>
      fact &&
      html`<dt>${fact.term}</dt><dd ${attributes({ class: fact.kind })}>${fact.detail}</dd>\n`,
  );
  return html`<dl ${attributes({ class: kind })}>${pairs}</dl>`;
}

/** An instant as people read it, and for machines. */
export const time = (at: Date | string, formats: Formats, written = formats.instant(at)): Html =>
  html`<time datetime="${formats.machineInstant(at)}">${written}</time>`;
