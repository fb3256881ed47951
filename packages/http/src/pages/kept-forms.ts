import { AppError } from '@loopwell/kit';
import type { App } from '../app.ts';
import { button, hiddenField } from '../components/fields.ts';
import { notice } from '../components/notice.ts';
import { type Html, html } from '../html/html.ts';
import type { KeptForm, LateForms, SentForm } from '../late-forms.ts';
import { english, type ShellTexts } from '../texts/en.ts';
import { createPages } from './pages.ts';

/**
 * Adds the page that offers forms again which arrived after the lock. A form is shown to the person
 * who sent it, once; it is recorded only when that person sends it again.
 */
export function addKeptForms(app: App, lateForms: LateForms): void {
  const pages = createPages(app, { en: english });
  app.route('get', '/kept-form', { kind: 'person' }, async (_request, response, principal) => {
    const kept = await lateForms.list(principal.id);
    pages.show(response, (texts) => ({
      title: texts.keptForm.title,
      body: listPage(kept, texts),
      principal,
    }));
  });
  app.route('post', '/kept-form', { kind: 'person' }, async (request, response, principal) => {
    const { id, act } = (request.body ?? {}) as { id?: unknown; act?: unknown };
    const form = await lateForms.take(principal.id, String(id ?? ''));
    if (act === 'discard') return response.redirect(303, '/');
    if (!form) throw new AppError('NOT_FOUND', 'This form is not kept any more');
    pages.show(response, (texts) => ({
      title: texts.keptForm.title,
      body: formPage(form, texts),
      principal,
    }));
  });
}

function listPage(kept: readonly KeptForm[], { keptForm, formats }: ShellTexts): Html {
  if (kept.length === 0)
    return html`<p>${keptForm.none}</p><p><a href="/">${keptForm.onward}</a></p>`;
  const forms = kept.map(
    ({ id, keptAt, expiresAt }) => html`<form method="post" action="/kept-form">
  <p>${keptForm.arrived(formats.instant(keptAt), formats.instant(expiresAt))}</p>
  ${hiddenField('id', id)}
  <p>${button({ label: keptForm.open, name: 'act', sends: 'open', kind: 'primary' })}
  ${button({ label: keptForm.discard, name: 'act', sends: 'discard' })}</p>
</form>`,
  );
  return html`${notice('caution', keptForm.notRecorded)}
${forms}
<p><a href="/">${keptForm.onward}</a></p>`;
}

/** Words that a person typed, as against ids and codes that a page put into the form. */
const isTyped = (text: string): boolean => /\s/.test(text.trim());

function formPage({ path, fields }: SentForm, { keptForm }: ShellTexts): Html {
  const pairs = Object.entries(fields).flatMap(([name, sent]) =>
    [sent].flat().map((text) => ({ name, text })),
  );
  const typed = pairs.filter(({ text }) => isTyped(text));
  const words = html`<h2>${keptForm.typed}</h2>
<ul>${typed.map(({ text }) => html`<li class="words">${text}</li>`)}</ul>`;
  return html`${notice('caution', keptForm.once)}
${typed.length > 0 && words}
<form method="post" action="${localPath(path)}">
  ${pairs.map(({ name, text }) => hiddenField(name, text))}
  <p>${button({ label: keptForm.send, kind: 'primary' })} <a href="/">${keptForm.discard}</a></p>
</form>`;
}

/** Returns the path of one of our own pages; anything else becomes the start page. */
const localPath = (path: string): string => (/^\/(?![/\\])/.test(path) ? path : '/');
