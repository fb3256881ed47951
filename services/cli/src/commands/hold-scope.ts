import { AppError } from '@loopwell/kit';
import { originOf } from '@loopwell/outbound';
import type { Holdable } from '@loopwell/store';

type ScopeKind = 'partner' | 'ehr' | 'connection' | 'receiver';

/** The scope that a command holds or releases, as given on the command line. */
export type ScopeRequest = { kind: 'all' } | { kind: ScopeKind; name: string };

const kindLabels: Readonly<Record<ScopeKind, string>> = {
  partner: 'partner',
  ehr: 'EHR',
  connection: 'connection',
  receiver: 'server',
};

const isScopeKind = (kind: string): kind is ScopeKind => Object.hasOwn(kindLabels, kind);

/**
 * Parses `all`, `partner X`, `ehr X`, `connection X` or `receiver <address>`. The word `sends` may
 * come before it.
 * @throws AppError REQUEST_INVALID for anything else
 */
export function parseScope(words: readonly string[]): ScopeRequest {
  const [kind = 'all', ...rest] = words[0] === 'sends' ? words.slice(1) : words;
  const name = rest.join(' ').trim();
  if (kind === 'all' && name === '') return { kind: 'all' };
  if (kind === 'receiver' && URL.canParse(name)) return { kind, name: originOf(name) };
  if (isScopeKind(kind) && kind !== 'receiver' && name !== '') return { kind, name };
  throw new AppError(
    'REQUEST_INVALID',
    'Say all, partner X, ehr X, connection X or receiver <address>',
  );
}

/**
 * Returns the scope under the name that holds are stored with. A partner may be named by id, name
 * or address, an EHR by id or FHIR base. A held scope counts even when it is no longer in the
 * directory.
 * @throws AppError REQUEST_INVALID with the names that are known
 */
export function requireScope(
  request: ScopeRequest,
  holdables: readonly Holdable[],
  heldScopes: readonly string[] = [],
): string {
  if (request.kind === 'all') return 'all';
  const ofKind = holdables.filter(({ scope }) => scope.startsWith(`${request.kind}:`));
  const name = withoutSlash(request.name);
  const named = ofKind.find(({ names }) => names.some((other) => withoutSlash(other) === name));
  if (named) return named.scope;
  const written = `${request.kind}:${request.name}`;
  if (heldScopes.includes(written)) return written;
  const knownNames = ofKind.map(labelOf).join(', ') || 'none';
  throw new AppError(
    'REQUEST_INVALID',
    `There is no ${kindLabels[request.kind]} of that name; known are: ${knownNames}`,
  );
}

const withoutSlash = (name: string): string => name.replace(/\/+$/, '');

/** Returns the first name, with the second in parentheses. */
function labelOf({ names }: Holdable): string {
  const [first = '', second] = names;
  return second === undefined ? first : `${first} (${second})`;
}
