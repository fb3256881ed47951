/**
 * Ends vitest when the test command that started it is gone, however it went: without it a killed
 * `pnpm test` would leave vitest working against a database that is no longer there. Vitest's
 * workers end with vitest.
 */
export function setup(): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.kill(-process.pid, 'SIGKILL');
  }, 1_000);
  timer.unref();
  return () => clearInterval(timer);
}
