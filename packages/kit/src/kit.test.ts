import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError, createLog, deriveId, errorRecord, parseDurationMs, readConfig } from './index.ts';

describe('kit', () => {
  it('lists every bad variable at once and prints no value', () => {
    const schema = z.object({ PORT: z.coerce.number().int(), DATABASE_URL: z.string() });
    const read = () => readConfig(schema, { PORT: 'secret-value' });
    expect(read).toThrow(/PORT.*DATABASE_URL/s);
    expect(read).not.toThrow(/secret-value/);
  });

  it('reads secrets from files, and lists a file that cannot be read beside everything else that is bad', () => {
    const schema = z.object({ PORT: z.coerce.number().int(), DATABASE_URL: z.string(), KEY: z.string() });
    const file = join(mkdtempSync(join(tmpdir(), 'kit-')), 'url');
    writeFileSync(file, 'postgres://somewhere\n');
    const env = { PORT: '1', DATABASE_URL_FILE: file, KEY: 'k' };
    expect(readConfig(schema, env, ['DATABASE_URL']).DATABASE_URL).toBe('postgres://somewhere');
    expect(() => readConfig(schema, env)).toThrow('DATABASE_URL: is missing');
    expect(() => readConfig(schema, { ...env, DATABASE_URL: 'x' }, ['DATABASE_URL'])).toThrow('not both');
    const bad = () => readConfig(schema, { PORT: 'x', DATABASE_URL_FILE: '/nowhere/at/all', KEY: '' }, ['DATABASE_URL']);
    expect(bad).toThrow(/DATABASE_URL: the file.*PORT: .*KEY: is missing/);
  });

  it('derives the same id from the same parts, and another from parts cut elsewhere', () => {
    expect(deriveId('a', 'bc')).toBe(deriveId('a', 'bc'));
    expect(deriveId('a', 'bc')).not.toBe(deriveId('ab', 'c'));
    expect(deriveId('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('keeps the message of an unknown error out of records and logs', () => {
    const lines: string[] = [];
    const log = createLog({ service: 'test', destination: { write: (line: string) => void lines.push(line) } });
    log.error('failed', new Error('Ada Lind, born 1979'), { id: '1' });
    expect(lines.join('')).not.toContain('Ada');
    expect(errorRecord(new Error('Ada')).message).toBe('Unexpected failure');
    expect(errorRecord(new AppError('NOT_FOUND', 'No such Task')).message).toBe('No such Task');
  });

  it('reads durations with their unit and refuses others', () => {
    expect(parseDurationMs('15s')).toBe(15_000);
    expect(parseDurationMs('2d')).toBe(172_800_000);
    expect(parseDurationMs('15')).toBeUndefined();
    expect(parseDurationMs('-3s')).toBeUndefined();
  });
});
