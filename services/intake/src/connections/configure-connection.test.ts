import { createOutbound } from '@loopwell/outbound';
import { expect, it } from 'vitest';
import { type ConfigureDeps, configure, connectionBody } from './configure-connection.ts';

const who = { id: 'person:rea', tenant: 'o' };

/** Configures a connection without a database, which is asked only for a body that is usable. */
async function configured(since: string): Promise<unknown> {
  const deps = {
    outbound: createOutbound({ allowedPrivateOrigins: [] }),
    db: { tx: async () => 'asked' },
  } as unknown as ConfigureDeps;
  return configure(deps, who, 'a', connectionBody({ base: 'https://ehr.example.org/r4', since }));
}

it.each([
  '2026-11-01T10:00:00Z',
  '2024-02-29T23:59:59.999Z',
  '2026-11-01T10:00:00+05:30',
  '2026-11-01T10:00:00-23:59',
])('a connection may be read since %s', async (since) => {
  expect(await configured(since)).toBe('asked');
});

it.each([
  '2026-02-30T10:00:00Z',
  '2025-02-29T10:00:00Z',
  '2026-13-01T10:00:00Z',
  '2026-11-01T24:00:00Z',
  '2026-11-01T29:00:00Z',
  '2026-11-01T23:60:00Z',
  '2026-11-01T23:59:60Z',
  '2026-11-01T10:00:00+05',
  '2026-11-01T10:00:00+24:00',
  '2026-11-01T10:00:00+0530',
  '2026-11-01T10:00:00+05:60',
  '2026-11-01t10:00:00Z',
  '2026-11-01T10:00:00z',
  '2026-11-01 10:00:00Z',
  '2026-11-01T10:00:00',
  '2026-11-01T10:00Z',
])('a connection may not be read since %s', async (since) => {
  await expect(configured(since)).rejects.toMatchObject({
    status: 400,
    problems: [{ path: '/body/since', rule: 'date-time' }],
  });
});
