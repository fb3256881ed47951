import { spawn, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { until } from './harness.ts';

export const hasRedisServer =
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** A Redis of the test's own, which it may empty or configure wrongly. */
export async function startRedis(
  policy = 'noeviction',
): Promise<{ url: string; close: () => Promise<void> }> {
  const port = await freePort();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', policy],
    {
      stdio: 'ignore',
    },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const url = `redis://127.0.0.1:${port}`;
  await until('Redis answers', async () => (await sayToRedis(url, 'PING')).startsWith('+PONG'));
  return {
    url,
    async close() {
      server.kill('SIGKILL');
      await ended;
    },
  };
}

/** One inline command, and the beginning of the answer. */
export function sayToRedis(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${command}\r\n`));
    socket.once('error', reject).setEncoding('utf8');
    socket.once('data', (answer: string) => {
      socket.destroy();
      resolve(answer);
    });
  });
}
