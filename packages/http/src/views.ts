import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Response } from 'express';
import type { App, NavItem } from './app.ts';
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

const shared = new Eta({ views: fileURLToPath(new URL('../views/', import.meta.url)), autoEscape: true, cache: true });

/** Pages from Eta templates of one folder inside the shared layout. Everything that is printed is escaped. */
export function createViews(app: App, folder: URL): Views {
  const own = new Eta({ views: fileURLToPath(folder), autoEscape: true, cache: true });
  return (response, page) => {
    const body = own.render(page.template, { ...formats, ...page.data });
    const nav = navOf(app.nav, page.principal);
    if (page.refreshSeconds) response.set('refresh', String(page.refreshSeconds));
    response
      .status(page.status ?? 200)
      .type('html')
      .send(shared.render('layout', { title: page.title, body, nav, current: page.current, principal: page.principal?.id }));
  };
}

/** A template of a folder as text, to be put into a page: pictures, mostly. */
export function createPartials(folder: URL): (template: string, data: object) => string {
  const own = new Eta({ views: fileURLToPath(folder), autoEscape: true, cache: true });
  return (template, data) => own.render(template, { ...formats, ...data });
}

const navOf = (nav: readonly NavItem[], principal: Principal | undefined): NavItem[] =>
  principal ? nav.filter((one) => hasRole(principal.roles, one.role)) : [];

/** How pages write instants, ages and numbers. */
const formats = {
  instant: (at: Date | string | null | undefined): string =>
    at ? `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '–',
  machineInstant: (at: Date | string): string => new Date(at).toISOString(),
  age: (since: Date | string | null | undefined): string => (since ? ageOf(Date.now() - new Date(since).getTime()) : '–'),
  count: (n: number): string => n.toLocaleString('en-US'),
};

/** An age in its largest fitting unit: `40 s`, `12 min`, `5 h`, `3 d`. */
export function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
