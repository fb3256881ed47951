const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A whole page for one sentence, without templates: it has to work when nothing else does. */
export function plainPage(sentence: string): string {
  const text = sentence.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>Loopwell</title><link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/style.css"></head>',
    `<body><main id="main"><h1>Loopwell</h1><p>${text}.</p><p><a href="/">To the start</a></p></main></body></html>`,
  ].join('');
}
