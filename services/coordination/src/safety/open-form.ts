import { button, type Html, html } from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';

/** Renders the button that opens the words, for a minute. */
export const openForm = (person: string, { safety: words }: ReviewTexts): Html =>
  html`<form method="post" action="/people/${person}/opened">${button({ label: words.showWhy })}</form>`;
