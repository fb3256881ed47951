import type { Server } from 'node:http';
import { AppError } from '@loopwell/kit';
import type { App } from './app.ts';
import { waitsForContinue } from './body.ts';

/**
 * Starts to listen and returns the address. `close` gives running requests two seconds to end.
 * @throws AppError CONFIG_INVALID when the port is taken
 */
export function listen(
  app: App,
  where: { host: string; port: number },
): Promise<{ address: string; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server: Server = app.express.listen(where.port, where.host, (error?: Error) => {
      if (error) return reject(portError(error, where.port));
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : where.port;
      // A caller that asks before it sends is told to go on only after it passed the guard.
      server.on('checkContinue', (request, response) => {
        waitsForContinue(request);
        server.emit('request', request, response);
      });
      resolve({
        address: `http://${nameOf(where.host)}:${port}`,
        close: () => closeServer(server),
      });
    });
  });
}

function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function portError(error: Error, port: number): AppError {
  const busy = 'code' in error && error.code === 'EADDRINUSE';
  const message = busy
    ? `Port ${port} is in use; choose another with --port`
    : `Port ${port} cannot be listened on`;
  return new AppError('CONFIG_INVALID', message);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2_000).unref();
  });
}
