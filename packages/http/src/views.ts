import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Response } from 'express';
import type { App } from './app.ts';
import { formatsIn } from './formats.ts';
import { type MenuItem, menu } from './menu.ts';
import { hasRole, type Principal } from './principal.ts';

export type Page = {
  /** Name of the template in the service's own folder, without extension. */
  template: string;
  title: string;
  data: object;
  principal?: Principal;
  /** Address of the page in the navigation. */
  current?: string;
  /** The browser loads the page again after so many seconds; only where the reader asked for it. */
  refreshSeconds?: number;
  status?: number;
};

export type Views = (response: Response, page: Page) => void;

const shared = new Eta({
  views: fileURLToPath(new URL('../views/', import.meta.url)),
  autoEscape: true,
  cache: true,
});

/** Pages from Eta templates of one folder inside the shared layout. Everything that is printed is escaped. */
export function createViews(app: App, folder: URL): Views {
  const own = new Eta({ views: fileURLToPath(folder), autoEscape: true, cache: true });
  const formats = formatsIn(app.timeZone);
  return (response, page) => {
    const body = own.render(page.template, { ...formats, ...page.data });
    const nav = menuOf(page.principal);
    if (page.refreshSeconds) response.set('refresh', String(page.refreshSeconds));
    response
      .status(page.status ?? 200)
      .type('html')
      .send(shared.render('layout', { ...layoutOf(page), body, nav, timeZone: app.timeZone }));
  };
}

const layoutOf = ({ title, current, principal }: Page) => ({
  title,
  current,
  principal: principal?.id,
});

/** A template of a folder as text, to be put into a page: pictures, mostly. */
export function createPartials(app: App, folder: URL): (template: string, data: object) => string {
  const own = new Eta({ views: fileURLToPath(folder), autoEscape: true, cache: true });
  const formats = formatsIn(app.timeZone);
  return (template, data) => own.render(template, { ...formats, ...data });
}

const menuOf = (principal: Principal | undefined): MenuItem[] =>
  principal ? menu.filter((one) => hasRole(principal.roles, one.role)) : [];
