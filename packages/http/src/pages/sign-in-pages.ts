import { hiddenField } from '../components/fields.ts';
import { type Html, html } from '../html/html.ts';
import type { ShellTexts } from '../texts/en.ts';

/**
 * Renders the page of a sign-in link: one button, so that a mail scanner that follows the link does
 * not use it up.
 */
export function signInPage({ token }: { token: string }, { signIn }: ShellTexts): Html {
  if (token === '') return html`<p>${signIn.needsLink}</p>`;
  return html`<p>${signIn.once}</p>
<form method="post" action="/sign-in">
  ${hiddenField('token', token)}
  <button class="primary">${signIn.button}</button>
</form>`;
}
