import { attributes, type Html, html } from '../html/html.ts';

/** A link to one part of a page. */
export type Tab = { href: string; label: string; isCurrent: boolean };

/** Renders links to the parts of one page; `label` names them for screen readers. */
export function tabs(label: string, links: readonly Tab[]): Html {
  const list = links.map((tab) => {
    const link = attributes({ href: tab.href, 'aria-current': tab.isCurrent && 'page' });
    return html`<li><a ${link}>${tab.label}</a></li>`;
  });
  return html`<nav aria-label="${label}"><ul class="tabs">${list}</ul></nav>`;
}

/** Renders the link to the next page of a list; returns undefined at its end. */
export const pager = (next: { href: string; label: string } | undefined): Html | undefined =>
  next && html`<p><a class="button" href="${next.href}">${next.label}</a></p>`;

/** Returns the address of a page with its query, without undefined or empty parameters. */
export function addressOf(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const asked = new URLSearchParams();
  for (const [name, text] of Object.entries(query)) if (text) asked.set(name, text);
  return asked.size === 0 ? path : `${path}?${asked}`;
}
