import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { middleware } from 'express-openapi-validator';
import type { App } from './app.ts';

/**
 * Holds requests and responses below `/api/` to an OpenAPI file: what it does not describe is refused, and an answer that
 * breaks it is an error of ours. Call it before the routes are added. Whoever is not recognised is refused before the
 * contract says anything.
 *
 * @param file path of the YAML file
 */
export function addContract(app: App, file: string): void {
  app.express.use('/api', (request, _response, next) => {
    app.recognise(request).then(() => next(), next);
  });
  const checks = middleware({
    apiSpec: file,
    validateRequests: { allowUnknownQueryParameters: false },
    validateResponses: true,
    validateSecurity: false,
    ignoreUndocumented: true,
    ignorePaths: (path: string) => !path.startsWith('/api/'),
  });
  // What an earlier contract has recognised is that one's: this one would read its schemas by our components.
  const others = new WeakSet<object>();
  app.express.use((request, _response, next) => {
    if ('openapi' in request && request.openapi !== undefined) others.add(request);
    next();
  });
  for (const check of checks) {
    app.express.use((request, response, next) => (others.has(request) ? next() : check(request, response, next)));
  }
}

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
/** Files are sent from a root: otherwise a dot in the path to the packages (`.pnpm`) would hide them. */
const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const;

/** Swagger UI asks for nothing from elsewhere; it does need scripts, its own request, and images in style sheets. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/**
 * `GET /docs`: the APIs of this address, one page for each, readable without a network, for whoever is signed in. A page
 * for all would be simpler; Swagger UI mixes up the schemas of several descriptions on one page.
 *
 * @param files name of each API and the path of its YAML file
 */
export function addDocs(app: App, files: Readonly<Record<string, string>>): void {
  const person = { kind: 'person' } as const;
  const names = Object.keys(files);
  const [first = ''] = names;
  app.route('get', '/docs', person, (_request, response) => response.redirect(303, `/docs/${first}`));
  for (const name of swaggerFiles) {
    app.route('get', `/docs/${name}`, person, (_request, response) => response.sendFile(name, { root: swagger }));
  }
  for (const [name, file] of Object.entries(files)) {
    app.route('get', `/docs/${name}`, person, (_request, response) => {
      response.set('content-security-policy', docsPolicy).type('html').send(docsPage(names, name));
    });
    app.route('get', `/docs/${name}.js`, person, (_request, response) => {
      response.type('js').send(startScript(name));
    });
    app.route('get', `/docs/${name}.yaml`, person, (_request, response) =>
      response.type('yaml').sendFile(basename(file), { root: dirname(file) }),
    );
  }
}

const docsPage = (
  names: readonly string[],
  current: string,
): string => `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API of ${current} – Loopwell</title><link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="stylesheet" href="/style.css"></head>
<body class="docs"><header class="bar"><p class="brand"><a href="/">Loopwell</a></p><nav aria-label="APIs"><ul>
${names.map((name) => `<li><a href="/docs/${name}"${name === current ? ' aria-current="page"' : ''}>${name}</a></li>`).join('\n')}
</ul></nav></header>
<noscript>This page needs JavaScript. The description itself is <a href="/docs/${current}.yaml">${current}.yaml</a>.</noscript><div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/${current}.js"></script></body></html>`;

/** `validatorUrl: null`: otherwise Swagger UI shows our descriptions to a server of its makers. */
const startScript = (name: string): string =>
  `SwaggerUIBundle({ dom_id: '#ui', url: '/docs/${name}.yaml', validatorUrl: null, supportedSubmitMethods: [] });`;
