import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acquireLock } from '../lifecycle/lock.ts';
import { noteRunning, runningFolders } from '../lifecycle/running-runs.ts';
import { findDataFolder } from './data-directory.ts';

/**
 * Which data directory a command without `--data-dir` means: holding the wrong one would be worse
 * than asking.
 */
describe('a command without --data-dir', () => {
  let here: string;
  const working: (() => void)[] = [];

  beforeEach(() => {
    here = realpathSync(mkdtempSync(join(tmpdir(), 'loopwell-here-')));
    vi.spyOn(process, 'cwd').mockReturnValue(here);
  });
  afterEach(() => {
    for (const stop of working.splice(0)) stop();
    vi.restoreAllMocks();
    rmSync(here, { recursive: true, force: true });
  });

  async function work(folder: string): Promise<() => void> {
    const lock = await acquireLock(folder);
    const forget = noteRunning(folder);
    const stop = () => {
      forget();
      lock.release();
    };
    working.push(stop);
    return stop;
  }

  it('looks into what runs, wherever its data directory is, and not into one that was used before', async () => {
    mkdirSync(join(here, '.loopwell', 'start', 'postgres'), { recursive: true });
    writeFileSync(join(here, '.loopwell', 'start', 'postgres', 'PG_VERSION'), '18');
    const stop = await work(join(here, 'elsewhere'));
    expect(findDataFolder({})).toBe(join(here, 'elsewhere'));
    stop();
    expect(findDataFolder({})).toBe(join(here, '.loopwell', 'start'));
  });

  it('does not choose between two that run', async () => {
    await work(join(here, '.loopwell', 'start'));
    const second = await acquireLock(join(here, 'elsewhere'));
    working.push(second.release);
    mkdirSync(join(here, '.loopwell', 'running'), { recursive: true });
    writeFileSync(
      join(here, '.loopwell', 'running', 'other.json'),
      JSON.stringify({ folder: join(here, 'elsewhere') }),
    );
    expect(() => findDataFolder({})).toThrow(/name one with --data-dir/);
  });

  it('forgets what a killed run left behind', async () => {
    mkdirSync(join(here, '.loopwell', 'running'), { recursive: true });
    for (const text of ['not json', JSON.stringify({ folder: join(here, 'gone') }), '{}']) {
      writeFileSync(join(here, '.loopwell', 'running', 'killed.json'), text);
      expect(runningFolders()).toEqual([]);
    }
  });
});
