import type { Response } from 'express';
import type { App } from '../app.ts';
import type { Html } from '../html/html.ts';
import { hasRole, type Principal } from '../principal.ts';
import { createCatalog, type Languages } from '../texts/catalog.ts';
import { english } from '../texts/en.ts';
import { layout } from './layout.ts';
import { type MenuItem, menu } from './menu.ts';
import type { SideView } from './side-menu.ts';

/** One page in the reader's language. */
export type Page = {
  title: string;
  body: Html;
  principal?: Principal;
  /** Address of the page in the menu. */
  current?: string;
  /** The browser loads the page again after so many seconds, only where the reader asked for it. */
  refreshSeconds?: number | undefined;
  status?: number;
};

/** The functions with which a service shows its pages. */
export type Pages<Texts> = {
  /** Returns the texts of these pages in the reader's language. */
  textsFor: (response: Response) => Texts;
  /** Answers with the page made of the reader's texts, inside the shared frame. */
  show: (response: Response, page: (texts: Texts) => Page) => void;
};

/**
 * Creates pages from their texts. The reader's language is the first one of the browser's list that
 * has texts, or else English.
 */
export function createPages<Texts extends { language: string }>(
  app: App,
  languages: Languages<Texts>,
): Pages<Texts> {
  const catalog = createCatalog(languages, app.clock);
  const shell = createCatalog({ en: english }, app.clock);
  const textsFor = ({ req }: Response): Texts =>
    catalog.catalogOf(req.acceptsLanguages([...catalog.languages]) || 'en');
  return {
    textsFor,
    show(response, pageIn) {
      const texts = textsFor(response);
      const page = pageIn(texts);
      if (page.refreshSeconds) response.set('refresh', String(page.refreshSeconds));
      const send = (side: SideView | undefined) => {
        const view = {
          title: page.title,
          body: page.body,
          language: texts.language,
          principal: page.principal?.id,
          locksAt: page.principal?.locksAt,
          menu: menuOf(page.principal),
          current: page.current,
          side,
        };
        const markup = layout(view, shell.catalogOf(texts.language));
        response
          .status(page.status ?? 200)
          .type('html')
          .send(markup.toString());
      };
      const { principal } = page;
      if (!principal || !hasLists(page)) return send(undefined);
      void countsFor(app, principal)
        .then((counts) => send({ counts }))
        .catch((error: unknown) => response.req.next?.(error));
    },
  };
}

/** Reads the counts of the menu. A page is shown without them rather than not at all. */
async function countsFor(app: App, principal: Principal): Promise<SideView['counts']> {
  try {
    return (await app.readMenuCounts?.(principal)) ?? new Map();
  } catch (error) {
    app.log.error('The counts of the menu could not be read', error);
    return new Map();
  }
}

const menuOf = (principal: Principal | undefined): readonly MenuItem[] =>
  principal ? menu.filter(({ role }) => hasRole(principal.roles, role)) : [];

/** Tells whether a page is one of the care team's, which show the lists beside them. */
const hasLists = ({ principal, current = '' }: Page): boolean =>
  principal !== undefined && hasRole(principal.roles, 'reviewer') && !operations.test(current);

const operations = /^(\/console|\/quality|$)/;
