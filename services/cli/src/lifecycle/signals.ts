import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { startOfProcess } from './lock.ts';

/**
 * Creates the signal to stop: on SIGINT, SIGTERM, SIGHUP, or at the end of the npx that started us.
 * A killed npx does not pass its signal on, so we would go on unnoticed.
 */
export function stopSignal(onSecond: () => void): { signal: AbortSignal; release: () => void } {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) onSecond();
    else stopping.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  const chain = launchers();
  const timer = setInterval(() => {
    if (chain.some((one) => startOfProcess(one.pid) !== one.started) && !stopping.signal.aborted)
      stopping.abort();
  }, 1_000);
  timer.unref();
  return {
    signal: stopping.signal,
    release: () => {
      clearInterval(timer);
      for (const name of names) process.off(name, stop);
    },
  };
}

/** Lists our parent processes up to and including npx; none when npx did not start us. */
function launchers(): { pid: number; started: string }[] {
  const chain: { pid: number; started: string }[] = [];
  for (let pid = process.ppid; pid > 1 && chain.length < 12; pid = parentOf(pid)) {
    chain.push({ pid, started: startOfProcess(pid) });
    if (/npm exec|npx|npm-cli|npx-cli/.test(commandOf(pid)))
      return existsSync('/proc') ? chain : [];
  }
  return [];
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  } catch {
    return 0;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  }
}
