import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Response } from 'express';
import type { App } from '../app.ts';
import { trusted } from '../html/html.ts';
import { intlFormats } from '../texts/formats.ts';
import { createPages, type Page } from './pages.ts';

export type TemplatePage = Omit<Page, 'body'> & {
  /** Name of the template in the service's own folder, without extension. */
  template: string;
  data: object;
};

export type Views = (response: Response, page: TemplatePage) => void;

/** Pages from Eta templates of one folder; they go when the last of them is a function. */
export function createViews(app: App, folder: URL): Views {
  const templates = new Eta({ views: fileURLToPath(folder), autoEscape: true, cache: true });
  const formats = intlFormats('en-US', app.timeZone);
  const pages = createPages(app, { en: () => ({ language: 'en' }) });
  return (response, { template, data, ...page }) => {
    const body = trusted(templates.render(template, { ...formats, ...data }));
    pages.show(response, () => ({ ...page, body }));
  };
}
