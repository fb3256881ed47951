import { attributes, type Html, html } from '../html/html.ts';
import type { ShellTexts } from '../texts/en.ts';
import type { MenuItem } from './menu.ts';
import { type SideView, sideMenuOf } from './side-menu.ts';

/** The content of the frame. */
export type LayoutView = {
  title: string;
  body: Html;
  /** Language of the body, as a tag. */
  language: string;
  /** The person who is signed in. */
  principal: string | undefined;
  /** When the page locks. */
  locksAt?: Date | undefined;
  menu: readonly MenuItem[];
  /** Address of the page in the menu. */
  current: string | undefined;
  /** The lists beside the page, on pages of the care team. */
  side?: SideView | undefined;
};

/**
 * Renders the frame around every page: a link past the menu, the menu with the signed-in person,
 * the title, the time zone.
 */
export function layout(view: LayoutView, texts: ShellTexts): Html {
  return html`<!doctype html>
<html lang="${view.language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${view.title} – Loopwell</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <a class="skip" href="#main">${texts.layout.toContent}</a>
  <header class="bar">
    <p class="brand">Loopwell</p>
    ${view.principal !== undefined && navigation(view, view.principal, texts)}
  </header>
  <div ${attributes({ class: view.side && 'with-side' })}>
  ${view.side && sideMenuOf(view.side, view.current, texts)}
  <main id="main">
    <h1>${view.title}</h1>
    ${view.body}
  </main>
  </div>
  <footer><p class="hint">${texts.layout.timesAreIn}</p></footer>
</body>
</html>
`;
}

/** Lists the pages for running Loopwell that are folded, so that a menu of several roles is one line. */
function foldedOf(menu: readonly MenuItem[]): readonly MenuItem[] {
  const hasWork = menu.some(({ role }) => role === 'reviewer');
  return hasWork ? menu.filter(({ role }) => role === 'operator' || role === 'admin') : [];
}

const foldMarks = (folded: readonly MenuItem[], current: string | undefined) =>
  attributes({ class: 'more', 'data-current': folded.some(({ href }) => href === current) });

function navigation(
  { menu, current, locksAt }: LayoutView,
  principal: string,
  texts: ShellTexts,
): Html {
  const linkOf = ({ href, name }: MenuItem) => {
    const link = attributes({ href, 'aria-current': href === current && 'page' });
    return html`<li><a ${link}>${texts.menu[name]}</a></li>`;
  };
  const folded = foldedOf(menu);
  const shown = menu.filter((item) => !folded.includes(item));
  return html`<nav aria-label="${texts.layout.pages}">
      <ul>${shown.map(linkOf)}${folded.length > 0 && html`<li><details ${foldMarks(folded, current)}><summary>${texts.layout.running}</summary><ul>${folded.map(linkOf)}</ul></details></li>`}</ul>
    </nav>
    <form method="post" action="/sign-out" class="who">
      <span>${principal.replace(/^person:/, '')}${locksAt && html` <small>${texts.layout.locks(locksAt)}</small>`}</span>
      <button class="quiet">${texts.layout.signOut}</button>
    </form>`;
}
