import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyBytes, secretsWith } from './secrets.ts';

const key = () => randomBytes(32).toString('base64');

describe('secrets at rest', () => {
  it('come back only with the key and for the place that they were sealed for', () => {
    const secrets = secretsWith(key());
    const sealed = secrets.seal('bearer-of-the-pantry', 'partner/o/pantry');
    expect(sealed).not.toContain('pantry');
    expect(secrets.open(sealed, 'partner/o/pantry')).toBe('bearer-of-the-pantry');
    expect(() => secrets.open(sealed, 'partner/o/shelter')).toThrow(
      'a key that this process does not have',
    );
    expect(() => secretsWith(key()).open(sealed, 'partner/o/pantry')).toThrow(
      'a key that this process does not have',
    );
  });

  it('look different each time, and a changed letter is noticed', () => {
    const secrets = secretsWith(key());
    const sealed = secrets.seal('same', 'x');
    expect(secrets.seal('same', 'x')).not.toBe(sealed);
    const [version, nonce = '', body = '', tag = ''] = sealed.split('.');
    const changed = `${body[0] === 'A' ? 'B' : 'A'}${body.slice(1)}`;
    expect(() => secrets.open([version, nonce, changed, tag].join('.'), 'x')).toThrow();
    expect(() => secrets.open([version, nonce, body, tag.slice(0, 6)].join('.'), 'x')).toThrow();
    expect(() => secrets.open('nonsense', 'x')).toThrow();
  });

  it('are still read after the key was replaced, and sealed with the new one', () => {
    const [old, next] = [key(), key()];
    const sealed = secretsWith(old).seal('kept', 'x');
    const both = secretsWith(`${next}, ${old}`);
    expect(both.open(sealed, 'x')).toBe('kept');
    expect(secretsWith(next).open(both.seal('new', 'x'), 'x')).toBe('new');
  });

  it('take a key of 32 bytes, as base64 or hexadecimal, and nothing shorter', () => {
    expect(keyBytes(randomBytes(32).toString('hex'))).toHaveLength(32);
    expect(keyBytes(key())).toHaveLength(32);
    for (const bad of [
      '',
      'secret',
      randomBytes(16).toString('hex'),
      randomBytes(31).toString('base64'),
    ])
      expect(keyBytes(bad)).toBeUndefined();
    expect(() => secretsWith('secret')).toThrow('32 bytes');
  });
});
