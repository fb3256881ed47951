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
  for (const check of checks) app.express.use(check);
}

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
/** Files are sent from a root: otherwise a dot in the path to the packages (`.pnpm`) would hide them. */
const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

/** Swagger UI asks for nothing from elsewhere; it does need scripts, its own request, and images in style sheets. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/**
 * `GET /docs`: the API of this address, readable without a network, for whoever is signed in.
 *
 * @param files name of each API and the path of its YAML file
 */
export function addDocs(app: App, files: Readonly<Record<string, string>>): void {
  const person = { kind: 'person' } as const;
  const names = Object.keys(files);
  app.route('get', '/docs', person, (_request, response) => {
    response.set('content-security-policy', docsPolicy).type('html').send(docsPage);
  });
  app.route('get', '/docs/start.js', person, (_request, response) => {
    response.type('js').send(startScript(names));
  });
  for (const name of swaggerFiles) {
    app.route('get', `/docs/${name}`, person, (_request, response) => response.sendFile(name, { root: swagger }));
  }
  for (const [name, file] of Object.entries(files)) {
    app.route('get', `/docs/${name}.yaml`, person, (_request, response) =>
      response.type('yaml').sendFile(basename(file), { root: dirname(file) }),
    );
  }
}

const docsPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API – Loopwell</title><link rel="icon" href="/docs/favicon-32x32.png"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><noscript>This page needs JavaScript. The descriptions themselves are the YAML files next to it.</noscript><div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`;

/** `validatorUrl: null`: otherwise Swagger UI shows our descriptions to a server of its makers. */
const startScript = (names: readonly string[]): string =>
  names
    .map(
      (name, index) =>
        `document.getElementById('ui').appendChild(Object.assign(document.createElement('div'), { id: 'ui-${index}' }));` +
        `SwaggerUIBundle({ dom_id: '#ui-${index}', url: '/docs/${name}.yaml', validatorUrl: null, supportedSubmitMethods: [] });`,
    )
    .join('\n');
