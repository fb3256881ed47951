import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { middleware } from 'express-openapi-validator';
import type { App } from './app.ts';
import { hasBody, mediaTypeOf } from './body.ts';
import { type Problem, RequestProblems } from './errors.ts';

/**
 * Checks requests and answers below `/api/` against an OpenAPI file. A request that it does not
 * describe is refused; an answer that breaks it is an error of ours. Several contracts may be
 * added; each request is checked against the one that describes it.
 *
 * DECISIONS D119.
 * @param file path of the YAML file
 */
export function addContract(app: App, file: string): void {
  const checks = middleware({
    apiSpec: file,
    validateRequests: { allowUnknownQueryParameters: false, discriminator: true },
    validateResponses: true,
    validateSecurity: false,
    fileUploader: false,
    ignoreUndocumented: true,
  });
  app.contracts.push(async (request, response) => {
    for (const check of checks) await passed(check, request, response);
    const { openapi } = request as {
      openapi?: { expressRoute: string; schema: { requestBody?: RequestBody } };
    };
    if (openapi) checkBody(request, openapi.schema.requestBody);
    return openapi?.expressRoute;
  });
}

type RequestBody = { required?: boolean; content: Readonly<Record<string, unknown>> };

/**
 * Refuses a body that the validator lets pass: one that is not described, one of another media
 * type, or none where one is required.
 */
function checkBody(request: Request, described: RequestBody | undefined): void {
  if (!['POST', 'PUT'].includes(request.method)) return;
  const problem = bodyProblem(request, described);
  if (!problem) return;
  const { path, rule } = problem;
  throw new RequestProblems('The body is not what this address takes', [{ path, rule }], problem);
}

function bodyProblem(
  request: Request,
  described: RequestBody | undefined,
): (Problem & { status: number }) | undefined {
  if (!hasBody(request))
    return described?.required ? { path: '/body', rule: 'required', status: 400 } : undefined;
  const type = mediaTypeOf(request) ?? '';
  // An empty object has no content and does no harm.
  if (!described)
    return type === 'application/json' && isEmpty(request.body)
      ? undefined
      : { path: '/body', rule: 'none', status: 400 };
  if (Object.keys(described.content).includes(type)) return undefined;
  return { path: '/headers/content-type', rule: 'media-type', status: 415 };
}

const isEmpty = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.keys(body).length === 0;

function passed(check: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    Promise.resolve(
      check(request, response, (error?: unknown) => (error ? reject(error) : resolve())),
    ).catch(reject);
  });
}

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
/**
 * Names the files of Swagger UI that are served. They are sent from a root, because a dot in the
 * path to the packages (`.pnpm`) would hide them otherwise.
 */
const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const;

/**
 * The content security policy of the API pages. Swagger UI needs scripts, its own request, and
 * images in style sheets, but nothing from other sites.
 */
const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * Adds `GET /docs`: one page for each API of this address, for signed-in people, readable without a
 * network. There is one page for each, because Swagger UI mixes up the schemas of several
 * descriptions on one page.
 * @param files name of each API and the path of its YAML file
 */
export function addDocs(app: App, files: Readonly<Record<string, string>>): void {
  const person = { kind: 'person' } as const;
  const names = Object.keys(files);
  const [first = ''] = names;
  app.route('get', '/docs', person, (_request, response) =>
    response.redirect(303, `/docs/${first}`),
  );
  for (const name of swaggerFiles) {
    app.route('get', `/docs/${name}`, person, (_request, response) =>
      response.sendFile(name, { root: swagger }),
    );
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

function docsPage(names: readonly string[], current: string): string {
  const links = names.map((name) => {
    const isCurrent = name === current ? ' aria-current="page"' : '';
    return `<li><a href="/docs/${name}"${isCurrent}>${name}</a></li>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API of ${current} – Loopwell</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="stylesheet" href="/style.css"></head>
<body class="docs"><header class="bar"><p class="brand"><a href="/">Loopwell</a></p>
<nav aria-label="APIs"><ul>
${links.join('\n')}
</ul></nav></header>
<noscript>This page needs JavaScript. The description itself is
<a href="/docs/${current}.yaml">${current}.yaml</a>.</noscript><div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/${current}.js"></script></body></html>`;
}

/**
 * Returns the script that starts Swagger UI. With `validatorUrl: null` Swagger UI does not show our
 * descriptions to a server of its makers.
 */
const startScript = (name: string): string =>
  `SwaggerUIBundle({ dom_id: '#ui', url: '/docs/${name}.yaml',
  validatorUrl: null, supportedSubmitMethods: [] });`;
