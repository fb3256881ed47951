import { describe, expect, it } from 'vitest';
import { readPhone } from './read-phone.ts';

const kia = { kind: 'number', number: '+16125550123' };

describe('a field for a phone number', () => {
  it.each<[text: string, read: object]>([
    ['(612) 555-0123', kia],
    ['6125550123', kia],
    ['1-612-555-0123', kia],
    ['+1 612 555 0123', kia],
    ['612-555-0123 x45', { ...kia, extension: '45' }],
    ['612-555-0123 ext. 45', { ...kia, extension: '45' }],
    ['612 555 0123 or 651 555 0124', { kind: 'none', why: 'several' }],
    ['612 555 0123 / 555-0124', { kind: 'none', why: 'several' }],
    ['555-0123', { kind: 'none', why: 'invalid' }],
    ['0000000000', { kind: 'none', why: 'invalid' }],
    ['call sister 6125550123', { ...kia, words: 'call sister' }],
    ['612.555.0123 (no voicemail!!)', { ...kia, words: 'no voicemail!!' }],
    ['+52 55 1234 5678', { kind: 'number', number: '+525512345678' }],
    ['none', { kind: 'none', why: 'invalid' }],
    ['', { kind: 'none', why: 'empty' }],
    ['   ', { kind: 'none', why: 'empty' }],
    [`6125550123${' '.repeat(300)}x`, { kind: 'none', why: 'invalid' }],
    ['6'.repeat(1_000_000), { kind: 'none', why: 'invalid' }],
    ['<b>612-555-0123</b>', { ...kia, words: '<b> </b>' }],
  ])('%j', (text, read) => {
    expect(readPhone(text)).toEqual(read);
  });
});
