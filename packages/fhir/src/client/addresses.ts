import { BlockList, isIP } from 'node:net';

/**
 * Which addresses are whose. Private ones may be opened by name; link-local ones, where cloud metadata lives, never.
 */
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addAddress('fd00:ec2::254', 'ipv6');
forbidden.addSubnet('0.0.0.0', 8, 'ipv4');
forbidden.addSubnet('224.0.0.0', 3, 'ipv4');
forbidden.addSubnet('ff00::', 8, 'ipv6');

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
privateOnes.addAddress('::', 'ipv6');
privateOnes.addSubnet('fc00::', 7, 'ipv6');
privateOnes.addSubnet('64:ff9b:1::', 48, 'ipv6');

export type AddressKind = 'public' | 'private' | 'forbidden';

/** Judges one resolved IP address; IPv4 inside IPv6 (mapped, NAT64, 6to4) is judged by the IPv4. */
export function kindOfAddress(address: string): AddressKind {
  const inner = embeddedIpv4(address);
  if (inner) return kindOfAddress(inner);
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || forbidden.check(address, family)) return 'forbidden';
  return privateOnes.check(address, family) ? 'private' : 'public';
}

function embeddedIpv4(address: string): string | undefined {
  const lower = address.toLowerCase().split('%')[0] ?? '';
  const dotted = /^(?:::ffff:|64:ff9b::|::)(\d+\.\d+\.\d+\.\d+)$/.exec(lower);
  if (dotted?.[1]) return dotted[1];
  const hex = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(lower) ?? /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/.exec(lower);
  if (!hex?.[1] || !hex[2]) return undefined;
  const [high, low] = [Number.parseInt(hex[1], 16), Number.parseInt(hex[2], 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
