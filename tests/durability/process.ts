import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process of its own that a test may kill, stop and continue. */
export type TestProcess = {
  pid: number;
  /** The first line of its output, when it has said that it is ready. */
  ready: Promise<{ address: string }>;
  /** Resolves when the process says that it is about to stand still. */
  stopped: Promise<void>;
  signal: (name: NodeJS.Signals) => void;
  kill: () => Promise<void>;
  exited: () => boolean;
  /** Everything that it wrote to stderr so far. */
  errors: () => string;
};

export function startProcess(
  file: string,
  environment: Record<string, string>,
  more: readonly string[] = [],
): TestProcess {
  const child = spawn(process.execPath, [file, ...more], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  child.stdin.on('error', () => {});
  const { ready, stopped } = listen(child, () => errors.join(''));
  return {
    pid: child.pid ?? 0,
    ready,
    stopped,
    signal: (name) => void child.kill(name),
    exited: () => child.exitCode !== null || child.signalCode !== null,
    errors: () => errors.join(''),
    kill: () => kill(child),
  };
}

function listen(
  child: ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> },
  errors: () => string,
) {
  const ready = Promise.withResolvers<{ address: string }>();
  const stopped = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes('"ready"')) ready.resolve(JSON.parse(line) as { address: string });
    if (line.includes('"stopped"')) stopped.resolve();
  });
  child.once('exit', (code) =>
    ready.reject(
      new Error(`The process ended with ${code} before it was ready: ${errors().slice(-2_000)}`),
    ),
  );
  // Whoever waits gets the rejection; a test that has stopped waiting does not.
  ready.promise.catch(() => {});
  return { ready: ready.promise, stopped: stopped.promise };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
