import { silentLog } from '@loopwell/kit';
import { suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, installation, migrate, openDatabase, ownResources } from '../index.ts';

let scratch: { url: string };
let db: Database;
const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 12, log: silentLog });
});
afterEach(async () => {
  await db.close();
});

const clinic = 'https://clinic.example.org/loopwell';

describe('the identifier system of a database', () => {
  it('is made at the first start, and is the same at every other', async () => {
    const first = await installation.chooseIdentifierSystem(db);
    expect(first).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(await installation.chooseIdentifierSystem(db)).toBe(first);
    expect(await installation.identifierSystem(db)).toBe(first);
  });

  it('is the one that the first start named', async () => {
    expect(await installation.chooseIdentifierSystem(db, clinic)).toBe(clinic);
    expect(await installation.chooseIdentifierSystem(db)).toBe(clinic);
    expect(await installation.chooseIdentifierSystem(db, clinic)).toBe(clinic);
  });

  it('is refused in a sentence that names both, where another was chosen before', async () => {
    await installation.chooseIdentifierSystem(db, clinic);
    const other = installation.chooseIdentifierSystem(db, 'urn:oid:1.2.3');
    await expect(other).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/clinic\.example\.org.*urn:oid:1\.2\.3/),
    });
    expect(await installation.identifierSystem(db)).toBe(clinic);
  });

  it('is one for processes that start at the same moment', async () => {
    const all = await Promise.all(
      Array.from({ length: 12 }, () => installation.chooseIdentifierSystem(db)),
    );
    expect(new Set(all).size).toBe(1);
  });

  it('knows the values that it gave, and no others', async () => {
    await db.tx((tx) => ownResources.saveOwnResources(tx, [row]));
    const asked = [row.id, '22222222-2222-5222-8222-222222222222', 'MRN-1', ''];
    expect(await installation.givenAmong(db, asked)).toEqual(new Set([row.id]));
  });
});

const row = {
  id: '11111111-1111-5111-8111-111111111111',
  tenant: 'o',
  connection: 'c',
  type: 'Observation',
  person: '33333333-3333-5333-8333-333333333333',
  body: '{}',
};
