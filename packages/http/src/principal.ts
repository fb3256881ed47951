import { AppError } from '@loopwell/kit';
import type { Request } from 'express';

/** Who decides: first argument of every story that decides, column of history and receipts. */
export type Principal = {
  id: string;
  kind: 'person' | 'policy' | 'partner' | 'system';
  organisation: string;
  roles: readonly string[];
  /** Set for partners: the directory's id. */
  partner?: string;
};

/** What an app must be able to find out about presented secrets. */
export type FindAccess = (
  kind: 'session' | 'service' | 'partner',
  secret: string,
) => Promise<{ organisation: string; principal: string; roles: readonly string[]; routes: readonly string[]; partner?: string } | undefined>;

/** What a route demands. `open` is for `/live`, `/ready` and the sign-in page, and nothing else. */
export type Guard = { kind: 'open' } | { kind: 'person'; role: string } | { kind: 'service' } | { kind: 'person-or-service'; role: string } | { kind: 'partner' };

export const sessionCookie = 'loopwell_session';

const unauthenticated = () => new AppError('UNAUTHENTICATED', 'Sign in, or present a bearer token');
const forbidden = () => new AppError('FORBIDDEN', 'This principal may not do that');

/** Finds the principal that a guard demands. Deny by default: whoever is not recognised, or lacks the role or route, is refused. */
export async function requirePrincipal(request: Request, guard: Exclude<Guard, { kind: 'open' }>, route: string, find: FindAccess): Promise<Principal> {
  const bearer = /^Bearer ([A-Za-z0-9._~+/=-]+)$/.exec(request.get('authorization') ?? '')?.[1];
  if (bearer !== undefined && guard.kind !== 'person') {
    const kind = guard.kind === 'partner' ? 'partner' : 'service';
    const access = await find(kind, bearer);
    if (!access) throw unauthenticated();
    if (kind === 'service' && !access.routes.includes(route)) throw forbidden();
    return {
      id: access.principal,
      kind: kind === 'partner' ? 'partner' : 'system',
      organisation: access.organisation,
      roles: access.roles,
      ...(access.partner ? { partner: access.partner } : {}),
    };
  }
  if (guard.kind !== 'person' && guard.kind !== 'person-or-service') throw unauthenticated();
  const access = await find('session', cookieOf(request) ?? '');
  if (!access) throw unauthenticated();
  if (!access.roles.includes(guard.role) && !access.roles.includes('admin')) throw forbidden();
  if (request.method !== 'GET' && !isSameOrigin(request)) throw forbidden();
  return { id: access.principal, kind: 'person', organisation: access.organisation, roles: access.roles };
}

function cookieOf(request: Request): string | undefined {
  const pairs = (request.get('cookie') ?? '').split(/;\s*/).map((pair) => pair.split('='));
  return pairs.find(([name]) => name === sessionCookie)?.[1];
}

/** Forms are accepted from our own pages only (Fetch Metadata, with Origin for browsers that do not send it). */
function isSameOrigin(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = request.get('origin');
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.get('host');
}
