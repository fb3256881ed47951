import { AppError } from '@loopwell/kit';
import { access, migrate } from '@loopwell/store';
import type { Command } from 'commander';
import { readOwner } from '../lifecycle/lock.ts';
import { findDataFolder, withDatabase } from '../run/data-directory.ts';
import { tenant } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { requirePrincipalName } from './principal.ts';

type Where = { dataDir?: string };

/** `loopwell migrate`: brings the database that DATABASE_URL names up to date, before the services of a new version start. */
async function migrateCommand(environment: Environment): Promise<number> {
  if (!environment.DATABASE_URL)
    throw new AppError('CONFIG_INVALID', 'Name the database with DATABASE_URL');
  await migrate(environment.DATABASE_URL);
  process.stderr.write('The database is up to date.\n');
  return 0;
}

const methodAndPath = /^(GET|POST|PUT|DELETE) \/[A-Za-z0-9/_:.{}$-]*$/;

type TokenOptions = Where & { route: string[]; name: string; days: number };

/** `loopwell token`: prints a bearer once; the database keeps its fingerprint, and it opens the named routes only. */
async function tokenCommand(options: TokenOptions, environment: Environment): Promise<number> {
  const routes = options.route.map((one) => one.trim().replaceAll(/\{([^}]+)\}/g, ':$1'));
  if (routes.length === 0 || routes.some((one) => !methodAndPath.test(one))) {
    throw new AppError(
      'REQUEST_INVALID',
      "Name each route as its description does, such as --route 'GET /api/v1/status'",
    );
  }
  if (!(options.days > 0)) throw new AppError('REQUEST_INVALID', '--days takes a number of days');
  const granted = {
    tenant,
    kind: 'service' as const,
    principal: `service:${requirePrincipalName('--name', options.name)}`,
    roles: [],
    routes,
  };
  return withDatabase(options, environment, async (db) => {
    const secret = await db.tx((tx) =>
      access.grantAccess(tx, granted, { ttlMs: options.days * 86_400_000 }),
    );
    process.stdout.write(`${secret}\n`);
    return 0;
  });
}

const roles = ['reviewer', 'operator', 'admin'];

type SignInOptions = Where & { role: string[]; name: string; url?: string };

/** Where the run of this data directory listens; without one, the address of the next is not known yet. */
function addressOf(options: SignInOptions): string {
  const address = options.url ?? readOwner(findDataFolder(options))?.address;
  if (address) return address.replace(/\/+$/, '');
  throw new AppError(
    'REQUEST_INVALID',
    'Nothing is running there: start it first, or name the address of the pages with --url',
  );
}

/** `loopwell sign-in`: prints a one-time link, good for an hour, for one person. */
async function signInCommand(options: SignInOptions, environment: Environment): Promise<number> {
  if (options.role.some((one) => !roles.includes(one)))
    throw new AppError(
      'REQUEST_INVALID',
      'Name the roles with --role: reviewer, operator or admin',
    );
  const base = addressOf(options);
  const granted = {
    tenant,
    kind: 'sign-in' as const,
    principal: `person:${requirePrincipalName('--name', options.name)}`,
    roles: options.role.length > 0 ? options.role : roles,
    routes: [],
  };
  return withDatabase(options, environment, async (db) => {
    const secret = await db.tx((tx) => access.grantAccess(tx, granted, { ttlMs: 3_600_000 }));
    process.stdout.write(`${base}/sign-in?token=${secret}\n`);
    return 0;
  });
}

const collect = (one: string, before: string[]): string[] => [...before, one];

type Action = <A extends unknown[]>(
  work: (...args: A) => Promise<number>,
) => (...args: A) => Promise<void>;

/** The commands of this file. */
export function addAccessCommands(
  program: Command,
  action: Action,
  environment: Environment,
): void {
  program
    .command('migrate')
    .description('bring the database that DATABASE_URL names up to date')
    .action(action(() => migrateCommand(environment)));
  program
    .command('token')
    .description('make a service token for some routes of the API; printed once')
    .option(
      '--route <route>',
      "route that it may call, such as 'GET /api/v1/status'; may be given again",
      collect,
      [],
    )
    .requiredOption('--name <name>', 'who will use it')
    .option('--days <n>', 'how long it is good for', Number, 365)
    .option('--data-dir <folder>', 'data directory, when there is no DATABASE_URL')
    .action(action((options: TokenOptions) => tokenCommand(options, environment)));
  program
    .command('sign-in')
    .description('make a one-time sign-in link for a person; printed once, good for an hour')
    .option(
      '--role <role>',
      'reviewer, operator or admin; may be given again (default: all of them)',
      collect,
      [],
    )
    .option('--name <name>', 'who will sign in', 'operator')
    .option('--url <address>', 'address at which people reach the pages')
    .option('--data-dir <folder>', 'data directory, when there is no DATABASE_URL')
    .action(action((options: SignInOptions) => signInCommand(options, environment)));
}
