import { html } from './html.ts';

/**
 * Renders a whole page with one sentence, without menu or catalog, so that it works when other
 * parts fail.
 *
 * @param isOfPartner the reader came by a partner's link, and the start page is not for them
 */
export function plainPage(sentence: string, isOfPartner = false): string {
  const back = isOfPartner
    ? 'Go back to the page before, and try again.'
    : html`<a href="/">Go to the start page</a>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Loopwell</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main id="main">
<h1>Loopwell</h1>
<p>${sentence}.</p>
<p>${back}</p>
</main>
</body>
</html>
`;
  return page.toString();
}
