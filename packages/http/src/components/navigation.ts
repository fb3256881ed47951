import { attributes, type Html, html } from '../html/html.ts';

/** A link to one part of a page. */
export type Tab = { href: string; label: string; isCurrent: boolean };

/** Links to the parts of one page; `label` names them for screen readers. */
export function tabs(label: string, links: readonly Tab[]): Html {
  const list = links.map((tab) => {
    const link = attributes({ href: tab.href, 'aria-current': tab.isCurrent && 'page' });
    return html`<li><a ${link}>${tab.label}</a></li>`;
  });
  return html`<nav aria-label="${label}"><ul class="tabs">${list}</ul></nav>`;
}

/** The way to the next page of a list; nothing at its end. */
export const pager = (next: { href: string; label: string } | undefined): Html | undefined =>
  next && html`<p><a class="button" href="${next.href}">${next.label}</a></p>`;

/** Address of a page with what it is asked for; what is undefined or empty is left out. */
export function addressOf(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const asked = new URLSearchParams();
  for (const [name, text] of Object.entries(query)) if (text) asked.set(name, text);
  return asked.size === 0 ? path : `${path}?${asked}`;
}
