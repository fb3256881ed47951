import { newId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copiesOfPeople, settleCopy, wantCopies } from './copies.ts';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

describe('what the EHR should hold', () => {
  let db: Database;
  let scratch: { url: string; close: () => Promise<void> };
  beforeAll(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url });
  });
  afterAll(async () => {
    await db?.close();
    await scratch?.close();
  });

  const wanted = (madeId: string, person: string, version: number) => ({
    madeId,
    organisation: 'o',
    connection: 'c',
    person,
    referral: newId(),
    type: 'ServiceRequest' as const,
    version,
  });

  it.each(['done', 'refused'] as const)(
    'still waits for a version that became wanted while an older one was written (%s)',
    async (state) => {
      const [madeId, person] = [newId(), newId()];
      await db.tx((tx) => wantCopies(tx, [wanted(madeId, person, 1)]));
      // The loop closes while the first version is on its way.
      await db.tx((tx) => wantCopies(tx, [wanted(madeId, person, 2)]));
      await db.tx((tx) => settleCopy(tx, madeId, { state, version: 1, ehrId: 'e1' }));
      const [copy] = await db.tx((tx) => copiesOfPeople(tx, [person]));
      expect(copy).toMatchObject({ state: 'waiting', wanted_version: 2, written_version: state === 'done' ? 1 : null });
      await db.tx((tx) => settleCopy(tx, madeId, { state: 'done', version: 2 }));
      expect((await db.tx((tx) => copiesOfPeople(tx, [person])))[0]).toMatchObject({ state: 'done', written_version: 2, ehr_id: 'e1' });
    },
  );
});
