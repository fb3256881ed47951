import { userInfo } from 'node:os';
import { originOf } from '@loopwell/fhir/client';
import { AppError, newId } from '@loopwell/kit';
import { connections, type Database, directory, holds, wake } from '@loopwell/store';
import { organisation } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { withDatabase } from './data-dir.ts';
import { heldLines } from './look.ts';

type HoldOptions = { dataDir?: string; reason?: string; by?: string };

/** Who it was: as said, else the account of the system that the command was called from. */
export function principalOf({ by }: { by?: string }): string {
  const name = by ?? accountName();
  if (/^[A-Za-z0-9.@_-]{1,64}$/.test(name)) return `person:${name}`;
  throw new AppError('REQUEST_INVALID', '--by takes a name or an address of up to 64 letters, digits and .@_-');
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

type Scope = { kind: 'all' } | { kind: 'partner' | 'ehr' | 'receiver'; name: string };

/** `all`, `partner X`, `ehr X` or `receiver <address>`; a leading `sends` may be said or not. */
function scopeOf(words: readonly string[]): Scope {
  const [kind = 'all', ...rest] = words[0] === 'sends' ? words.slice(1) : words;
  const name = rest.join(' ').trim();
  if (kind === 'all' && name === '') return { kind: 'all' };
  if ((kind === 'partner' || kind === 'ehr') && name !== '') return { kind, name };
  if (kind === 'receiver' && URL.canParse(name)) return { kind, name: originOf(name) };
  throw new AppError('REQUEST_INVALID', 'Say all, partner X, ehr X or receiver <address>');
}

/**
 * A scope as it is kept. A partner may be named by id, name or address, an EHR by id or FHIR base.
 *
 * @throws AppError REQUEST_INVALID with those that are known
 */
async function requireScope(db: Database, scope: Scope): Promise<string> {
  if (scope.kind === 'all') return 'all';
  if (scope.kind === 'receiver') return requireReceiver(db, scope.name);
  const known = scope.kind === 'partner' ? await knownPartners(db) : await knownEhrs(db);
  const found = known.find((one) => one.names.includes(scope.name));
  if (found) return `${scope.kind}:${found.id}`;
  const list = known.map((one) => `${one.id} (${one.names.at(-1)})`).join(', ');
  throw new AppError(
    'REQUEST_INVALID',
    `There is no ${scope.kind === 'ehr' ? 'EHR' : 'partner'} of that name; known are: ${list || 'none'}`,
  );
}

/** A server is known by the origin of an EHR or partner. */
async function requireReceiver(db: Database, origin: string): Promise<string> {
  const addresses = [...(await knownEhrs(db)), ...(await knownPartners(db))].flatMap((one) =>
    one.names.filter((name) => URL.canParse(name)),
  );
  const known = [...new Set(addresses.map(originOf))];
  if (known.includes(origin)) return `receiver:${origin}`;
  throw new AppError('REQUEST_INVALID', `No EHR or partner is at ${origin}; known are: ${known.join(', ') || 'none'}`);
}

type Known = { id: string; names: string[] };

async function knownPartners(db: Database): Promise<Known[]> {
  const rows = await db.tx((tx) => directory.loadDirectory(tx, organisation));
  return rows.map((row) => ({ id: row.id, names: [row.id, row.address, row.name] }));
}

async function knownEhrs(db: Database): Promise<Known[]> {
  const rows = await db.tx((tx) => connections.listConnections(tx, organisation));
  return rows.map((row) => ({ id: row.id, names: [row.id, row.base] }));
}

/** `loopwell hold sends`: everything outgoing stops within seconds; pulling goes on. Holding twice changes nothing. */
export async function holdCommand(words: readonly string[], options: HoldOptions, environment: Environment): Promise<number> {
  if (words[0] !== 'sends') throw new AppError('REQUEST_INVALID', 'Only sends can be held: loopwell hold sends [all|partner X|ehr X]');
  const wanted = scopeOf(words);
  const principal = principalOf(options);
  return withDatabase(options, environment, async (db) => {
    const scope = await requireScope(db, wanted);
    const isHeld = (await db.tx((tx) => holds.loadHolds(tx, organisation))).some((one) => one.scope === scope);
    if (!isHeld) {
      await db.tx((tx) => holds.addHold(tx, { organisation, scope, principal, ...(options.reason ? { reason: options.reason } : {}) }));
    }
    print(isHeld ? `Held already: ${scope}` : `Held: ${scope}`);
    return 0;
  });
}

/** `loopwell release`: shows first what would go and to whom; with --show only that. */
export async function releaseCommand(
  words: readonly string[],
  options: HoldOptions & { show: boolean },
  environment: Environment,
): Promise<number> {
  const wanted = scopeOf(words);
  const principal = principalOf(options);
  return withDatabase(options, environment, async (db) => {
    const scope = await requireScope(db, wanted);
    const held = (await db.tx((tx) => holds.loadHolds(tx, organisation))).map((one) => one.scope);
    const lines = await heldLines(db, scope, held);
    for (const line of lines.length > 0 ? lines : ['Nothing would go now.']) print(line);
    if (options.show) return 0;
    if (!held.includes(scope)) throw new AppError('NOT_FOUND', `${scope} is not held; held are: ${held.join(', ') || 'none'}`);
    await db.tx(async (tx) => {
      const removed = await holds.removeHold(tx, organisation, scope, { principal, ...(options.reason ? { reason: options.reason } : {}) });
      if (removed) await wake(tx, organisation, newId());
    });
    print(`Released: ${scope}`);
    const others = held.filter((one) => one !== scope);
    if (others.length > 0) print(`Still held: ${others.join(', ')}`);
    return 0;
  });
}
