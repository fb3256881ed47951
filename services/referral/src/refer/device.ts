import { newId } from '@loopwell/kit';
import { deviceOf } from '@loopwell/sdoh';
import {
  type DueRow,
  installation,
  ownResources,
  type ReferralRow,
  type Tx,
  writeBacks,
} from '@loopwell/store';

/**
 * Makes the Device that Provenance names due for write-back, once for each EHR of some referrals.
 * The Device is its own subject, because it belongs to no person.
 *
 * @returns rows of the ledger that are due for it
 */
export async function wantDevices(tx: Tx, referrals: readonly ReferralRow[]): Promise<DueRow[]> {
  const system = await installation.identifierSystem(tx);
  const device = deviceOf(installation.deviceId(system), system);
  const connections = new Map(referrals.map((one) => [one.connection, one]));
  const rows = [...connections.values()].map(({ tenant, connection, trace }) => {
    const id = installation.deviceCopyId(system, connection);
    return {
      id,
      tenant,
      connection,
      trace,
      person: id,
      type: 'Device',
      body: JSON.stringify(device),
    };
  });
  const newIds = await writeBacks.wantDevices(tx, rows);
  await ownResources.saveOwnResources(
    tx,
    rows.filter((one) => newIds.has(one.id)).map(({ trace: _trace, ...row }) => row),
  );
  const batch = newId();
  return rows
    .filter((one) => newIds.has(one.id))
    .map(({ id, tenant, trace }) => ({
      tenant,
      stage: 'write-back',
      subject: id,
      batch,
      trace,
    }));
}
