import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { loadDirectory, saveDirectory } from './partner-directory.ts';

describe('the directory of partners', () => {
  let db: Database;
  let scratch: { url: string; close: () => Promise<void> };

  beforeAll(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant: 'o' });
  });
  afterAll(async () => {
    await db?.close();
    await scratch?.close();
  });

  const partners = (...ids: string[]) =>
    ids.map((id, position) => ({
      id,
      tenant: 'o',
      position,
      name: id,
      address: `https://${id}.example/fhir`,
      body: '{}',
    }));

  it('is replaced whole by each of several processes that start at once', async () => {
    await Promise.all(
      Array.from({ length: 6 }, () =>
        db.tx((tx) => saveDirectory(tx, 'o', partners('pantry', 'shelter'))),
      ),
    );
    await db.tx((tx) => saveDirectory(tx, 'o', partners('shelter', 'rides')));
    expect((await db.tx((tx) => loadDirectory(tx, 'o'))).map((one) => one.id)).toEqual([
      'shelter',
      'rides',
    ]);
  });
});
