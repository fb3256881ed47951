import { newId } from '@loopwell/kit';
import {
  connections,
  type Database,
  ehrResources,
  holds,
  installation,
  ledger,
  ownResources,
  pullCursors,
  wake,
  writeBacks,
} from '@loopwell/store';
import { type DripDrill, type OpenDrill, openDrill, tenant } from './drip-setup.ts';
import { type DripReport, seconds, watchPeople } from './drip-watch.ts';
import { until } from './harness.ts';

const types = [
  'Patient',
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'Consent',
  'Goal',
  'ServiceRequest',
] as const;

/**
 * Partners and EHRs are well at first: Tasks are with them and their lanes are read. Then all of
 * them begin to drip, with Tasks to be followed, Tasks to be sent, lanes to be read and resources
 * to be written, while people go on coming to the good EHR and are referred to the good partner.
 */
export async function dripDrill(drill: DripDrill): Promise<DripReport> {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    const open = await openDrill(drill, opened);
    await beginWell(open, drill);
    await beginToDrip(open, drill);
    const doors = await watchPeople({
      ...open,
      ...drill,
      ehrs: open.ehrs,
      first: 2 * drill.partners,
    });
    const longestRequest = Math.max(0, ...open.longest());
    const started = Date.now();
    await open.host.close();
    return {
      doors,
      closeSeconds: seconds(started),
      rssMegabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
      longestRequest,
    };
  } finally {
    for (const close of opened.splice(0).reverse()) await close();
  }
}

/**
 * Two referrals for each partner that has a Task: one is with it, one waits for another partner;
 * the lanes of each EHR have been read once.
 */
async function beginWell(
  { db, people, ehrs, writers }: OpenDrill,
  { partners }: DripDrill,
): Promise<void> {
  await people(0, 2 * partners);
  const count = async (sql: string) => Number((await db.query<{ n: number }>(sql)).rows[0]?.n ?? 0);
  await until(
    'all referrals wait for the hold',
    async () =>
      (await count("select count(*) as n from referral where gate = 'hold'")) === 2 * partners,
  );
  await db.query(
    `update referral r set recipient = case when n.n < $1 then 'drip-' || n.n else 'nobody' end
       from (select id, row_number() over (order by id) - 1 as n from referral) n where n.id = r.id`,
    [partners],
  );
  // Of its own: workers lock a row of the ledger before its referral.
  await db.tx(async (tx) => {
    await holds.removeHold(tx, tenant, 'all', { principal: 'person:drill' });
    await wake(tx, tenant, newId());
  });
  await until(
    'each partner has a Task',
    async () =>
      (await count('select count(*) as n from task_delivery where remote_id is not null')) ===
      partners,
    120_000,
  );
  for (const [n, ehr] of ehrs.entries()) await connect(db, `drip-ehr-${n}`, ehr.base, types);
  for (const [n, ehr] of writers.entries()) await connect(db, `drip-writer-${n}`, ehr.base, []);
  const read =
    "select count(*) as n from pull_cursor where connection like 'drip-%' and upto is not null";
  await until(
    'the lanes of each EHR have been read',
    async () => (await count(read)) === types.length * ehrs.length,
    120_000,
  );
}

async function connect(
  db: Database,
  id: string,
  base: string,
  lanesOf: readonly string[],
): Promise<void> {
  await db.tx(async (tx) => {
    const settings = {
      id,
      tenant,
      base,
      quirks: 'plain-r4',
      credentials: 'none' as const,
      client: {},
      secret: null,
      patients: [],
      aliases: [],
      since: null,
    };
    await connections.saveConnectionSettings(tx, settings);
    const cursors = lanesOf.map((type) => ({
      id: newId(),
      tenant,
      connection: id,
      type,
      scope: '',
      since: null,
    }));
    await pullCursors.addCursors(tx, cursors);
    await ledger.due(
      tx,
      cursors.map((lane) => ({
        tenant,
        stage: 'pull',
        subject: lane.id,
        batch: newId(),
        trace: newId(),
        waitsFor: 'ehr',
      })),
    );
  });
}

/**
 * All of them drip; what waited for them is due now: Tasks to be sent and followed, lanes,
 * resources to be written.
 */
async function beginToDrip(
  { db, followed, sentTo, ehrs, writers }: OpenDrill,
  { dripEveryMs }: DripDrill,
): Promise<void> {
  for (const server of [...followed, ...sentTo, ...ehrs, ...writers]) server.drip(dripEveryMs);
  await db.query(
    `update referral r set recipient = 'drip-' || ($1 + n.n)
       from (select id, row_number() over (order by id) - 1 as n from referral where recipient = 'nobody') n where n.id = r.id`,
    [followed.length],
  );
  await db.tx(async (tx) => {
    await wake(tx, tenant, newId());
    for (const n of writers.keys())
      for (const turn of [0, 1, 2]) await wantWritten(tx, `drip-writer-${n}`, `${n}-${turn}`);
  });
}

async function wantWritten(
  tx: Parameters<typeof wake>[0],
  connection: string,
  name: string,
): Promise<void> {
  const person = newId();
  const id = newId();
  const row = { tenant, connection, person };
  const patient = JSON.stringify({ resourceType: 'Patient', id: name });
  await ehrResources.saveEhrResources(tx, [
    { ...row, type: 'Patient', sourceId: name, versionId: '1', lastUpdated: null, body: patient },
  ]);
  const identifier = [{ system: await installation.identifierSystem(tx), value: id }];
  const body = JSON.stringify({
    resourceType: 'Condition',
    id,
    identifier,
    subject: { reference: `Patient/${person}` },
  });
  await ownResources.saveOwnResources(tx, [{ ...row, id, type: 'Condition', body }]);
  await writeBacks.wantWriteBacks(tx, [
    { ...row, madeId: id, referral: newId(), type: 'Condition', version: 1 },
  ]);
  await ledger.due(tx, [
    { tenant, stage: 'write-back', subject: person, person, batch: newId(), trace: newId() },
  ]);
}
