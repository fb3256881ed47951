import { timingSafeEqual } from 'node:crypto';
import type { App, Html, Request, Response } from '@loopwell/http';
import { type HelperSession, partnerDoor } from '@loopwell/store';
import { type SignInNotice, showSignIn } from './code-pages.ts';
import { type DoorCookies, doorCookies } from './door-cookies.ts';
import { doorTexts } from './door-texts.ts';
import { showFramed } from './frame.ts';
import type { PartnerPageDeps } from './page-deps.ts';

/** A helper who is signed in, and the link that they have opened. */
export type SignedInHelper = HelperSession & { token: string };

/** Answers a request of a helper. */
export type HelperHandler = (
  request: Request,
  response: Response,
  helper: SignedInHelper,
) => Promise<void> | void;

/** The most bytes of a form of a helper: notes in any alphabet, and nothing that fills a disk. */
const formBytes = 65_536;

/** The door of helpers: it lets nobody in who is not signed in. */
export type HelperDoor = PartnerPageDeps & {
  cookies: DoorCookies;
  /** Finds the helper who sends a request; undefined for everybody else. */
  asHelper: (request: Request) => Promise<SignedInHelper | undefined>;
  /** Adds a page below `/p/:token` for helpers who are signed in. */
  get: (path: string, handler: HelperHandler) => void;
  /** Adds a form below `/p/:token`. It has to bring along the `formKey` of its session as `check`. */
  post: (path: string, handler: HelperHandler) => void;
  /** Answers with a page inside the frame. */
  show: (response: Response, helper: SignedInHelper, page: HelperPage) => void;
};

/** A page for a helper. */
export type HelperPage = { body: Html; language?: string; status?: number };

/** Opens the door of helpers on an app. */
export function createHelperDoor(app: App, deps: PartnerPageDeps): HelperDoor {
  const cookies = doorCookies(deps.isHttps);
  const asHelper = async (request: Request) => {
    const token = tokenOf(request);
    const secret = cookies.session(request);
    if (secret === '') return undefined;
    const session = await partnerDoor.usePartnerSession(deps.db, { secret, token });
    return session && { ...session, token };
  };
  const door: HelperDoor = {
    ...deps,
    cookies,
    asHelper,
    get: (path, handler) =>
      app.open('get', `/p/:token${path}`, async (request, response) => {
        const helper = await asHelper(request);
        if (helper) return handler(request, response, helper);
        return refuse(door, request, response, 'endedShort');
      }),
    post: (path, handler) => addForm(app, door, path, handler),
    show: (response, { partnerName, token, formKey, role }, page) =>
      showFramed(response, {
        texts: doorTexts,
        partnerName,
        signedIn: { token, formKey, isDirector: role === 'director' },
        ...page,
      }),
  };
  return door;
}

/** Adds a form. Nothing of it is read before its sender is known. */
function addForm(app: App, door: HelperDoor, path: string, handler: HelperHandler): void {
  const senders = new WeakMap<Request, SignedInHelper>();
  const admits = async (request: Request, response: Response) => {
    const helper = await door.asHelper(request);
    if (helper) senders.set(request, helper);
    else await refuse(door, request, response, 'ended');
    return helper !== undefined;
  };
  const answer = async (request: Request, response: Response) => {
    const helper = senders.get(request);
    if (!helper || isFromElsewhere(request, helper.formKey))
      return refuse(door, request, response, 'notFromHere');
    return handler(request, response, helper);
  };
  app.open('post', `/p/:token${path}`, answer, { formBytes, admits });
}

/** Gives the token in the address of a request. */
export const tokenOf = ({ params }: Request): string => String(params.token ?? '');

/** Shows the sign-in page in place of what was asked for. Nothing was done. */
const refuse = (door: HelperDoor, request: Request, response: Response, notice: SignInNotice) =>
  showSignIn(door, response, { token: tokenOf(request), notice, status: 403 });

/**
 * Tells whether a form came from another site, or without the key of its session. Browsers say where
 * a form comes from; old ones say nothing, and then the key decides alone.
 */
function isFromElsewhere(request: Request, formKey: string): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return true;
  const { check } = (request.body ?? {}) as { check?: unknown };
  const [sent, expected] = [Buffer.from(String(check ?? '')), Buffer.from(formKey)];
  return sent.length !== expected.length || !timingSafeEqual(sent, expected);
}
