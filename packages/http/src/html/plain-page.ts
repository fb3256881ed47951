import { html } from './html.ts';

/**
 * Renders a whole page with one sentence, without menu or catalog, so that it works when other
 * parts fail.
 */
export function plainPage(sentence: string): string {
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
<p><a href="/">Go to the start page</a></p>
</main>
</body>
</html>
`;
  return page.toString();
}
