import { html } from './html.ts';

/**
 * A whole page for one sentence, without menu or catalog: it has to work when nothing else does.
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
