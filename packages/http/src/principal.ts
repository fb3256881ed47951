import { AppError } from '@loopwell/kit';
import type { Request } from 'express';
import type { Door } from './door.ts';

/**
 * The one who decides: the first argument of each function that decides, and a column of history
 * and receipts.
 */
export type Principal = {
  id: string;
  kind: 'person' | 'policy' | 'partner' | 'system';
  tenant: string;
  roles: readonly string[];
  /** Set for partners: ids of the Organizations that the bearer belongs to. */
  partners?: readonly string[];
  /** Set for signed-in people: when their session locks. */
  locksAt?: Date;
};

type Found = {
  tenant: string;
  principal: string;
  roles: readonly string[];
  routes: readonly string[];
  partners?: readonly string[];
  locksAt?: Date;
};

/** Finds what a presented secret gives access to. */
export type FindAccess = (
  kind: 'session' | 'service' | 'partner',
  secret: string,
) => Promise<Found | undefined>;

/**
 * The demand of a route. `open` is only for `/live`, `/ready`, the sign-in page and its style
 * sheet.
 */
export type Guard =
  | { kind: 'open' }
  /** A signed-in person. Without `role`, any role will do. */
  | { kind: 'person'; role?: string }
  | { kind: 'service' }
  | { kind: 'person-or-service'; role: string }
  | { kind: 'partner' };

export type ClosedGuard = Exclude<Guard, { kind: 'open' }>;

/** Names the cookie that holds the session's secret. */
export const sessionCookie = 'loopwell_session';

/** The role that may do everything that any other role may do. */
const adminRole = 'admin';

/** Returns whether the roles include a role, or the administrator's, which includes all. */
export const hasRole = (roles: readonly string[], role: string): boolean =>
  roles.includes(role) || roles.includes(adminRole);

const unauthenticated = () => new AppError('UNAUTHENTICATED', 'Sign in, or present a bearer token');
const forbidden = () => new AppError('FORBIDDEN', 'This sign-in or token may not do that');

export type PrincipalFinder = {
  /** @param route `METHOD path` as declared; a service token must list exactly this */
  require: (request: Request, guard: ClosedGuard, route: string) => Promise<Principal>;
  recognize: (request: Request, door: Door) => Promise<void>;
};

/**
 * Creates the functions that find the principal a guard demands. They refuse a caller that is not
 * recognized or lacks the role or route (deny by default).
 */
export function principalFinder(findAccess: FindAccess): PrincipalFinder {
  const find = onceForEachRequest(findAccess);
  return {
    async require(request, guard, route) {
      const bearer = bearerOf(request);
      if (bearer !== undefined && guard.kind !== 'person')
        return bearerPrincipal(request, guard, route, bearer, find);
      if (guard.kind === 'service' || guard.kind === 'partner') throw unauthenticated();
      return sessionPrincipal(request, guard, find);
    },
    async recognize(request, door) {
      const bearer = bearerOf(request);
      const secret = bearer ?? cookieOf(request);
      for (const kind of kindsAt(door, bearer !== undefined))
        if (await find(request, kind, secret)) return;
      throw unauthenticated();
    },
  };
}

type Kind = 'session' | 'service' | 'partner';

/** Returns which kinds of secret a door accepts. */
function kindsAt(door: Door, isBearer: boolean): readonly Kind[] {
  if (!isBearer) return ['session'];
  return door === 'fhir' ? ['partner', 'service'] : ['service'];
}

type Find = (request: Request, kind: Kind, secret: string) => Promise<Found | undefined>;

/**
 * Wraps `findAccess` so that the database is asked once for each request, although the contract's
 * check and the route's guard both ask.
 */
function onceForEachRequest(findAccess: FindAccess): Find {
  const asked = new WeakMap<Request, Map<string, Promise<Found | undefined>>>();
  return (request, kind, secret) => {
    if (secret === '') return Promise.resolve(undefined);
    const answers = asked.get(request) ?? new Map<string, Promise<Found | undefined>>();
    asked.set(request, answers);
    const answer = answers.get(kind) ?? findAccess(kind, secret);
    answers.set(kind, answer);
    return answer;
  };
}

async function bearerPrincipal(
  request: Request,
  guard: ClosedGuard,
  route: string,
  bearer: string,
  find: Find,
): Promise<Principal> {
  const kind = guard.kind === 'partner' ? 'partner' : 'service';
  const access = await find(request, kind, bearer);
  if (!access) throw unauthenticated();
  if (kind === 'service' && !access.routes.includes(route)) throw forbidden();
  const principal: Principal = {
    id: access.principal,
    kind: kind === 'partner' ? 'partner' : 'system',
    tenant: access.tenant,
    roles: access.roles,
  };
  return access.partners ? { ...principal, partners: access.partners } : principal;
}

async function sessionPrincipal(
  request: Request,
  guard: ClosedGuard,
  find: Find,
): Promise<Principal> {
  const access = await find(request, 'session', cookieOf(request));
  if (!access) throw unauthenticated();
  const role = 'role' in guard ? guard.role : undefined;
  if (role !== undefined && !hasRole(access.roles, role)) throw forbidden();
  if (!['GET', 'HEAD'].includes(request.method) && !isSameOrigin(request)) throw forbidden();
  const principal: Principal = {
    id: access.principal,
    kind: 'person',
    tenant: access.tenant,
    roles: access.roles,
  };
  return access.locksAt ? { ...principal, locksAt: access.locksAt } : principal;
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]+)$/.exec(request.get('authorization') ?? '')?.[1];
}

/** Returns the session's secret, or an empty string. */
export function cookieOf(request: Request): string {
  const pairs = (request.get('cookie') ?? '').split(/;\s*/).map((pair) => pair.split('='));
  return pairs.find(([name]) => name === sessionCookie)?.[1] ?? '';
}

/**
 * Returns whether a request comes from one of our own pages (Fetch Metadata, with Origin for
 * browsers that do not send it). Forms are accepted only then.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = request.get('origin');
  return (
    origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.get('host')
  );
}
