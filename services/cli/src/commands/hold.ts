import { AppError, newId } from '@loopwell/kit';
import { type Database, holds, sendPreview } from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { requirePrincipal } from '../command-line/principal.ts';
import {
  byOption,
  lookIntoHelp,
  lookIntoOption,
  reasonOption,
} from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { sendPreviewLines } from '../run/send-preview-text.ts';
import { printLine } from '../terminal/standard-streams.ts';
import { parseScope, requireScope, type ScopeRequest } from './hold-scope.ts';

type HoldOptions = { dataDir?: string; reason?: string; by?: string };

const connectionArgument = { name: '<connection>', description: 'id or FHIR base of the EHR' };

/** The commands that hold outgoing work and release it. */
export const holdCommands: readonly CommandDefinition[] = [
  {
    name: 'hold',
    description: 'stop everything outgoing within seconds; pulling goes on',
    arguments: [
      {
        name: '<sends...>',
        description: 'sends [all | partner X | ehr X | receiver <address>]',
      },
    ],
    options: [lookIntoOption, reasonOption, byOption('holds')],
    helpText: lookIntoHelp,
    run: holdSends,
  },
  {
    name: 'release',
    description: 'let it go again; shows first what would go',
    arguments: [
      {
        name: '[scope...]',
        description: '[sends] all | partner X | ehr X | connection X | receiver <address>',
      },
    ],
    options: [
      lookIntoOption,
      { flags: '--show', description: 'only show what would go', default: false },
      reasonOption,
      byOption('releases'),
    ],
    helpText: lookIntoHelp,
    run: releaseHold,
  },
  {
    name: 'pause',
    description: 'neither read an EHR nor write to it until it is resumed; what is stored stays',
    arguments: [connectionArgument],
    options: [lookIntoOption, reasonOption, byOption('pauses')],
    helpText: lookIntoHelp,
    run: pauseConnection,
  },
  {
    name: 'resume',
    description: 'read a paused EHR again, from where it stopped',
    arguments: [connectionArgument],
    options: [lookIntoOption, reasonOption, byOption('resumes')],
    helpText: lookIntoHelp,
    run: resumeConnection,
  },
];

/**
 * `loopwell hold sends`: stops all outgoing requests within seconds; pulling goes on. Holding twice
 * changes nothing.
 */
async function holdSends(
  words: readonly string[],
  options: HoldOptions,
  environment: Environment,
): Promise<number> {
  if (words[0] !== 'sends')
    throw new AppError(
      'REQUEST_INVALID',
      'Only sends can be held: loopwell hold sends [all|partner X|ehr X]',
    );
  return addHold(parseScope(words), options, environment, 'Held');
}

/**
 * `loopwell pause X`: stops reading from and writing to that EHR until it is resumed. Stored data
 * stays.
 */
function pauseConnection(
  connection: string,
  options: HoldOptions,
  environment: Environment,
): Promise<number> {
  return addHold({ kind: 'connection', name: connection }, options, environment, 'Paused');
}

async function addHold(
  request: ScopeRequest,
  options: HoldOptions,
  environment: Environment,
  outcome: 'Held' | 'Paused',
): Promise<number> {
  const principal = requirePrincipal(options);
  return withDatabase(options, environment, async (db) => {
    const scope = requireScope(request, await holds.holdables(db, db.tenant));
    const heldScopes = await readHeldScopes(db);
    if (heldScopes.includes(scope)) {
      printLine(`${outcome} already: ${scope}`);
      return 0;
    }
    const hold = withReason({ tenant: db.tenant, scope, principal }, options);
    await db.tx((tx) => holds.addHold(tx, hold));
    printLine(`${outcome}: ${scope}`);
    return 0;
  });
}

/** Adds the reason to a row unless it is empty. */
const withReason = <Row extends object>(
  row: Row,
  { reason }: HoldOptions,
): Row & { reason?: string } => (reason ? { ...row, reason } : row);

const readHeldScopes = async (db: Database): Promise<string[]> => {
  const held = await db.tx((tx) => holds.loadHolds(tx, tx.tenant));
  return held.map(({ scope }) => scope);
};

/** `loopwell resume X`: lets reading go on from where it stopped. */
function resumeConnection(
  connection: string,
  options: HoldOptions,
  environment: Environment,
): Promise<number> {
  return releaseHold(['connection', connection], { ...options, show: false }, environment);
}

/**
 * `loopwell release`: shows what would go, and to whom, and then releases it. With `--show` it only
 * shows.
 */
async function releaseHold(
  words: readonly string[],
  options: HoldOptions & { show: boolean },
  environment: Environment,
): Promise<number> {
  const request = parseScope(words);
  const principal = requirePrincipal(options);
  return withDatabase(options, environment, async (db) => {
    const heldScopes = await readHeldScopes(db);
    const scope = requireScope(request, await holds.holdables(db, db.tenant), heldScopes);
    const preview = await releasePreviewLines(db, scope, heldScopes);
    if (preview.length === 0) printLine('Nothing would go now.');
    for (const line of preview) printLine(line);
    if (options.show) return 0;
    requireHeld(scope, heldScopes);
    const release = withReason({ tenant: db.tenant, scope, batch: newId(), principal }, options);
    await db.tx((tx) => holds.letGo(tx, release));
    printLine(`Released: ${scope}`);
    const stillHeld = heldScopes.filter((held) => held !== scope);
    if (stillHeld.length > 0) printLine(`Still held: ${stillHeld.join(', ')}`);
    return 0;
  });
}

/**
 * Refuses a scope that is not held.
 * @throws AppError NOT_FOUND with the scopes that are held
 */
function requireHeld(scope: string, heldScopes: readonly string[]): void {
  if (heldScopes.includes(scope)) return;
  const list = heldScopes.join(', ') || 'none';
  throw new AppError('NOT_FOUND', `${scope} is not held; held are: ${list}`);
}

/** Returns sentences about what the release of a scope would send while the other holds stay. */
async function releasePreviewLines(
  db: Database,
  scope: string,
  heldScopes: readonly string[],
): Promise<string[]> {
  const preview = await db.tx((tx) => sendPreview.readSendPreview(tx, tx.tenant));
  const otherHolds = new Set(heldScopes.filter((held) => held !== scope));
  const wouldGo = (...ownScopes: string[]) => {
    const scopes = ['all', ...ownScopes];
    return scopes.includes(scope) && !scopes.some((held) => otherHolds.has(held));
  };
  const referrals = preview.referrals.filter(
    ({ gate, partner }) => gate === 'hold' && wouldGo(`partner:${partner}`),
  );
  const copies = preview.copies.filter(({ connection }) =>
    wouldGo(`ehr:${connection}`, `connection:${connection}`),
  );
  return sendPreviewLines({ referrals, copies, suggested: 0 });
}
