import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveScreenings } from '../../coding/screenings.ts';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import {
  type NeedRow,
  patchReferrals,
  type ReferralPatch,
  saveNeeds,
} from '../../referral/referrals.ts';
import { peopleInDanger } from './urgent-people.ts';

const person = '00000000-0000-4000-8000-000000000001';
const calm = '00000000-0000-4000-8000-000000000002';
const screening = {
  id: '00000000-0000-4000-8000-0000000000a1',
  tenant: 'o',
  connection: 'clinic',
  person,
  instrument: 'ahc-hrsn',
  authored: '2026-11-02',
  encounter: null,
  outcome: 'needsPerson',
  quarantine: null,
  sources: '[]',
  issues: '[]',
};
const need: NeedRow = {
  id: '00000000-0000-4000-8000-0000000000b1',
  tenant: 'o',
  connection: 'clinic',
  person,
  category: 'utility-insecurity',
  episode: 1,
  unambiguous: true,
  sensitive: false,
  conditions: '[]',
  since: '2026-11-02',
  trace: '00000000-0000-4000-8000-0000000000c1',
};

describe('who is to be seen first', () => {
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

  const inDanger = async (tenant = 'o') => [
    ...(await db.tx((tx) => peopleInDanger(tx, tenant, [person, calm]))),
  ];
  const screened = (change: Partial<typeof screening> & { safety?: boolean }) =>
    db.tx((tx) => saveScreenings(tx, [person], [{ ...screening, ...change }]));

  it.each<[string, Partial<typeof screening> & { safety?: boolean }, boolean]>([
    ['an answer on safety that warns', { safety: true }, true],
    [
      'a danger that an answer names',
      { issues: '[{"severity":"warning","danger":"may not be safe at home"}]' },
      true,
    ],
    [
      'a warning about something else',
      { issues: '[{"severity":"warning","code":"contradiction"}]' },
      false,
    ],
    ['an answer that says nothing of it', {}, false],
  ])('%s', async (_what, change, isFirst) => {
    await screened(change);
    expect(await inDanger()).toEqual(isFirst ? [person] : []);
    expect(await inDanger('another')).toEqual([]);
  });

  it('stays so when somebody has looked at it, and no longer than the record says so', async () => {
    await screened({ safety: true });
    await db.query("update screening set seen_at = now(), seen_by = 'person:ada'");
    expect(await inDanger()).toEqual([person]);
    await screened({});
    expect(await inDanger()).toEqual([]);
  });

  it.each<[string, Partial<NeedRow>, ReferralPatch, boolean]>([
    [
      'a referral that waits',
      { danger: 'utilities are shut off', danger_kind: 'call-today' },
      {},
      true,
    ],
    [
      'one at a partner',
      { danger: 'utilities are shut off', danger_kind: 'call-today' },
      { state: 'partner' },
      true,
    ],
    [
      'one that is closed',
      { danger: 'utilities are shut off', danger_kind: 'call-today' },
      { state: 'closed' },
      false,
    ],
    [
      'one that was refused',
      { danger: 'utilities are shut off', danger_kind: 'call-today' },
      { approval: 'refused' },
      false,
    ],
    ['one without danger', {}, {}, false],
  ])('%s', async (_what, change, patch, isFirst) => {
    await screened({});
    await db.query('truncate referral cascade');
    await db.tx(async (tx) => {
      await saveNeeds(tx, [{ ...need, ...change }]);
      if (Object.keys(patch).length > 0) await patchReferrals(tx, [{ id: need.id, patch }]);
    });
    expect(await inDanger()).toEqual(isFirst ? [person] : []);
  });
});
