import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  AppError,
  createLog,
  dayIn,
  deriveId,
  errorRecord,
  instantIn,
  parseDurationMs,
  readConfig,
  timeOfDayIn,
  timeZoneOf,
  timeZoneProblem,
  todayAt,
  withOffsetOf,
} from './index.ts';

describe('kit', () => {
  it('lists every bad variable at once and prints no value', () => {
    const schema = z.object({ PORT: z.coerce.number().int(), DATABASE_URL: z.string() });
    const read = () => readConfig(schema, { PORT: 'secret-value' });
    expect(read).toThrow(/PORT.*DATABASE_URL/s);
    expect(read).not.toThrow(/secret-value/);
  });

  it('reads secrets from files, and lists a file that cannot be read beside everything else that is bad', () => {
    const schema = z.object({
      PORT: z.coerce.number().int(),
      DATABASE_URL: z.string(),
      KEY: z.string(),
    });
    const file = join(mkdtempSync(join(tmpdir(), 'kit-')), 'url');
    writeFileSync(file, 'postgres://somewhere\n');
    const env = { PORT: '1', DATABASE_URL_FILE: file, KEY: 'k' };
    expect(readConfig(schema, env, ['DATABASE_URL']).DATABASE_URL).toBe('postgres://somewhere');
    expect(() => readConfig(schema, env)).toThrow('DATABASE_URL: is missing');
    expect(() => readConfig(schema, { ...env, DATABASE_URL: 'x' }, ['DATABASE_URL'])).toThrow(
      'not both',
    );
    const bad = () =>
      readConfig(schema, { PORT: 'x', DATABASE_URL_FILE: '/nowhere/at/all', KEY: '' }, [
        'DATABASE_URL',
      ]);
    expect(bad).toThrow(/DATABASE_URL: the file.*PORT: .*KEY: is missing/);
  });

  it('derives the same id from the same parts, and another from parts cut elsewhere', () => {
    expect(deriveId('a', 'bc')).toBe(deriveId('a', 'bc'));
    expect(deriveId('a', 'bc')).not.toBe(deriveId('ab', 'c'));
    expect(deriveId('a')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('keeps the message of an unknown error out of records and logs', () => {
    const lines: string[] = [];
    const log = createLog({
      service: 'test',
      destination: { write: (line: string) => void lines.push(line) },
    });
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

describe('the time zone of a site', () => {
  it.each([
    [
      'in the evening of Minneapolis it is still the day before',
      'America/Chicago',
      '2026-11-29T05:30:00Z',
      '2026-11-28',
    ],
    [
      'at midnight there the next day begins',
      'America/Chicago',
      '2026-11-29T06:00:00Z',
      '2026-11-29',
    ],
    ['in summer an hour earlier', 'America/Chicago', '2026-07-01T05:00:00Z', '2026-07-01'],
    [
      'in the morning of Auckland it is already the next day',
      'Pacific/Auckland',
      '2026-11-28T12:00:00Z',
      '2026-11-29',
    ],
    ['on the first line of the date', 'Pacific/Kiritimati', '2026-11-28T10:00:00Z', '2026-11-29'],
    ['half an hour counts', 'Asia/Kolkata', '2026-11-28T18:30:00Z', '2026-11-29'],
    ['in UTC', 'UTC', '2026-11-28T23:59:59.999Z', '2026-11-28'],
  ])('%s', (_what, zone, at, day) => {
    expect(dayIn(zone, new Date(at))).toBe(day);
    expect(todayAt({ now: () => new Date(at), timeZone: zone })).toBe(day);
  });

  it.each([
    ['a day in winter', 'America/Chicago', '2026-11-28', 0, '2026-11-28T06:00:00.000Z'],
    ['a day in summer', 'America/Chicago', '2026-07-01', 0, '2026-07-01T05:00:00.000Z'],
    [
      'the day on which summer begins',
      'America/Chicago',
      '2026-03-08',
      0,
      '2026-03-08T06:00:00.000Z',
    ],
    ['after it began', 'America/Chicago', '2026-03-08', 15, '2026-03-08T20:00:00.000Z'],
    ['an hour that is left out', 'America/Chicago', '2026-03-08', 2.5, '2026-03-08T08:30:00.000Z'],
    [
      'the day on which summer ends',
      'America/Chicago',
      '2026-11-01',
      0,
      '2026-11-01T05:00:00.000Z',
    ],
    ['an hour that comes twice', 'America/Chicago', '2026-11-01', 1.5, '2026-11-01T06:30:00.000Z'],
    ['after it ended', 'America/Chicago', '2026-11-01', 15, '2026-11-01T21:00:00.000Z'],
    [
      'a day that begins at one in the morning',
      'Africa/Cairo',
      '2026-04-24',
      0,
      '2026-04-23T22:00:00.000Z',
    ],
    ['a day far in the east', 'Pacific/Auckland', '2026-11-29', 0, '2026-11-28T11:00:00.000Z'],
  ])('begins %s', (_what, zone, day, hours, at) => {
    expect(instantIn(zone, day, hours * 3_600_000).toISOString()).toBe(at);
  });

  it('tells a time of day, whatever the day', () => {
    expect(timeOfDayIn('America/Chicago', new Date('2026-11-29T05:30:00.250Z'))).toBe(
      23.5 * 3_600_000 + 250,
    );
  });

  it.each(['America/Chicago', 'Europe/Zurich', 'UTC', 'Asia/Kolkata'])('may be %s', (name) => {
    expect(timeZoneProblem(name)).toBeUndefined();
    expect(timeZoneOf({ timeZone: name })).toBe(name);
  });

  it.each(['', 'Minneapolis', '-06:00', '+0530', 'America/Chicago ', 'America / Chicago', '6'])(
    'cannot be %j',
    (name) => {
      expect(timeZoneProblem(name)).toMatch(/name of a time zone such as America\/Chicago/);
    },
  );
});

describe('a time that is written without its zone', () => {
  it.each([
    ['America/Chicago', '2026-09-30T23:40:00', '2026-09-30T23:40:00-05:00'],
    ['America/Chicago', '2026-01-15T08:05', '2026-01-15T08:05:00-06:00'],
    ['America/Chicago', '2026-01-15T08:05:01.250', '2026-01-15T08:05:01.250-06:00'],
    // Summer time begins at 2 on March 8, and ends at 2 on November 1.
    ['America/Chicago', '2026-03-08T02:30:00', '2026-03-08T03:30:00-05:00'],
    ['America/Chicago', '2026-11-01T01:30:00', '2026-11-01T01:30:00-05:00'],
    ['America/Chicago', '2026-11-01T02:00:00', '2026-11-01T02:00:00-06:00'],
    ['America/St_Johns', '2026-01-15T08:05:00', '2026-01-15T08:05:00-03:30'],
    ['Asia/Kolkata', '2026-01-15T08:05:00', '2026-01-15T08:05:00+05:30'],
    ['Etc/UTC', '2026-01-15T23:59:60', '2026-01-16T00:00:00+00:00'],
    ['America/Chicago', '2026-01-15', undefined],
    ['America/Chicago', '2026-01-15T08:05:00Z', undefined],
    ['America/Chicago', '2026-13-15T08:05', undefined],
    ['America/Chicago', '2026-02-30T08:05', undefined],
    ['America/Chicago', '2026-01-15T24:05', undefined],
    ['America/Chicago', '2026-01-15T08:60', undefined],
  ])('in %s is %s as its clocks mean it', (zone, written, meant) => {
    expect(withOffsetOf(zone, written)).toBe(meant);
  });
});
