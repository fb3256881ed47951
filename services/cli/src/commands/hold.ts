import { userInfo } from 'node:os';
import { originOf } from '@loopwell/fhir/client';
import { AppError, newId } from '@loopwell/kit';
import {
  type Database,
  deleteConnection,
  type Holdable,
  hangingOn,
  holds,
  sendPreview,
} from '@loopwell/store';
import { tenant } from '../run/run.ts';
import { prospectLines } from '../run/send-preview-text.ts';
import type { Environment } from '../run/session.ts';
import { withDatabase } from './data-directory.ts';

type HoldOptions = { dataDir?: string; reason?: string; by?: string };

/** Who it was: as said, else the account of the system that the command was called from. */
export function principalOf({ by }: { by?: string }): string {
  const name = by ?? accountName();
  if (/^[A-Za-z0-9.@_-]{1,64}$/.test(name)) return `person:${name}`;
  throw new AppError(
    'REQUEST_INVALID',
    '--by takes a name or an address of up to 64 letters, digits and .@_-',
  );
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return 'command-line';
  }
}

const print = (text: string) => process.stdout.write(`${text}\n`);

type Kind = 'partner' | 'ehr' | 'connection' | 'receiver';
type Scope = { kind: 'all' } | { kind: Kind; name: string };

const kinds: readonly string[] = ['partner', 'ehr', 'connection', 'receiver'] satisfies Kind[];

/** `all`, `partner X`, `ehr X`, `connection X` or `receiver <address>`; a leading `sends` may be said or not. */
function scopeOf(words: readonly string[]): Scope {
  const [kind = 'all', ...rest] = words[0] === 'sends' ? words.slice(1) : words;
  const name = rest.join(' ').trim();
  if (kind === 'all' && name === '') return { kind: 'all' };
  if (kind === 'receiver' && URL.canParse(name)) return { kind, name: originOf(name) };
  if (kinds.includes(kind) && kind !== 'receiver' && name !== '')
    return { kind: kind as Kind, name };
  throw new AppError(
    'REQUEST_INVALID',
    'Say all, partner X, ehr X, connection X or receiver <address>',
  );
}

const called: Readonly<Record<Kind, string>> = {
  partner: 'partner',
  ehr: 'EHR',
  connection: 'connection',
  receiver: 'server',
};

/**
 * A scope as it is kept. A partner may be named by id, name or address, an EHR by id or FHIR base. What is held already may
 * have left the directory since.
 *
 * @throws AppError REQUEST_INVALID with those that are known
 */
function requireScope(
  scope: Scope,
  known: readonly Holdable[],
  held: readonly string[] = [],
): string {
  if (scope.kind === 'all') return 'all';
  const some = known.filter((one) => one.scope.startsWith(`${scope.kind}:`));
  const name = scope.name.replace(/\/+$/, '');
  const found = some.find((one) => one.names.some((other) => other.replace(/\/+$/, '') === name));
  if (found) return found.scope;
  const left = held.find((one) => one === `${scope.kind}:${scope.name}`);
  if (left) return left;
  const list = some
    .map((one) => [one.names[0], ...one.names.slice(1, 2).map((other) => `(${other})`)].join(' '))
    .join(', ');
  throw new AppError(
    'REQUEST_INVALID',
    `There is no ${called[scope.kind]} of that name; known are: ${list || 'none'}`,
  );
}

const readHeld = async (db: Database): Promise<string[]> =>
  (await db.tx((tx) => holds.loadHolds(tx, tenant))).map((one) => one.scope);

/** `loopwell hold sends`: everything outgoing stops within seconds; pulling goes on. Holding twice changes nothing. */
export async function holdCommand(
  words: readonly string[],
  options: HoldOptions,
  environment: Environment,
): Promise<number> {
  if (words[0] !== 'sends')
    throw new AppError(
      'REQUEST_INVALID',
      'Only sends can be held: loopwell hold sends [all|partner X|ehr X]',
    );
  return put(scopeOf(words), options, environment, 'Held');
}

/** `loopwell pause X`: that EHR is neither read nor written to until it is resumed; what is stored stays. */
export const pauseCommand = (
  connection: string,
  options: HoldOptions,
  environment: Environment,
): Promise<number> => put({ kind: 'connection', name: connection }, options, environment, 'Paused');

async function put(
  wanted: Scope,
  options: HoldOptions,
  environment: Environment,
  said: 'Held' | 'Paused',
): Promise<number> {
  const principal = principalOf(options);
  return withDatabase(options, environment, async (db) => {
    const scope = requireScope(wanted, await holds.holdables(db, tenant));
    const isHeld = (await readHeld(db)).includes(scope);
    if (!isHeld) {
      await db.tx((tx) =>
        holds.addHold(tx, {
          tenant,
          scope,
          principal,
          ...(options.reason ? { reason: options.reason } : {}),
        }),
      );
    }
    print(isHeld ? `${said} already: ${scope}` : `${said}: ${scope}`);
    return 0;
  });
}

/** `loopwell resume X`: reading goes on from where it stopped. */
export const resumeCommand = (
  connection: string,
  options: HoldOptions,
  environment: Environment,
): Promise<number> =>
  releaseCommand(['connection', connection], { ...options, show: false }, environment);

/** `loopwell release`: shows first what would go and to whom; with --show only that. */
export async function releaseCommand(
  words: readonly string[],
  options: HoldOptions & { show: boolean },
  environment: Environment,
): Promise<number> {
  const wanted = scopeOf(words);
  const principal = principalOf(options);
  return withDatabase(options, environment, async (db) => {
    const held = await readHeld(db);
    const scope = requireScope(wanted, await holds.holdables(db, tenant), held);
    const lines = await heldLines(db, scope, held);
    for (const line of lines.length > 0 ? lines : ['Nothing would go now.']) print(line);
    if (options.show) return 0;
    if (!held.includes(scope))
      throw new AppError(
        'NOT_FOUND',
        `${scope} is not held; held are: ${held.join(', ') || 'none'}`,
      );
    const wish = {
      tenant,
      scope,
      batch: newId(),
      principal,
      ...(options.reason ? { reason: options.reason } : {}),
    };
    await db.tx((tx) => holds.letGo(tx, wish));
    print(`Released: ${scope}`);
    const others = held.filter((one) => one !== scope);
    if (others.length > 0) print(`Still held: ${others.join(', ')}`);
    return 0;
  });
}

/** What a release of a scope would let go while the other holds stand, in sentences. */
async function heldLines(db: Database, scope: string, held: readonly string[]): Promise<string[]> {
  const all = await db.tx((tx) => sendPreview.readSendPreview(tx, tenant));
  const others = new Set(held.filter((one) => one !== scope));
  const goes = (...own: string[]) =>
    ['all', ...own].includes(scope) && !['all', ...own].some((one) => others.has(one));
  const referrals = all.referrals.filter(
    (one) => one.gate === 'hold' && goes(`partner:${one.partner}`),
  );
  const copies = all.copies.filter((one) =>
    goes(`ehr:${one.connection}`, `connection:${one.connection}`),
  );
  return prospectLines({ referrals, copies, suggested: 0 });
}

/** `loopwell disconnect X`: deletes a connection; without --yes it only says what hangs on it. */
export async function disconnectCommand(
  connection: string,
  options: HoldOptions & { yes: boolean },
  environment: Environment,
): Promise<number> {
  const principal = principalOf(options);
  return withDatabase(options, environment, async (db) => {
    const scope = requireScope(
      { kind: 'connection', name: connection },
      await holds.holdables(db, tenant),
    );
    const id = scope.slice('connection:'.length);
    const { liveTasks, openReferrals, lanes, unwritten, resources } = await hangingOn(db, id);
    print(
      `${id}: ${resources} resources were read and stay; ${lanes} cursors and the secret go; ${unwritten} resources are not written any more.`,
    );
    if (openReferrals + liveTasks > 0)
      print(
        `${openReferrals} referrals are open and ${liveTasks} Tasks are out: close or take them back first.`,
      );
    if (!options.yes)
      throw new AppError(
        'REQUEST_INVALID',
        'Nothing was deleted. This cannot be undone: say --yes if you mean it',
      );
    await db.tx((tx) => deleteConnection(tx, { tenant, principal, trace: newId() }, id));
    print(`Deleted: ${id}`);
    return 0;
  });
}
