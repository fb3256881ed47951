import { expect, it } from 'vitest';
import { parseProxies } from './proxies.ts';

it('takes addresses, networks and the names of networks', () => {
  expect(parseProxies('')).toEqual([]);
  expect(parseProxies('10.0.0.7, 10.1.0.0/16,::1,fd00::/8,loopback')).toEqual([
    '10.0.0.7',
    '10.1.0.0/16',
    '::1',
    'fd00::/8',
    'loopback',
  ]);
});

it.each([
  'all',
  'true',
  '1',
  '*',
  '10.0.0.0/0',
  '::/0',
  '10.0.0.0/33',
  '10.0.0.0/',
  'proxy.example',
  '10.0.0.1/8/8',
])('does not take %s', (text) => {
  expect(parseProxies(text)).toBeUndefined();
});
