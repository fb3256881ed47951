import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Readings from /proc. On systems without it everything is 0, and the report says so. */
export const canMeter = existsSync('/proc/self/stat');

/** Linux counts process time in ticks of 10 ms on every platform that Node runs on. */
const tickMs = 10;

/** Fields of /proc/<pid>/stat after the name, which may hold blanks. */
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** CPU time of a process so far, user and system; `withEnded` adds its children that have ended. */
function cpuMs(pid: number, withEnded: boolean): number {
  const fields = statOf(pid).slice(11, withEnded ? 15 : 13);
  return fields.reduce((sum, one) => sum + Number(one), 0) * tickMs;
}

function statusKb(pid: number, field: string): number {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    );
    return Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  if (!canMeter) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => one > 0 && statOf(one)[1] === String(pid));
}

/** A single process: its CPU, and the most memory that it ever held. */
export const processCpuMs = (pid: number | undefined): number =>
  pid === undefined ? 0 : cpuMs(pid, false);
export const peakKb = (pid: number | undefined): number =>
  pid === undefined ? 0 : statusKb(pid, 'VmHWM');

/** PostgreSQL is many processes: those that live, and those that came and went. */
export function serverCpuMs(postmaster: number): number {
  return childrenOf(postmaster).reduce(
    (sum, pid) => sum + cpuMs(pid, false),
    cpuMs(postmaster, true),
  );
}

export type ServerMemory = { privateKb: number; largestKb: number };

/**
 * Watches PostgreSQL's memory until `stop`: the peak of what all its processes hold for themselves,
 * without the shared buffers that each of them counts again, and the largest single process, with
 * them.
 */
export function watchServer(postmaster: number): { stop: () => ServerMemory } {
  const peak: ServerMemory = { privateKb: 0, largestKb: 0 };
  const look = () => {
    const pids = [postmaster, ...childrenOf(postmaster)];
    peak.privateKb = Math.max(
      peak.privateKb,
      pids.reduce((sum, pid) => sum + statusKb(pid, 'RssAnon'), 0),
    );
    peak.largestKb = Math.max(peak.largestKb, ...pids.map((pid) => statusKb(pid, 'VmHWM')));
  };
  const timer = setInterval(look, 500);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}
