import { AppError } from '@loopwell/kit';
import type { Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { App } from './app.ts';
import { cookieOf, hasRole, isSameOrigin, sessionCookie } from './principal.ts';
import { createViews } from './views.ts';

export type SignInDoors = {
  /** Uses up a one-time link and opens a session; undefined when the link is unknown, used or has ended. */
  open: (secret: string, ttlMs: number) => Promise<string | undefined>;
  end: (session: string) => Promise<void>;
};

export type SignInOptions = {
  /** True when people reach us by https: then the cookie goes nowhere else. */
  secure: boolean;
  /** Attempts from one address in five minutes. */
  attempts?: number;
};

const sessionMs = 8 * 3_600_000;

/**
 * One-time links: the link shows a page with a button, and only the button uses it up, so that mail scanners and link
 * previews do not. A session lasts eight hours.
 */
export function addSignIn(app: App, doors: SignInDoors, options: SignInOptions): void {
  const views = createViews(app, new URL('../views/', import.meta.url));
  const limit = limited(options.attempts ?? 60);
  const tokenOf = (value: unknown): string => (typeof value === 'string' && /^[\w-]{16,128}$/.test(value) ? value : '');
  app.open('get', '/sign-in', (request, response) => {
    views(response, { template: 'sign-in', title: 'Sign in', data: { token: tokenOf(request.query.token) } });
  });
  app.open('post', '/sign-in', async (request, response) => {
    await limit(request, response);
    if (!isSameOrigin(request)) throw new AppError('FORBIDDEN', 'Sign in from the page that the link shows');
    const body = request.body as { token?: unknown } | undefined;
    const session = await doors.open(tokenOf(body?.token), sessionMs);
    if (session === undefined) {
      return views(response, { template: 'link-used', title: 'This link has ended', data: {}, status: 403 });
    }
    response.cookie(sessionCookie, session, {
      httpOnly: true,
      sameSite: 'lax',
      secure: options.secure,
      path: '/',
      maxAge: sessionMs,
    });
    response.redirect(303, '/');
  });
  app.route('post', '/sign-out', { kind: 'person' }, async (request, response) => {
    await doors.end(cookieOf(request));
    response.clearCookie(sessionCookie, { path: '/' });
    response.redirect(303, '/sign-in');
  });
  app.route('get', '/', { kind: 'person' }, (_request, response, principal) => {
    const first = app.nav.find((one) => hasRole(principal.roles, one.role));
    if (!first) throw new AppError('FORBIDDEN', 'You are signed in, and no page here is for your role');
    response.redirect(303, first.href);
  });
}

/** Guessing a link is hopeless; this keeps somebody who tries from keeping the database busy. */
function limited(attempts: number): (request: Request, response: Response) => Promise<void> {
  const handler: RequestHandler = rateLimit({
    windowMs: 300_000,
    limit: attempts,
    legacyHeaders: false,
    standardHeaders: false,
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) => next(new AppError('FORBIDDEN', 'Too many attempts to sign in; try again in five minutes')),
  });
  return (request, response) =>
    new Promise((resolve, reject) => {
      handler(request, response, (error?: unknown) => (error ? reject(error) : resolve()));
    });
}
