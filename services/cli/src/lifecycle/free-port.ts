import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Ports from `first` to `last`, both included. DECISIONS D94. */
export type PortRange = { first: number; last: number };

/**
 * Where ports are looked for: below what Linux (32768) and macOS (49152) give to outgoing
 * connections by default.
 */
const searched: PortRange = { first: 10_000, last: 32_767 };

/**
 * The ports that this system gives to outgoing connections. While one of them is in use, or was
 * until a minute ago, no server can listen on it.
 *
 * @param text what `/proc/sys/net/ipv4/ip_local_port_range` holds; read from there by default
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
 * Ports that stay free while nobody listens on them: outgoing connections never get them, where the
 * system leaves any.
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
 * A port of 127.0.0.1 that is free now, and that no outgoing connection takes later, so that it can
 * be remembered.
 *
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
