import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError, type Log, newSecret, sleep } from '@loopwell/kit';
import { createApplicationDatabase } from '@loopwell/store';
import { freePort } from '../lifecycle/free-port.ts';
import { findLauncher, type Launcher } from './binaries.ts';

/** A PostgreSQL of our own in a folder, with the same server and SQL as in production. */
export type EmbeddedServer = {
  /** Address for the application: an unprivileged role that owns its database. */
  url: string;
  /** Address for tests that make their own databases. */
  adminUrl: string;
  close: () => Promise<void>;
};

/**
 * Starts PostgreSQL in `folder`, on a free loopback port and without a socket file. The first start
 * creates it with generated passwords. A server that a killed run left behind is stopped first; a
 * watchdog stops one that outlives us.
 * @param options.port port of an earlier start, for clients that must find it again
 * @param options.settings further settings of PostgreSQL, by name
 */
export async function startEmbeddedServer(
  folder: string,
  log: Log,
  options: { port?: number; settings?: Settings } = {},
): Promise<EmbeddedServer> {
  const dataFolder = join(folder, 'postgres');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const launcher = await findLauncher(folder);
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) await initialize(launcher, folder, dataFolder);
  await stopLeftover(dataFolder);
  const passwords = JSON.parse(readFileSync(join(folder, 'postgres-passwords.json'), 'utf8')) as {
    admin: string;
    application: string;
  };
  const { child, watchdog, port } = await launchSomewhere(launcher, dataFolder, options);
  const adminUrl = `postgres://postgres:${passwords.admin}@127.0.0.1:${port}/postgres`;
  await createApplicationDatabase(adminUrl, passwords.application);
  log.info('Embedded PostgreSQL is up', { port });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop(child).finally(() => watchdog.kill('SIGKILL'));
    return closing;
  };
  return {
    url: `postgres://loopwell:${passwords.application}@127.0.0.1:${port}/loopwell`,
    adminUrl,
    close,
  };
}

/**
 * Creates the data folder. It is made beside its place and moved there when complete, so that a
 * kill leaves nothing that looks finished.
 */
async function initialize(launcher: Launcher, folder: string, place: string): Promise<void> {
  const dataFolder = `${place}.new`;
  for (const leftover of [place, dataFolder]) rmSync(leftover, { recursive: true, force: true });
  mkdirSync(dataFolder, { mode: 0o700 });
  const passwords = { admin: newSecret(24), application: newSecret(24) };
  const file = join(folder, 'initial-password');
  writeFileSync(file, passwords.admin, { mode: 0o600 });
  writeFileSync(join(folder, 'postgres-passwords.json'), JSON.stringify(passwords), {
    mode: 0o600,
  });
  if (launcher.owner !== undefined) giveTo(launcher.owner, [folder, dataFolder, file]);
  const args = [
    '-D',
    dataFolder,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${file}`,
    '-E',
    'UTF8',
    '--no-sync',
    '--locale',
  ];
  const isMade =
    (await run(launcher, [...args, 'C.UTF-8'])) || (await run(launcher, [...args, 'C']));
  rmSync(file, { force: true });
  if (isMade) renameSync(dataFolder, place);
  else {
    rmSync(dataFolder, { recursive: true, force: true });
    throw new AppError(
      'CONFIG_INVALID',
      'PostgreSQL could not be prepared in the data directory; as root without user ' +
        'namespaces, run as another user or choose a --data-dir that everyone can reach',
    );
  }
}

function giveTo(owner: number, paths: readonly string[]): void {
  for (const path of paths) chownSync(path, owner, owner);
}

function run(launcher: Launcher, args: readonly string[]): Promise<boolean> {
  const { file, args: all, options } = launcher.command('initdb', args);
  return new Promise((resolve) => {
    const child = spawn(file, all, { ...options, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/**
 * Stops the PostgreSQL that an earlier run left in the folder. The pid in the file counts only if
 * it is a PostgreSQL of this folder.
 */
async function stopLeftover(dataFolder: string): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [pidText, folder] = readFileSync(file, 'utf8').split('\n');
  const pid = Number(pidText);
  if (folder === dataFolder && isPostgres(pid)) {
    process.kill(pid, 'SIGINT');
    for (let waited = 0; waited < 100 && isPostgres(pid); waited += 1) await sleep(100);
    if (isPostgres(pid))
      throw new AppError(
        'CONFIG_INVALID',
        'A PostgreSQL of an earlier run still works in the data directory and does not stop',
      );
  }
  rmSync(file, { force: true });
}

function isPostgres(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const comm = `/proc/${pid}/comm`;
  return (
    !existsSync('/proc') || (existsSync(comm) && readFileSync(comm, 'utf8').startsWith('postgres'))
  );
}

/** Settings of PostgreSQL by name, as on its command line. */
type Settings = Readonly<Record<string, string>>;

type Launched = { child: ChildProcess; watchdog: ChildProcess };

/**
 * Starts PostgreSQL on the wanted port, or on a free one. A free port may be taken in the meantime;
 * then another one is tried.
 */
async function launchSomewhere(
  launcher: Launcher,
  dataFolder: string,
  wanted: { port?: number; settings?: Settings },
): Promise<Launched & { port: number }> {
  for (let left = wanted.port === undefined ? 2 : 0; ; left -= 1) {
    const port = wanted.port ?? (await freePort());
    try {
      return { ...(await launch(launcher, dataFolder, port, wanted.settings)), port };
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

async function launch(
  launcher: Launcher,
  dataFolder: string,
  port: number,
  more: Settings = {},
): Promise<Launched> {
  const settings: Settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    log_min_messages: 'fatal',
    ...more,
  };
  const args = [
    '-D',
    dataFolder,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const { file, args: all, options } = launcher.command('postgres', args);
  // It gets its own process group: Ctrl-C reaches only us, and we stop it when our own work is
  // done.
  const child = spawn(file, all, {
    ...options,
    stdio: ['ignore', 'ignore', 'ignore'],
    detached: true,
  });
  const watchdog = guard(child);
  const ended = new Promise<'ended'>((resolve) => {
    child.once('exit', () => resolve('ended'));
    child.once('error', () => resolve('ended'));
  });
  for (let waited = 0; waited < 300; waited += 1) {
    if ((await Promise.race([ended, isReady(dataFolder)])) === 'ended') {
      throw new AppError(
        'CONFIG_INVALID',
        'The embedded PostgreSQL did not start; look into its data directory, or start with ' +
          '--fresh',
      );
    }
    if (await isReady(dataFolder)) return { child, watchdog };
    await sleep(50);
  }
  throw new AppError('CONFIG_INVALID', 'The embedded PostgreSQL did not become ready in time');
}

/** Returns whether the server is ready, by the last line of postmaster.pid. */
async function isReady(dataFolder: string): Promise<boolean> {
  const file = join(dataFolder, 'postmaster.pid');
  if (!readdirSync(dataFolder).includes('postmaster.pid')) return false;
  return (readFileSync(file, 'utf8').split('\n')[7] ?? '').trim() === 'ready';
}

/**
 * Starts a watchdog that ends PostgreSQL when our process dies in any way. It is a small process
 * that waits for our end of a pipe to close.
 */
function guard(child: ChildProcess): ChildProcess {
  const script =
    'cat >/dev/null; case "$(cat "/proc/$1/comm" 2>/dev/null || ps -o comm= -p "$1")" in ' +
    '*postgres*|*unshare*) kill -INT "$1";; esac';
  const watchdog = spawn('sh', ['-c', script, 'loopwell-watchdog', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  child.unref();
  return watchdog;
}

/**
 * Stops PostgreSQL with SIGTERM, which waits for clients, and after two seconds with SIGINT, which
 * does not.
 */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await Promise.race([ended, sleep(2_000)]);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
  await ended;
}
