import { type Html, html, type Response } from '@loopwell/http';
import type { DoorTexts } from './door-texts.ts';

/** A page of a partner inside its frame. */
export type FramedPage = {
  texts: DoorTexts;
  /** The language of the body, as a tag. */
  language?: string;
  /** The partner whose link was opened. */
  partnerName?: string | undefined;
  /** The session that *Sign out* ends, and the pages beside the requests. */
  signedIn?: { token: string; formKey: string; isDirector: boolean } | undefined;
  body: Html;
  status?: number;
  /** The page is as long as others like it, so that its size tells nothing. */
  isPadded?: boolean;
};

/**
 * Answers with a page of a partner. It needs no script, no cache keeps it, and neither its title nor
 * its address tells anything about anybody.
 */
export function showFramed(response: Response, page: FramedPage): void {
  const markup = frame(page).toString();
  response.status(page.status ?? 200);
  response.set({
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
  });
  response.type('html').send(page.isPadded ? padded(markup) : markup);
}

/** Pages of the door have a length that is a multiple of this, in bytes. */
const block = 4_096;

const padded = (markup: string): string =>
  markup + ' '.repeat((block - (Buffer.byteLength(markup) % block)) % block);

function frame({ texts, language, partnerName, signedIn, body }: FramedPage): Html {
  return html`<!doctype html>
<html lang="${language ?? texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body class="door">
<header class="bar">
<p>${partnerName ?? texts.title}</p>
${signedIn && menu(signedIn, texts)}
</header>
<main id="main">
${body}
</main>
</body>
</html>
`;
}

function menu(signedIn: NonNullable<FramedPage['signedIn']>, texts: DoorTexts): Html {
  const { token, formKey, isDirector } = signedIn;
  const people = isDirector && html`<a href="/p/${token}/people">${texts.people}</a>`;
  return html`${people}
<form method="post" action="/p/${token}/sign-out">
<input type="hidden" name="check" value="${formKey}">
<button class="quiet">${texts.signOut}</button>
</form>`;
}
