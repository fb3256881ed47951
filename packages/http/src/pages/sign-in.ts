import { AppError, fingerprint } from '@loopwell/kit';
import type { App } from '../app.ts';
import { RequestProblems } from '../errors.ts';
import { html } from '../html/html.ts';
import type { LateForms } from '../late-forms.ts';
import { cookieOf, hasRole, isSameOrigin, sessionCookie } from '../principal.ts';
import { english } from '../texts/en.ts';
import { countFailures } from './attempts.ts';
import { addKeptForms } from './kept-forms.ts';
import { menu } from './menu.ts';
import { createPages } from './pages.ts';
import { signInPage } from './sign-in-pages.ts';

/** The functions that use up one-time links and end sessions. */
export type SignInDoors = {
  /**
   * Uses up a one-time link and opens a session; undefined when the link is unknown, used or has
   * ended.
   */
  open: (secret: string, ttlMs: number) => Promise<string | undefined>;
  end: (session: string) => Promise<void>;
};

/** Options of signing in: https, and the limit of failures. */
export type SignInOptions = {
  /** True when people reach us by https. The cookie is then sent by https only. */
  secure: boolean;
  /**
   * The number of failed links from one address in five minutes before it is told that these are
   * too many.
   */
  attempts?: number;
  /** Offers forms again that arrived after the lock. */
  lateForms?: LateForms | undefined;
};

const sessionMs = 8 * 3_600_000;
/** How long the browser keeps the cookie after the lock, so that a late form shows whose it is. */
const lateMs = 12 * 3_600_000;
const windowMs = 300_000;
/** The number of failures after which a link is not looked up any more. */
const failuresOfLink = 5;

/**
 * Adds the routes for signing in with one-time links, for signing out, and for the start page. A
 * link shows a page with a button, and only the button uses it up, so mail scanners and link
 * previews do not. A session lasts eight hours.
 */
export function addSignIn(app: App, doors: SignInDoors, options: SignInOptions): void {
  const pages = createPages(app, { en: english });
  const open = limited(doors, options.attempts ?? 60);
  const tokenOf = (token: unknown): string =>
    typeof token === 'string' && /^[\w-]{16,128}$/.test(token) ? token : '';
  app.open('get', '/sign-in', (request, response) => {
    const token = tokenOf(request.query.token);
    pages.show(response, (texts) => ({
      title: texts.signIn.title,
      body: signInPage({ token }, texts),
    }));
  });
  app.open('post', '/sign-in', async (request, response) => {
    if (!isSameOrigin(request))
      throw new AppError('FORBIDDEN', 'Sign in from the page that the link shows');
    const body = request.body as { token?: unknown } | undefined;
    const session = await open(tokenOf(body?.token), request.ip ?? '');
    if (session === undefined) {
      return pages.show(response, ({ signIn }) => ({
        title: signIn.endedTitle,
        body: html`<p>${signIn.ended}</p>`,
        status: 403,
      }));
    }
    response.cookie(sessionCookie, session, {
      httpOnly: true,
      sameSite: 'lax',
      secure: options.secure,
      path: '/',
      maxAge: sessionMs + lateMs,
    });
    response.redirect(303, '/');
  });
  app.route('post', '/sign-out', { kind: 'person' }, async (request, response) => {
    await doors.end(cookieOf(request));
    response.clearCookie(sessionCookie, { path: '/' });
    response.redirect(303, '/sign-in');
  });
  const { lateForms } = options;
  if (lateForms) addKeptForms(app, lateForms);
  app.route('get', '/', { kind: 'person' }, async (_request, response, principal) => {
    const kept = (await lateForms?.list(principal.id)) ?? [];
    if (kept.length > 0) return response.redirect(303, '/kept-form');
    const first = menu.find(({ role }) => hasRole(principal.roles, role));
    if (!first)
      throw new AppError('FORBIDDEN', 'You are signed in, and no page here is for your role');
    response.redirect(303, first.href);
  });
}

/**
 * Opens links with a limit on failures for each link and each address. Guessing a link is hopeless,
 * so the limit only spares the database and informs the person. A good link opens whatever failed
 * before: behind a proxy or in a clinic all people share one address.
 */
function limited(
  doors: SignInDoors,
  attempts: number,
): (secret: string, address: string) => Promise<string | undefined> {
  const links = countFailures({ windowMs, mostKeys: 10_000 });
  const addresses = countFailures({ windowMs, mostKeys: 10_000 });
  return async (secret, address) => {
    const link = secret === '' ? '' : fingerprint(secret);
    if (link !== '' && links.of(link) >= failuresOfLink) throw tooMany();
    const session = link === '' ? undefined : await doors.open(secret, sessionMs);
    if (session !== undefined) return session;
    if (link !== '') links.add(link);
    if (addresses.add(address) > attempts) throw tooMany();
    return undefined;
  };
}

const tooMany = () =>
  new RequestProblems(
    'Too many attempts to sign in with links that have ended; a new link works at once',
    [],
    {
      status: 429,
      headers: { 'retry-after': String(windowMs / 1_000) },
    },
  );
