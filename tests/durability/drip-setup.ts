import { type fhir4, localExtensions } from '@loopwell/fhir';
import { newId, silentLog } from '@loopwell/kit';
import { type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { type Database, holds, migrate, openDatabase } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { partnerRows } from '../../services/cli/src/input-files/partners-file.ts';
import { compose, originsOf } from '../../services/cli/src/run/compose.ts';
import { type DrippingServer, startDrippingServer } from './drip.ts';
import { good } from './drip-watch.ts';
import type { Resource } from './harness.ts';
import { hungryPeople } from './population.ts';

/** More servers that drip than there are slots, and one of each kind that is well. */
export type DripDrill = {
  /**
   * So many whose Tasks are followed, and so many that Tasks are sent to: a partner that lets one
   * wait is left alone by the other.
   */
  partners: number;
  ehrs: number;
  requestTimeoutMs: number;
  /** A byte of each answer. */
  dripEveryMs: number;
  /** How long people keep coming, and how often one. */
  durationMs: number;
  personEveryMs: number;
};

export const tenant = 'default';
const drillTenant = tenant;

/** What a drill has opened. */
export type OpenDrill = {
  db: Database;
  sandbox: Sandbox;
  host: Host;
  /** Partners that have a Task each, and others that are to get one while they drip. */
  followed: DrippingServer[];
  sentTo: DrippingServer[];
  /** EHRs whose pages drip, and others that drip when they are written to. */
  ehrs: DrippingServer[];
  writers: DrippingServer[];
  people: (from: number, count: number) => Promise<string[]>;
  longest: () => number[];
};

/**
 * Opens a database, a sandbox, servers that can drip, and all services in this process.
 *
 * @param opened gets a function for each thing that has to be closed, in the order of opening
 */
export async function openDrill(
  drill: DripDrill,
  opened: (() => Promise<unknown>)[],
): Promise<OpenDrill> {
  const scratch = await testDatabase();
  opened.push(scratch.close);
  await migrate(scratch.url);
  const db = openDatabase({ url: scratch.url, tenant, max: 4 });
  opened.push(() => db.close());
  const sandbox = await startSandbox({
    ...{ port: 0, host: '127.0.0.1', ehrs: [{ name: good }] },
    partners: [
      { name: good, behavior: 'finish', stepMs: 50, sendToken: 'send', readToken: 'read' },
    ],
  });
  opened.push(() => sandbox.close());
  const [followed, sentTo] = [await startMany(drill.partners), await startMany(drill.partners)];
  const [ehrs, writers] = [await startMany(drill.ehrs), await startMany(drill.ehrs)];
  const partners = [...followed, ...sentTo];
  opened.push(
    async () =>
      void (await Promise.all([...partners, ...ehrs, ...writers].map((server) => server.close()))),
  );
  await db.tx((tx) => holds.addHold(tx, { tenant, scope: 'all', principal: 'person:drill' }));
  const host = await compose(
    composeOptions(drill, { db: scratch.url, sandbox, partners, ehrs: [...ehrs, ...writers] }),
  );
  opened.push(host.close);
  return {
    db,
    sandbox,
    host,
    followed,
    sentTo,
    ehrs,
    writers,
    people: peopleOf(drill, sandbox),
    longest: () => host.oldestRequests(),
  };
}

/** Puts so many more people into the good EHR, and gives their ids. */
function peopleOf(drill: DripDrill, sandbox: Sandbox): OpenDrill['people'] {
  const count = 2 * drill.partners + Math.ceil(drill.durationMs / drill.personEveryMs) + 5;
  const resources = hungryPeople(count);
  return async (from, length) => {
    const ids = Array.from({ length }, (_, index) => `hungry-${from + index}`);
    const isOfThem = ({ id }: Resource) =>
      ids.some((patient) => id === patient || id?.startsWith(`${patient}-`));
    await putInto(sandbox, resources.filter(isOfThem));
    return ids;
  };
}

const startMany = (count: number) =>
  Promise.all(Array.from({ length: count }, startDrippingServer));

export async function putInto(sandbox: Sandbox, resources: readonly Resource[]): Promise<void> {
  await fetch(`${sandbox.address}/admin/ehr/${good}/put`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(resources),
  });
}

type Servers = {
  /** The tenant and the queue of a process that shares its database with others. */
  tenant?: string;
  queue?: { url: string; prefix: string };
  db: string;
  sandbox: Sandbox;
  partners: readonly DrippingServer[];
  ehrs: readonly DrippingServer[];
};

/** The command line's composition, with short times. */
export function composeOptions(
  { requestTimeoutMs }: Pick<DripDrill, 'requestTimeoutMs'>,
  { db, sandbox, partners, ehrs, tenant = drillTenant, queue }: Servers,
): Parameters<typeof compose>[0] {
  const base = sandbox.ehrBase(good);
  const rows = partnerRows(
    directoryOf([
      { id: good, address: sandbox.partnerBase(good) },
      ...partners.map(({ base: address }, n) => ({ id: `drip-${n}`, address })),
    ]),
    tenant,
  );
  return {
    tenant,
    databaseUrl: db,
    queue: queue ?? { url: queueUrl(db), prefix: `{${newId()}}` },
    listen: { host: '127.0.0.1', port: 0, anyPort: true },
    ehr: {
      connection: { id: good, tenant, base, quirks: 'plain-r4' },
      patients: [],
      since: undefined,
    },
    credentials: () => undefined,
    referral: referralSettings,
    publicUrl: undefined,
    partners: rows,
    partnerTokens: { [sandbox.partnerBase(good)]: { send: 'send', read: 'read' } },
    privateOrigins: originsOf([
      base,
      ...rows.map((row) => row.address),
      ...ehrs.map((ehr) => ehr.base),
    ]),
    writeBack: true,
    once: false,
    secretKey: 'ab'.repeat(32),
    timing: { ...timing, requestTimeoutMs },
    log: silentLog,
    tell: () => {},
  };
}

function directoryOf(partners: readonly { id: string; address: string }[]): fhir4.Bundle {
  const sdohcc =
    'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
  const connectionType = {
    system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
    code: 'hl7-fhir-rest',
  };
  const agreement = {
    url: localExtensions.partnerAgreement,
    extension: [
      { url: 'kind', valueCode: 'memorandum' },
      { url: 'period', valuePeriod: { start: '2020-01-01' } },
    ],
  };
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: partners.flatMap(({ id, address }) => [
      { resource: { resourceType: 'Organization', id, active: true, name: id } },
      {
        resource: {
          ...{
            resourceType: 'Endpoint',
            id: `${id}-fhir`,
            status: 'active',
            connectionType,
            payloadType: [{ text: 'Task' }],
          },
          address,
        },
      },
      {
        resource: {
          ...{
            resourceType: 'HealthcareService',
            id: `${id}-food`,
            active: true,
            providedBy: { reference: `Organization/${id}` },
          },
          ...{
            endpoint: [{ reference: `Endpoint/${id}-fhir` }],
            category: [{ coding: [{ system: sdohcc, code: 'food-insecurity' }] }],
            extension: [agreement],
          },
        },
      },
    ]) as fhir4.BundleEntry[],
  };
}

const referralSettings = {
  siteName: 'Loopwell',
  minorAge: 18,
  readAfterEndMs: 30 * 86_400_000,
  send: true,
  approve: 'unambiguous',
  agreedByConsent: false,
  longestConsentDays: 365,
  acceptByMs: 3_600_000,
  decideBy: { businessDays: 2 },
  pollMs: 1_000,
  askAgainMs: 1_000,
} as const;

const timing = {
  reconcileMs: 500,
  coalesceMs: 300,
  pullIntervalMs: 2_000,
  marginMs: 0,
  leaseMs: 60_000,
};
