import { attributes, type Html, html } from '../html/html.ts';
import type { ShellTexts } from '../texts/en.ts';
import { isManyMore, type SideItem, sideMenu } from './menu.ts';

/** What the side menu shows beside its links: how many people each list has, by address. */
export type SideView = { counts: ReadonlyMap<string, number> };

/** Renders the lists of the care team with their counts, and the search for a person. */
export function sideMenuOf(view: SideView, current: string | undefined, texts: ShellTexts): Html {
  const { lists } = texts;
  const groups = sideMenu.map(({ name, items }) => {
    const links = items.map((item) => linkOf(item, view, current, texts));
    return html`<p class="group">${lists.groups[name]}</p><ul>${links}</ul>`;
  });
  return html`<div class="side">
    <form method="post" action="/people/search" class="find" role="search" aria-label="${lists.find}">
      <label for="find-person">${lists.find}</label>
      <input id="find-person" name="find" maxlength="200" autocomplete="off" placeholder="${lists.findHint}">
      <button class="quiet">${lists.findButton}</button>
    </form>
    <nav aria-label="${lists.label}">${groups}</nav>
  </div>`;
}

function linkOf(
  { href, name, isUrgent }: SideItem,
  { counts }: SideView,
  current: string | undefined,
  { lists, formats }: ShellTexts,
): Html {
  const count = counts.get(href);
  const isLoud = isUrgent && count !== undefined && count > 0;
  const link = attributes({
    href,
    'aria-current': href === current && 'page',
    class: isLoud ? 'bad' : undefined,
  });
  const written = count === undefined ? '' : countOf(count, { lists, formats });
  return html`<li><a ${link}><span>${lists.names[name]}</span> <span class="count">${written}</span></a></li>`;
}

const countOf = (count: number, { lists, formats }: Pick<ShellTexts, 'lists' | 'formats'>) =>
  isManyMore(count) ? lists.orMore(count) : formats.count(count);
