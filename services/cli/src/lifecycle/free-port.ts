import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Ports from `first` to `last`, both included. DECISIONS D94. */
export type PortRange = { first: number; last: number };

/**
 * The range in which free ports are searched: below the ports that Linux (32768) and macOS (49152)
 * use for outgoing connections by default.
 */
const searched: PortRange = { first: 10_000, last: 32_767 };

/**
 * Returns the ports that this system uses for outgoing connections. While one of them is in use, or
 * was until a minute ago, no server can listen on it.
 * @param text content of `/proc/sys/net/ipv4/ip_local_port_range`; read from there by default
 */
export function ephemeralPorts(text = readPortRange()): PortRange {
  const [first, last] = text.trim().split(/\s+/).map(Number);
  const isRange = Number.isInteger(first) && Number.isInteger(last);
  return isRange ? { first: Number(first), last: Number(last) } : { first: 32_768, last: 65_535 };
}

function readPortRange(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  } catch {
    return '';
  }
}

/**
 * Lists ports that outgoing connections never use, so they stay free while no server listens on
 * them. If the system leaves none, all searched ports are listed.
 */
export function lastingPorts(ephemeral: PortRange): number[] {
  const all = Array.from(
    { length: searched.last - searched.first + 1 },
    (_, index) => searched.first + index,
  );
  const lasting = all.filter((port) => port < ephemeral.first || port > ephemeral.last);
  return lasting.length > 0 ? lasting : all;
}

/**
 * Returns a port of 127.0.0.1 that is free now and that no outgoing connection takes later, so that
 * it can be remembered.
 * @throws Error EADDRINUSE when a hundred tries found none
 */
export async function freePort(): Promise<number> {
  const ports = lastingPorts(ephemeralPorts());
  for (let triesLeft = 100; ; triesLeft -= 1) {
    const port = ports[Math.floor(Math.random() * ports.length)] ?? 0;
    try {
      await listenOnce(port);
      return port;
    } catch (error) {
      if (triesLeft === 1) throw error;
    }
  }
}

function listenOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
