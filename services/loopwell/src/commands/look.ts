import { AppError, newId } from '@loopwell/kit';
import { type Database, holds, openDatabase, readAccounts, referrals, status as statusOf, traces, wake } from '@loopwell/store';
import { readOwner } from '../lifecycle/lock.ts';
import { leftovers } from '../run/result.ts';
import { organisation } from '../run/run.ts';
import { type Environment, openSession } from '../run/session.ts';
import { folderOf } from './run.ts';

type Look = { dataDir?: string; json?: boolean; reason?: string; show?: boolean };

export const dataFolder = (options: Look): string => {
  if (options.dataDir) return folderOf(options, '');
  for (const command of ['run', 'start', 'load']) if (readOwner(folderOf({}, command))) return folderOf({}, command);
  return folderOf({}, 'start');
};

/** Looks into a data directory beside its run, or opens its database when nobody works in it. */
export async function withDatabase<T>(options: Look, environment: Environment, work: (db: Database) => Promise<T>): Promise<T> {
  const folder = dataFolder(options);
  const url = environment.DATABASE_URL ?? readOwner(folder)?.databaseUrl;
  if (url) return use(url, work);
  const session = await openSession(folder, environment, { fresh: false });
  try {
    return await use(session.databaseUrl, work);
  } finally {
    await session.close();
  }
}

async function use<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, max: 2 });
  try {
    return await work(db);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '42P01') throw new AppError('NOT_FOUND', 'Nothing has run in this data directory yet');
    throw error;
  } finally {
    await db.close();
  }
}

/** `loopwell status`: what is where, what waits for whom and since when, what is quarantined and why. */
export async function statusCommand(options: Look, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const [stages, accounts, held] = await db.tx(async (tx) => [await statusOf.readStages(tx, organisation), await readAccounts(tx, organisation), await holds.loadHolds(tx, organisation)] as const);
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ stages, accounts, holds: held })}\n`);
      return 0;
    }
    const lines = stages.map((one) => {
      const waiting = Object.entries(one.waiting).filter(([, n]) => n > 0).map(([who, n]) => `${n} for ${who}`).join(', ');
      const since = one.oldestSince ? ` since ${one.oldestSince.toISOString()}` : '';
      return `${one.stage.padEnd(11)} ${String(one.done).padStart(7)} done  ${one.failed > 0 ? `${one.failed} failed  ` : ''}${waiting ? `waiting: ${waiting}${since}` : ''}`;
    });
    const holdLines = held.map((one) => `Held: ${one.scope} by ${one.principal} since ${one.at.toISOString()}`);
    process.stdout.write(`${[...lines, ...holdLines, ...leftovers(accounts)].join('\n')}\n`);
    return 0;
  });
}

/** `loopwell trace`: one timeline; ids, codes and times only. */
export async function traceCommand(id: string, options: Look, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const timeline = await db.tx((tx) => traces.traceOf(tx, organisation, id));
    if (timeline.length === 0) throw new AppError('NOT_FOUND', 'No Encounter, Condition or Task with this id is known here');
    if (options.json) process.stdout.write(`${JSON.stringify(timeline)}\n`);
    else for (const one of timeline) process.stdout.write(`${one.at.toISOString()}  ${one.stage.padEnd(10)}  ${one.what}  ${one.who}\n`);
    return 0;
  });
}

function scopeOf(words: readonly string[]): string {
  const [kind = 'all', id] = words;
  if (kind === 'all' && id === undefined) return 'all';
  if ((kind === 'partner' || kind === 'ehr') && id !== undefined && words.length === 2) return `${kind}:${id}`;
  throw new AppError('REQUEST_INVALID', 'Say all, partner X or ehr X');
}

/** `loopwell hold sends`: everything outgoing stops within seconds; pulling goes on. */
export async function holdCommand(what: string, words: readonly string[], options: Look, environment: Environment): Promise<number> {
  if (what !== 'sends') throw new AppError('REQUEST_INVALID', 'Only sends can be held: loopwell hold sends [all|partner X|ehr X]');
  const scope = scopeOf(words);
  return withDatabase(options, environment, async (db) => {
    await db.tx((tx) => holds.addHold(tx, { organisation, scope, principal: 'person:command-line', ...(options.reason ? { reason: options.reason } : {}) }));
    process.stdout.write(`Held: ${scope}\n`);
    return 0;
  });
}

/** `loopwell release`: shows first what would go; with --show only that. */
export async function releaseCommand(words: readonly string[], options: Look, environment: Environment): Promise<number> {
  const scope = scopeOf(words[0] === 'sends' ? words.slice(1) : words);
  return withDatabase(options, environment, async (db) => {
    const waiting = await db.tx((tx) => referrals.heldReferrals(tx, organisation));
    process.stdout.write(`${waiting.total} referrals wait for a release${waiting.categories.map((one) => `\n  ${one.category}: ${one.count}`).join('')}\n`);
    if (options.show) return 0;
    const released = await db.tx(async (tx) => {
      const removed = await holds.removeHold(tx, organisation, scope, { principal: 'person:command-line' });
      if (removed) await wake(tx, organisation, newId());
      return removed;
    });
    if (!released) throw new AppError('NOT_FOUND', 'There is no such hold');
    process.stdout.write(`Released: ${scope}\n`);
    return 0;
  });
}
