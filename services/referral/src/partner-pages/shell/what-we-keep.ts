import { type App, html } from '@loopwell/http';
import { partnerDoor } from '@loopwell/store';
import { showSignIn } from './code-pages.ts';
import { type Clinic, doorTexts } from './door-texts.ts';
import { showFramed } from './frame.ts';
import { type HelperDoor, tokenOf } from './helper-door.ts';

/**
 * Adds the page that says what is kept about a partner's clients. It is behind the link and needs no
 * code, since it tells nothing about anybody.
 */
export function addWhatWeKeep(app: App, door: HelperDoor): void {
  app.open('get', '/p/:token/what-we-keep', async (request, response) => {
    const token = tokenOf(request);
    const linked = await partnerDoor.partnerOfLink(door.db, token);
    if (!linked) return showSignIn(door, response, { token });
    const helper = await door.asHelper(request);
    const body = pageBody(door.clinic(), linked.token);
    if (helper) return door.show(response, helper, { body });
    showFramed(response, { texts: doorTexts, partnerName: linked.name, body, isPadded: true });
  });
}

function pageBody(clinic: Clinic, token: string) {
  const { keep, ...texts } = doorTexts;
  const parts = keep.parts(clinic).map(
    ({ title, sentences }) =>
      html`<h2>${title}</h2>
<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`,
  );
  return html`<h1>${texts.whatWeKeep}</h1>
${parts}
<p><a href="/p/${token}">${texts.back}</a></p>`;
}
