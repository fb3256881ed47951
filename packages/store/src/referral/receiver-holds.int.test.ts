import { randomBytes } from 'node:crypto';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { keyDoesNotFit } from '../database/readiness.ts';
import { placeOfBearer, placeOfConnection, secretsWith } from '../database/secrets.ts';
import { saveConnectionSettings } from '../ehr/connections.ts';
import { loadHolds, removeHold } from './holds.ts';
import { savePartnerBearers } from './partner-credentials.ts';
import { heldReceivers, noteEnd } from './receiver-holds.ts';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
const tenant = 'o';
const secrets = secretsWith(randomBytes(32).toString('hex'));

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const place = { tenant, id: 'clinic' };
  const settings = {
    base: 'https://ehr.test/fhir',
    quirks: 'plain-r4',
    client: {},
    patients: [],
    aliases: [],
    since: null,
  };
  const secret = secrets.seal('bearer', placeOfConnection(place));
  await db.tx((tx) =>
    saveConnectionSettings(tx, { ...place, ...settings, credentials: 'bearer', secret }),
  );
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

describe('a server over whose answers processes end', () => {
  const origin = 'https://ehr.test';
  const scope = `receiver:${origin}`;

  it('is left alone after the second time, until somebody releases it, and then after two more', async () => {
    await noteEnd(db, origin, 'ERR_ASSERTION');
    await noteEnd(db, undefined, 'ERR_ASSERTION');
    expect(await heldReceivers(db)).toEqual(new Set());
    await noteEnd(db, origin, 'ERR_ASSERTION');
    expect(await heldReceivers(db)).toEqual(new Set([origin]));
    expect(await loadHolds(db, tenant)).toMatchObject([
      { scope, reason: 'A process ended while its answer was read (ERR_ASSERTION)' },
    ]);
    await db.tx((tx) => removeHold(tx, tenant, scope, { principal: 'person:ada' }));
    await noteEnd(db, origin, 'ERR_ASSERTION');
    expect(await heldReceivers(db)).toEqual(new Set());
    await noteEnd(db, origin, 'ERR_ASSERTION');
    expect(await heldReceivers(db)).toEqual(new Set([origin]));
  });
});

it('says which secrets a key does not open', async () => {
  const address = 'https://partner.test/fhir';
  const send = secrets.seal('send', placeOfBearer({ tenant, address }));
  await db.tx((tx) => savePartnerBearers(tx, tenant, [{ address, send }]));
  expect(await keyDoesNotFit(db, secrets)).toBeUndefined();
  const wrong = secretsWith(randomBytes(32).toString('hex'));
  expect(await keyDoesNotFit(db, wrong)).toContain(
    'does not open 2 of 2 stored secrets (connection clinic)',
  );
  const other = wrong.seal('send', placeOfBearer({ tenant, address }));
  await db.tx((tx) => savePartnerBearers(tx, tenant, [{ address, send: other }]));
  expect(await keyDoesNotFit(db, wrong)).toContain(
    'does not open 1 of 2 stored secrets (connection clinic)',
  );
});
