import type { App, Request, Response } from '@loopwell/http';
import { type LinkedPartner, partnerDoor } from '@loopwell/store';
import { secondCodePage, showSignIn } from '../shell/code-pages.ts';
import { knownBrowser, senderOf } from '../shell/door-cookies.ts';
import { doorTexts } from '../shell/door-texts.ts';
import { showFramed } from '../shell/frame.ts';
import { type HelperDoor, tokenOf } from '../shell/helper-door.ts';
import { type SignInDeps, type SignInResult, signIn, takeSecondCode } from './sign-in.ts';

/** The most bytes of the form of a code. */
const formBytes = 2_048;

/** The page that a helper sees first, below the link: the list, or the one request in it. */
const firstPage = 'requests?first';

type Deps = { door: HelperDoor; signing: SignInDeps };

/**
 * Adds the pages by which helpers sign in and out. The link shows the partner's name and asks for a
 * code; nothing changes until a code is typed that a scanner does not have.
 */
export function addSignInRoutes(app: App, deps: Deps): void {
  const { door } = deps;
  app.open('get', '/p/:token', async (request, response) => {
    const helper = await door.asHelper(request);
    if (helper) return response.redirect(303, `/p/${helper.token}/${firstPage}`);
    return showSignIn(door, response, { token: tokenOf(request) });
  });
  app.open(
    'post',
    '/p/:token/sign-in',
    async (request, response) => typeCode(deps, request, response),
    { formBytes },
  );
  app.open(
    'post',
    '/p/:token/second-code',
    async (request, response) => typeSecondCode(deps, request, response),
    { formBytes },
  );
  door.post('/sign-out', async (request, response, helper) => {
    await door.db.tx(async (tx) => {
      await partnerDoor.endPartnerSession(tx, door.cookies.session(request));
      const { partner, helper: id } = helper;
      const event = { partner, kind: 'signed-out' as const, helper: id, by: `helper:${id}` };
      await partnerDoor.recordDoorEvent(tx, event);
    });
    door.cookies.clearSession(response);
    response.redirect(303, `/p/${helper.token}`);
  });
}

const codeIn = ({ body }: Request): string => {
  const { code } = (body ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code.slice(0, 40) : '';
};

/** A page of another site may not send a code for somebody. */
const isOfOtherSite = (request: Request): boolean =>
  !['same-origin', undefined].includes(request.get('sec-fetch-site'));

async function typeCode(
  { door, signing }: Deps,
  request: Request,
  response: Response,
): Promise<void> {
  const token = tokenOf(request);
  if (isOfOtherSite(request))
    return showSignIn(door, response, { token, notice: 'notFromHere', status: 403 });
  const linked = await partnerDoor.partnerOfLink(door.db, token);
  const { tenant } = door.db;
  const sender = senderOf(request, door.secrets, tenant, linked?.partner ?? '');
  const result = await signIn(signing, { linked, code: codeIn(request), sender });
  if (result.kind === 'signed-in') {
    const letIn = knownBrowser(sender.name, door.secrets, tenant, result.partner);
    door.cookies.setBrowser(response, letIn);
    door.cookies.setSession(response, result.session);
    return response.redirect(303, `/p/${token}/${firstPage}`);
  }
  if (linked && !sender.isKnown) door.cookies.setBrowser(response, sender.name);
  if (result.kind === 'second' && linked) {
    door.cookies.setSession(response, result.session);
    return showSecond(response, linked, result.way);
  }
  return refuse(door, response, token, result);
}

/** Says what was wrong with a code, the same for every link that is wrong. */
function refuse(
  door: HelperDoor,
  response: Response,
  token: string,
  result: SignInResult,
): Promise<void> {
  if (result.kind === 'wait') {
    const seconds = Math.ceil((result.until.getTime() - door.clock.now().getTime()) / 1_000);
    response.set('retry-after', String(Math.max(1, seconds)));
    const notice = { waitUntil: result.until };
    return showSignIn(door, response, { token, notice, status: 429 });
  }
  const notice = noticeOf(result);
  return showSignIn(door, response, { token, notice, status: 403 });
}

function noticeOf({ kind }: SignInResult) {
  if (kind === 'nothing-typed') return 'nothing';
  return kind === 'no-second-way' ? 'noSecond' : 'wrong';
}

async function typeSecondCode(
  { door, signing }: Deps,
  request: Request,
  response: Response,
): Promise<void> {
  const token = tokenOf(request);
  const linked = await partnerDoor.partnerOfLink(door.db, token);
  const isRefused = !linked || isOfOtherSite(request);
  if (isRefused) return showSignIn(door, response, { token, notice: 'notFromHere', status: 403 });
  const session = door.cookies.session(request);
  const result = await takeSecondCode(signing, { session, code: codeIn(request) });
  if (result === 'wrong') return showSecond(response, linked, 'wrong');
  if (result === 'ended')
    return showSignIn(door, response, { token, notice: 'secondEnded', status: 403 });
  const { tenant } = door.db;
  const { name } = senderOf(request, door.secrets, tenant, linked.partner);
  door.cookies.setBrowser(response, knownBrowser(name, door.secrets, tenant, linked.partner));
  response.redirect(303, `/p/${token}/${firstPage}`);
}

const showSecond = (
  response: Response,
  linked: LinkedPartner,
  state: 'text' | 'email' | 'wrong',
): void =>
  showFramed(response, {
    texts: doorTexts,
    partnerName: linked.name,
    body: secondCodePage(linked, { state, texts: doorTexts }),
    status: state === 'wrong' ? 403 : 200,
  });
