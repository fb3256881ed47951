import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import {
  conditionAlias,
  consentAlias,
  consentRecipients,
  ehrResources,
  fulfilledOrders,
  installation,
  type LedgerRow,
  loadConnections,
  ownResources,
  type Tx,
  type WriteBack,
  writeBacks,
} from '@loopwell/store';
import type { Copy } from './write-back.ts';

/** The resources to write for one person, and the ids that the EHR already has. */
export type Person = {
  row: LedgerRow;
  connection: string;
  base: string;
  patientId: string | undefined;
  copies: Copy[];
  ehrIds: Map<string, string>;
  /** True while a worker is about to write the Device that these resources refer to. */
  awaitsDevice: boolean;
  aliases: ReadonlyMap<string, string>;
  device: { id: string; system: string } | undefined;
  /** Types that this EHR has shown not to keep. */
  leftOut: Set<string>;
};

/** Loads all that is to be written for some people, in a fixed number of queries. */
export async function loadPeople(tx: Tx, rows: readonly LedgerRow[]): Promise<Map<string, Person>> {
  const people = rows.map((row) => row.subject);
  const all = Map.groupBy(await writeBacks.writeBacksOfPeople(tx, people), (one) => one.person);
  const bodies = await ownResources.loadOwnResources(
    tx,
    [...all.values()].flat().map((one) => one.own_resource),
  );
  const waitingIds = mapDefined([...all.values()].flat(), (writeBack) =>
    writeBack.state === 'waiting' ? writeBack.own_resource : undefined,
  );
  const earlier = await ownResources.earlierBodies(tx, waitingIds);
  const theirs = Map.groupBy(
    await ehrResources.ehrResourcesOfPeople(tx, people, ['Patient', 'Consent', 'Condition']),
    (one) => one.person,
  );
  const recipients = Map.groupBy(await consentRecipients(tx, people), (one) => one.person);
  const fulfilled = await fulfilledOrders(tx, people);
  const devices = await devicesOf(tx, [...all.values()].flat());
  const leftOut = await writeBacks.leftOutTypes(tx, [
    ...new Set([...all.values()].flat().map((one) => one.connection)),
  ]);
  const connections = await loadConnections(tx, [
    ...new Set([...all.values()].flat().map((one) => one.connection)),
  ]);
  return new Map(
    mapDefined(rows, (row) => {
      const writesOfPerson = all.get(row.subject) ?? [];
      const connection = connections.get(writesOfPerson[0]?.connection ?? '');
      if (!connection) return undefined;
      const waiting = writesOfPerson
        .filter((one) => one.state === 'waiting')
        .flatMap((writeBack) =>
          copyOf(
            writeBack,
            bodies.get(writeBack.own_resource)?.body,
            earlier.get(writeBack.own_resource),
          ),
        );
      const written = mapDefined(writesOfPerson, (writeBack) =>
        writeBack.ehr_id && !writeBack.taken_back
          ? ([writeBack.own_resource, writeBack.ehr_id] as const)
          : undefined,
      );
      const device = devices.get(connection.id);
      const ehrIds = new Map([
        ...written,
        ...fulfilled,
        ...(device?.ehrId ? [[device.id, device.ehrId] as const] : []),
      ]);
      const onFile = theirs.get(row.subject) ?? [];
      const patientId = onFile.find((one) => one.type === 'Patient')?.source_id;
      const aliases = aliasesOf(row.tenant, onFile, recipients.get(row.subject) ?? []);
      return [
        row.subject,
        {
          row,
          connection: connection.id,
          base: connection.base,
          patientId,
          copies: waiting,
          ehrIds,
          aliases,
          device,
          leftOut: leftOut.get(connection.id) ?? new Set(),
          awaitsDevice:
            device?.isComing === true && waiting.some((one) => refersTo(one, device.id)),
        },
      ];
    }),
  );
}

const refersTo = ({ body }: Copy, device: string) =>
  JSON.stringify(body).includes(`"Device/${device}"`);

/** Returns the Device in the EHR of each connection. */
async function devicesOf(
  tx: Tx,
  rows: readonly WriteBack[],
): Promise<Map<string, { id: string; system: string; ehrId: string | null; isComing: boolean }>> {
  const system = await installation.identifierSystem(tx);
  const id = installation.deviceId(system);
  const byCopy = new Map(
    rows.map(({ connection }) => [installation.deviceCopyId(system, connection), connection]),
  );
  const deviceWrites = await writeBacks.deviceWriteBacks(tx, [...byCopy.keys()]);
  return new Map(
    [...deviceWrites].map(([copy, row]) => [byCopy.get(copy) ?? '', { id, system, ...row }]),
  );
}

/**
 * Returns the EHR's ids of its own resources that partners read under ids of ours. Each recipient's
 * copy of a Consent has its own id.
 */
function aliasesOf(
  tenant: string,
  onFile: readonly { type: string; connection: string; source_id: string }[],
  recipients: readonly { consentId: string; recipient: string }[],
): Map<string, string> {
  const conditions = onFile
    .filter((one) => one.type === 'Condition')
    .map(({ connection, source_id: id }) => [conditionAlias(tenant, connection, id), id] as const);
  const consents = onFile
    .filter((one) => one.type === 'Consent')
    .flatMap(({ connection, source_id: id }) =>
      recipients
        .filter((one) => one.consentId === id)
        .map(({ recipient }) => [consentAlias(tenant, connection, id, recipient), id] as const),
    );
  return new Map([...conditions, ...consents]);
}

function copyOf(row: WriteBack, body: string | undefined, earlier: readonly string[] = []): Copy[] {
  // This is the end of the EHR's own order. No resource of ours is written.
  if (row.change !== null) return [{ row, body: { resourceType: row.type }, earlier: [] }];
  if (body === undefined) return [];
  return [
    {
      row,
      body: JSON.parse(body) as fhir4.Resource,
      earlier: earlier.map((one) => JSON.parse(one) as fhir4.Resource),
    },
  ];
}
