import { AppError } from '@loopwell/kit';
import { access, migrate } from '@loopwell/store';
import type { CommandDefinition } from '../command-line/definition.ts';
import { type Environment, tenantOf } from '../command-line/environment.ts';
import { requirePrincipalName } from '../command-line/principal.ts';
import { collect } from '../command-line/shared-options.ts';
import { readOwner } from '../lifecycle/lock.ts';
import { findDataFolder, withDatabase } from '../run/data-directory.ts';
import { printLine } from '../terminal/standard-streams.ts';

/** The option for the data directory, for commands that only need a database. */
const dataDirectoryOption = {
  flags: '--data-dir <folder>',
  description: 'data directory, when there is no DATABASE_URL',
};

/** The roles in a sentence. */
const roleList = 'reviewer, clinician, operator, auditor, lead or admin';

/** The commands that update the database and give people and services access. */
export const accessCommands: readonly CommandDefinition[] = [
  {
    name: 'migrate',
    description: 'bring the database that DATABASE_URL names up to date',
    options: [],
    run: migrateDatabase,
  },
  {
    name: 'token',
    description: 'make a service token for some routes of the API; printed once',
    options: [
      {
        flags: '--route <route>',
        description: "route that it may call, such as 'GET /api/v1/status'; may be given again",
        parse: collect,
        default: [],
      },
      { flags: '--name <name>', description: 'who will use it', isRequired: true },
      { flags: '--days <n>', description: 'how long it is good for', parse: Number, default: 365 },
      dataDirectoryOption,
    ],
    run: printToken,
  },
  {
    name: 'sign-in',
    description: 'make a one-time sign-in link for a person; printed once, good for an hour',
    options: [
      {
        flags: '--role <role>',
        description: `${roleList}; may be given again`,
        parse: collect,
        default: [],
      },
      { flags: '--name <name>', description: 'who will sign in', default: 'operator' },
      { flags: '--url <address>', description: 'address at which people reach the pages' },
      dataDirectoryOption,
    ],
    run: printSignInLink,
  },
];

/**
 * `loopwell migrate`: brings the database that DATABASE_URL names up to date, before the services
 * of a new version start.
 */
async function migrateDatabase(_options: object, environment: Environment): Promise<number> {
  if (!environment.DATABASE_URL)
    throw new AppError('CONFIG_INVALID', 'Name the database with DATABASE_URL');
  await migrate(environment.DATABASE_URL);
  process.stderr.write('The database is up to date.\n');
  return 0;
}

const methodAndPath = /^(GET|POST|PUT|DELETE) \/[A-Za-z0-9/_:.{}$-]*$/;

type TokenOptions = {
  dataDir?: string;
  route: string[];
  name: string;
  days: number;
};

/**
 * `loopwell token`: prints a bearer once; the database keeps its fingerprint, and it opens the
 * named routes only.
 */
async function printToken(options: TokenOptions, environment: Environment): Promise<number> {
  const routes = options.route.map((route) => route.trim().replaceAll(/\{([^}]+)\}/g, ':$1'));
  if (routes.length === 0 || routes.some((route) => !methodAndPath.test(route))) {
    throw new AppError(
      'REQUEST_INVALID',
      "Name each route as its description does, such as --route 'GET /api/v1/status'",
    );
  }
  if (!(options.days > 0)) throw new AppError('REQUEST_INVALID', '--days takes a number of days');
  const granted = {
    tenant: tenantOf(environment),
    kind: 'service' as const,
    principal: `service:${requirePrincipalName('--name', options.name)}`,
    roles: [],
    routes,
  };
  return withDatabase(options, environment, async (db) => {
    const secret = await db.tx((tx) =>
      access.grantAccess(tx, granted, { ttlMs: options.days * 86_400_000 }),
    );
    printLine(secret);
    return 0;
  });
}

const isRole = (role: string): boolean => (access.roles as readonly string[]).includes(role);

type SignInOptions = {
  dataDir?: string;
  role: string[];
  name: string;
  url?: string;
};

/** Returns the address of the pages: the one of `--url`, or of the run in this data directory. */
function addressOf(options: SignInOptions): string {
  const address = options.url ?? readOwner(findDataFolder(options))?.address;
  if (address) return address.replace(/\/+$/, '');
  throw new AppError(
    'REQUEST_INVALID',
    'Nothing is running there: start it first, or name the address of the pages with --url',
  );
}

/** `loopwell sign-in`: prints a one-time link, good for an hour, for one person. */
async function printSignInLink(options: SignInOptions, environment: Environment): Promise<number> {
  if (options.role.length === 0 || !options.role.every(isRole))
    throw new AppError('REQUEST_INVALID', `Name the roles with --role: ${roleList}`);
  const base = addressOf(options);
  const granted = {
    tenant: tenantOf(environment),
    kind: 'sign-in' as const,
    principal: `person:${requirePrincipalName('--name', options.name)}`,
    roles: options.role,
    routes: [],
  };
  return withDatabase(options, environment, async (db) => {
    const secret = await db.tx((tx) => access.grantAccess(tx, granted, { ttlMs: 3_600_000 }));
    printLine(`${base}/sign-in?token=${secret}`);
    return 0;
  });
}
