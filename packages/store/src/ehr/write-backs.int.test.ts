import { newId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { saveNeeds } from '../referral/referrals.ts';
import { saveOrderEnds } from './order-ends.ts';
import {
  dropRestricted,
  settleWriteBack,
  wantWriteBacks,
  writeBacksOfPeople,
} from './write-backs.ts';

describe('what the EHR should hold', () => {
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

  const wanted = (madeId: string, person: string, version: number) => ({
    madeId,
    tenant: 'o',
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
      await db.tx((tx) => wantWriteBacks(tx, [wanted(madeId, person, 1)]));
      // The loop closes while the first version is on its way.
      await db.tx((tx) => wantWriteBacks(tx, [wanted(madeId, person, 2)]));
      await db.tx((tx) => settleWriteBack(tx, madeId, { state, version: 1, ehrId: 'e1' }));
      const [copy] = await db.tx((tx) => writeBacksOfPeople(tx, [person]));
      expect(copy).toMatchObject({
        state: 'waiting',
        wanted_version: 2,
        written_version: state === 'done' ? 1 : null,
      });
      await db.tx((tx) => settleWriteBack(tx, madeId, { state: 'done', version: 2 }));
      expect((await db.tx((tx) => writeBacksOfPeople(tx, [person])))[0]).toMatchObject({
        state: 'done',
        written_version: 2,
        ehr_id: 'e1',
      });
    },
  );

  const need = (id: string, person: string) => ({
    ...{ id, tenant: 'o', connection: 'c', person, category: 'food-insecurity', episode: 1 },
    ...{
      unambiguous: true,
      sensitive: false,
      conditions: '[]',
      since: '2026-11-01',
      trace: newId(),
    },
  });

  it.each(['before', 'after'] as const)(
    "writes no end into the EHR's order of a need that is restricted: the label came %s",
    async (when) => {
      const [referral, person] = [newId(), newId()];
      const label = () =>
        db.query("update referral set restriction = 'one-recipient' where id = $1", [referral]);
      await db.tx((tx) => saveNeeds(tx, [need(referral, person)]));
      if (when === 'before') await label();
      const end = {
        madeId: newId(),
        tenant: 'o',
        connection: 'c',
        person,
        referral,
        ehrOrder: 'theirs',
        change: '{}',
      };
      await db.tx((tx) => saveOrderEnds(tx, [end]));
      expect(await db.tx((tx) => writeBacksOfPeople(tx, [person]))).toHaveLength(
        when === 'before' ? 0 : 1,
      );
      if (when === 'after') await label();
      await db.tx((tx) => dropRestricted(tx, [referral]));
      expect(await db.tx((tx) => writeBacksOfPeople(tx, [person]))).toEqual([]);
    },
  );

  it('writes nothing of a service to which a minor agreed alone', async () => {
    const [referral, person] = [newId(), newId()];
    await db.tx((tx) => saveNeeds(tx, [need(referral, person)]));
    await db.query("update referral set minor_service = 'pregnancy' where id = $1", [referral]);
    const copy = { madeId: newId(), tenant: 'o', connection: 'c', person, referral };
    const wanted = { ...copy, type: 'ServiceRequest' as const, version: 1 };
    expect(await db.tx((tx) => wantWriteBacks(tx, [wanted]))).toEqual(new Set());
    await db.query('update referral set minor_service = null where id = $1', [referral]);
    expect(await db.tx((tx) => wantWriteBacks(tx, [wanted]))).toEqual(new Set([person]));
  });
});
