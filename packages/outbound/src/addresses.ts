import { BlockList, isIP } from 'node:net';

/**
 * Addresses that are never opened: link-local ones and the others where clouds keep their metadata,
 * and those that no server has: unspecified, multicast, reserved. Private ones, below, may be
 * opened by name.
 * DECISIONS D16.
 */
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addAddress('fd00:ec2::254', 'ipv6');
// Metadata outside the link-local range: Azure's wire server, Alibaba Cloud, Oracle Cloud.
for (const address of ['168.63.129.16', '100.100.100.200', '192.0.0.192'])
  forbidden.addAddress(address, 'ipv4');
forbidden.addSubnet('0.0.0.0', 8, 'ipv4');
forbidden.addSubnet('224.0.0.0', 3, 'ipv4');
forbidden.addSubnet('ff00::', 8, 'ipv6');
forbidden.addAddress('::', 'ipv6');
// IPv4 inside IPv6 that is not needed: Teredo, and stateless translation (RFC 2765).
forbidden.addSubnet('2001::', 32, 'ipv6');
forbidden.addSubnet('::ffff:0:0:0', 96, 'ipv6');

const privateOnes = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
] as const) {
  privateOnes.addSubnet(net, bits, 'ipv4');
}
privateOnes.addAddress('::1', 'ipv6');
privateOnes.addSubnet('fc00::', 7, 'ipv6');
privateOnes.addSubnet('fec0::', 10, 'ipv6');
privateOnes.addSubnet('64:ff9b:1::', 48, 'ipv6');

export type AddressKind = 'public' | 'private' | 'forbidden';

/**
 * Judges one resolved IP address; IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4) is judged by
 * the IPv4.
 */
export function kindOfAddress(address: string): AddressKind {
  const plain = normalized(address);
  const family = isIP(plain);
  if (family === 0) return 'forbidden';
  const inner = family === 6 ? embeddedIpv4(plain) : undefined;
  if (inner) return kindOfAddress(inner);
  if (forbidden.check(plain, family === 6 ? 'ipv6' : 'ipv4')) return 'forbidden';
  return privateOnes.check(plain, family === 6 ? 'ipv6' : 'ipv4') ? 'private' : 'public';
}

/**
 * Writes an address without its zone, and IPv6 in its shortest form, so that it has one spelling.
 */
function normalized(address: string): string {
  const bare = address.split('%')[0] ?? '';
  return isIP(bare) === 6 ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}

const embedded = [
  /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/,
  // IPv4-compatible; `::1` and `::` have one group only.
  /^::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
];

function embeddedIpv4(address: string): string | undefined {
  for (const form of embedded) {
    const match = form.exec(address);
    if (!match?.[1] || !match[2]) continue;
    const [high, low] = [Number.parseInt(match[1], 16), Number.parseInt(match[2], 16)];
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  return undefined;
}
