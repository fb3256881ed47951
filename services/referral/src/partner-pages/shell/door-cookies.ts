import type { Request, Response } from '@loopwell/http';
import { newSecret } from '@loopwell/kit';
import { type CodeSender, placeAtDoor, type Secrets } from '@loopwell/store';

/** Holds the secret of a helper's session. The browser forgets it when it is closed. */
const sessionName = 'loopwell_partner';
/** Holds the name of a browser, by which its wrong codes are counted. */
const browserName = 'loopwell_browser';

const browserDays = 180;

/** Sets the cookies of the door: for its own addresses alone, and never for a script. */
export function doorCookies(isHttps: boolean) {
  const options = { httpOnly: true, sameSite: 'strict', secure: isHttps, path: '/p' } as const;
  return {
    session: (request: Request): string => cookieNamed(request, sessionName),
    setSession: (response: Response, secret: string) =>
      void response.cookie(sessionName, secret, options),
    clearSession: (response: Response) => void response.clearCookie(sessionName, options),
    setBrowser: (response: Response, browser: string) =>
      void response.cookie(browserName, browser, {
        ...options,
        maxAge: browserDays * 86_400_000,
      }),
  };
}

/** The cookies of the door. */
export type DoorCookies = ReturnType<typeof doorCookies>;

function cookieNamed(request: Request, name: string): string {
  const pairs = (request.get('cookie') ?? '').split(/;\s*/).map((pair) => pair.split('='));
  return pairs.find(([found]) => found === name)?.[1] ?? '';
}

const browserId = /^[\w-]{16}$/;

/** Makes the name of a browser that has none yet. A form carries it until a cookie does. */
export const newBrowser = (): string => newSecret(12);

/** A browser that sends a code. `name` is what its cookie holds from now on, without a sign-in. */
export type Sender = CodeSender & { name: string };

/**
 * Tells who sends a code. A browser without a name counts as all those of its kind in its network.
 *
 * @param partner whose helper may have signed in with this browser before
 */
export function senderOf(
  request: Request,
  secrets: Secrets,
  tenant: string,
  partner: string,
): Sender {
  const { browser: named } = (request.body ?? {}) as { browser?: unknown };
  const [id = '', signature = ''] = cookieNamed(request, browserName).split('.');
  const name = [id, String(named ?? '')].find((text) => browserId.test(text));
  const network = networkOf(request.ip ?? '');
  return {
    name: name ?? newBrowser(),
    browser: name ?? `${network} ${request.get('user-agent') ?? ''}`,
    network,
    isKnown: name === id && signaturesOf(id, secrets, tenant, partner).includes(signature),
  };
}

const signaturesOf = (id: string, secrets: Secrets, tenant: string, partner: string) =>
  secrets.digests(
    id,
    placeAtDoor({
      tenant,
      what: 'browser',
      of: partner,
    }),
  );

/** Marks a browser in which a helper of a partner has signed in. */
export const knownBrowser = (name: string, secrets: Secrets, tenant: string, partner: string) =>
  `${name}.${signaturesOf(name, secrets, tenant, partner)[0]}`;

/** Gives the network of an address: the first half of one of IP version 6, which one household has. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [start = '', end = ''] = address.split('::');
  const [before, after] = [start, end].map((text) => text.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0');
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(':');
}
