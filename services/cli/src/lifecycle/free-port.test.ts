import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ephemeralPorts, freePort, lastingPorts } from './free-port.ts';

describe('a port that is remembered', () => {
  it.each([
    ['32768\t60999\n', { first: 32_768, last: 60_999 }],
    ['', { first: 32_768, last: 65_535 }],
    ['no numbers', { first: 32_768, last: 65_535 }],
  ])('knows the ports of outgoing connections (%j)', (text, range) => {
    expect(ephemeralPorts(text)).toEqual(range);
  });

  it('is none of those, wherever the system has them', () => {
    expect(lastingPorts({ first: 32_768, last: 60_999 })).toHaveLength(22_768);
    expect(lastingPorts({ first: 20_000, last: 60_999 }).at(-1)).toBe(19_999);
    expect(lastingPorts({ first: 1_024, last: 65_535 })).toHaveLength(22_768);
  });

  it('can be listened on, though this machine opened connections since it was found', async () => {
    const port = await freePort();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const sockets: Socket[] = [];
    for (let count = 0; count < 200; count += 1) {
      const socket = connect(
        typeof address === 'object' && address ? address.port : 0,
        '127.0.0.1',
      );
      await new Promise((resolve) => socket.once('connect', resolve));
      sockets.push(socket);
    }
    expect(sockets.map((socket) => socket.localPort)).not.toContain(port);
    const server = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
    for (const socket of sockets) socket.destroy();
    await Promise.all([server, other].map((one) => new Promise((resolve) => one.close(resolve))));
  });
});
