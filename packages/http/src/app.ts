import type { Server } from 'node:http';
import { AppError, errorRecord, type Log } from '@loopwell/kit';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { type FindAccess, type Guard, type Principal, requirePrincipal } from './principal.ts';

export type Handler = (request: Request, response: Response, principal: Principal) => Promise<void> | void;
export type Method = 'get' | 'post' | 'delete';

export type App = {
  express: Express;
  /** Every route says whom it is for; there is no way to add one without. */
  route: (method: Method, path: string, guard: Exclude<Guard, { kind: 'open' }>, handler: Handler) => void;
  open: (method: Method, path: string, handler: (request: Request, response: Response) => Promise<void> | void) => void;
};

export type AppOptions = {
  log: Log;
  findAccess: FindAccess;
  /** Each answers with a sentence when it is not ready. */
  readiness: Readonly<Record<string, () => Promise<string | undefined>>>;
};

/** An Express app with our manners: strict headers, small bodies, a guard on every route, errors in the caller's format. */
export function createApp(options: AppOptions): App {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(helmet({ contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], styleSrc: ["'self'"], imgSrc: ["'self'"], formAction: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"], upgradeInsecureRequests: null } } }));
  app.use(express.json({ limit: '1mb', type: ['application/json', 'application/fhir+json'] }));
  app.use(express.urlencoded({ extended: false, limit: '256kb' }));
  app.get('/live', (_request, response) => void response.json({ status: 'live' }));
  app.get('/ready', (_request, response) => answerReady(options, response));
  return {
    express: app,
    route(method, path, guard, handler) {
      app[method](path, async (request, response) => {
        const principal = await requirePrincipal(request, guard, `${method.toUpperCase()} ${path}`, options.findAccess);
        await handler(request, response, principal);
      });
    },
    open(method, path, handler) {
      app[method](path, async (request, response) => handler(request, response));
    },
  };
}

async function answerReady(options: AppOptions, response: Response): Promise<void> {
  const checks = await Promise.all(
    Object.entries(options.readiness).map(async ([name, check]) => [name, await check().catch(() => 'The check failed')] as const),
  );
  const reasons = Object.fromEntries(checks.filter(([, reason]) => reason !== undefined));
  const ready = Object.keys(reasons).length === 0;
  response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not-ready', reasons });
}

/** Last of all: what no route answered, and every error, in the format of the path. */
export function finish(app: App, log: Log): void {
  app.express.use((_request, _response, next) => next(new AppError('NOT_FOUND', 'There is nothing at this address')));
  app.express.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { status, code, message } = translate(error);
    if (status >= 500) log.error('A request failed', error);
    if (response.headersSent) return void response.end();
    if (request.path.startsWith('/fhir')) return void response.status(status).type('application/fhir+json').send(JSON.stringify(outcome(code, message)));
    if (request.path.startsWith('/api/')) return void response.status(status).type('application/problem+json').send(JSON.stringify({ type: 'about:blank', title: message, status, code }));
    if (status === 401 && request.accepts('html')) return void response.redirect(303, '/sign-in');
    response.status(status).type('html').send(page(message));
  });
}

function translate(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof AppError) return { status: error.status, code: error.code, message: error.message };
  // Body parsers throw http-errors with a status of their own; their messages may quote the body.
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  if (status >= 400 && status < 500) return { status, code: 'REQUEST_INVALID', message: 'The request could not be read' };
  const { code } = errorRecord(error);
  return { status: 500, code, message: 'Something went wrong on our side' };
}

const issueCodes: Readonly<Record<string, string>> = { UNAUTHENTICATED: 'login', FORBIDDEN: 'forbidden', NOT_FOUND: 'not-found', REQUEST_INVALID: 'invalid', CONFLICT: 'conflict' };

const outcome = (code: string, text: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: issueCodes[code] ?? 'exception', details: { text } }],
});

const page = (message: string) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Loopwell</title><link rel="stylesheet" href="/style.css"><main><h1>Loopwell</h1><p>${message}</p></main></html>`;

/**
 * Listens, and says where.
 *
 * @throws AppError CONFIG_INVALID when the port is taken
 */
export function listen(app: App, where: { host: string; port: number }): Promise<{ address: string; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server: Server = app.express.listen(where.port, where.host, (error?: Error) => {
      if (error) return reject(portError(error, where.port));
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : where.port;
      resolve({ address: `http://${where.host === '0.0.0.0' ? '127.0.0.1' : where.host}:${port}`, close: () => closeServer(server) });
    });
  });
}

function portError(error: Error, port: number): AppError {
  const busy = 'code' in error && error.code === 'EADDRINUSE';
  const message = busy ? `Port ${port} is in use; choose another with --port` : `Port ${port} cannot be listened on`;
  return new AppError('CONFIG_INVALID', message);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2_000).unref();
  });
}
