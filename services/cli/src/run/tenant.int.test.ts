import { holds, migrate } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { expect, it } from 'vitest';
import { environmentSchema } from '../command-line/environment.ts';
import { withDatabase } from './data-directory.ts';

it('a command looks into the tenant that LOOPWELL_TENANT names, else into the default one', async () => {
  const scratch = await testDatabase();
  try {
    await migrate(scratch.url);
    const here = { DATABASE_URL: scratch.url };
    const lakes = { ...here, LOOPWELL_TENANT: 'lakes' };
    await withDatabase({}, lakes, (db) =>
      holds.addHold(db, { tenant: db.tenant, scope: 'all', principal: 'person:ada' }),
    );
    const held = (environment: typeof here) =>
      withDatabase({}, environment, async (db) => [
        db.tenant,
        (await holds.loadHolds(db, db.tenant)).length,
      ]);
    expect(await held(lakes)).toEqual(['lakes', 1]);
    expect(await held(here)).toEqual(['default', 0]);
  } finally {
    await scratch.close();
  }
});

it.each([
  ['lakes', true],
  ['St.Mary-2', true],
  ['', false],
  ['a b', false],
  ['a/b', false],
  ["a'b", false],
  ['a'.repeat(65), false],
])('takes %j as the name of a tenant: %s', (LOOPWELL_TENANT, isTaken) => {
  expect(environmentSchema.safeParse({ LOOPWELL_TENANT }).success).toBe(isTaken);
});
