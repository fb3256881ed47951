import { type fhir4, isFhirId, withoutUndefined } from '@loopwell/fhir';
import { AppError, dayIn, timeZoneOf } from '@loopwell/kit';
import {
  deviceOf,
  minimumCondition,
  minimumPatient,
  orderForPartner,
  ourIdentifier,
} from '@loopwell/sdoh';
import {
  consentAlias,
  consentsOfTasks,
  directory,
  ehrResources,
  installation,
  ownResources,
  peopleInDanger,
  type ReachableType,
  type ReachingTask,
  type ReferralRow,
  type Tx,
  tasksReaching,
} from '@loopwell/store';
import { gateRules } from '../refer/gate-rules.ts';
import { gatherOf } from '../refer/load-facts.ts';
import { ownOrganizationId } from '../refer/prepare-sends.ts';
import { nameConditions } from '../refer/shareable-conditions.ts';
import type { ReferralSettings } from '../settings.ts';
import { allowedBy } from './allowed.ts';

/** Types that a Task of a partner reaches. */
export const readableTypes: readonly ReachableType[] = [
  'ServiceRequest',
  'Patient',
  'Condition',
  'Consent',
  'Organization',
  'Device',
];

/** A partner by its bearer, with the Endpoint addresses that the bearer is for. */
export type Reader = { tenant: string; addresses: readonly string[] };

/** A resource that was read, and the referral that reaches it. */
export type Read = { resource: fhir4.Resource; referral: ReferralRow; partner: string };

/** Makes the answer for a missing resource, which is the same for a resource that is not theirs. */
const notFound = () =>
  new AppError('NOT_FOUND', 'No such resource, or none that a Task of yours reaches');

/**
 * Reads one resource for a partner, with the minimum necessary. Only resources that a Task sent to
 * its Endpoint reaches are readable, and each read decides that from what is stored at that moment.
 * A resource that a partner may not see looks like a missing one.
 */
export async function readForPartner(
  tx: Tx,
  reader: Reader,
  type: string,
  id: string,
  settings: ReferralSettings,
): Promise<Read> {
  const reachableType = readableTypes.find((one) => one === type);
  if (!reachableType || reader.tenant !== settings.tenant || !isFhirId(id)) throw notFound();
  for (let page = 0, size = firstPage; ; page += size, size = nextPages) {
    const reaches = await reachesOf(tx, reader, reachableType, id, {
      settings,
      size,
      offset: page,
    });
    for (const reach of await allowedReaches(tx, reaches, reachableType, settings)) {
      const resource = await readReached(tx, reach, reachableType, id, settings);
      if (resource) return { resource, referral: reach, partner: reach.task_partner };
    }
    if (reaches.length < size) throw notFound();
  }
}

/**
 * How many Tasks are checked at once. The latest ones nearly always allow the read, and a partner
 * may have had thousands.
 */
const [firstPage, nextPages] = [5, 200];

type Paged = { settings: ReferralSettings; size: number; offset: number };

/**
 * Loads one page of a reader's Tasks that reach a resource and are open, or ended a while ago, the
 * latest first.
 */
async function reachesOf(
  tx: Tx,
  reader: Reader,
  type: ReachableType,
  id: string,
  { settings, size, offset }: Paged,
): Promise<ReachingTask[]> {
  const isOurs = id === (await ownIdOf(tx, type, settings));
  const sought = { type, id, isOurs, withEnded: orderTypes.includes(type) };
  return tasksReaching(tx, reader, sought, { size, offset });
}

/** Gives the id of this installation's own Organization or Device; undefined for other types. */
async function ownIdOf(
  tx: Tx,
  type: ReachableType,
  settings: ReferralSettings,
): Promise<string | undefined> {
  if (type === 'Organization') return ownOrganizationId(settings.tenant);
  if (type === 'Device') return installation.deviceId(await installation.identifierSystem(tx));
  return undefined;
}

/** Types that stay readable after a Task has ended: the order, and who gave it. */
const orderTypes: readonly ReachableType[] = ['ServiceRequest', 'Organization'];

/** Leaves only the Tasks that allow a read of the type now. */
async function allowedReaches(
  tx: Tx,
  reaches: readonly ReachingTask[],
  type: ReachableType,
  settings: ReferralSettings,
): Promise<ReachingTask[]> {
  const now = reaches[0]?.read_at;
  if (!now) return [];
  const clock = { now: () => now, timeZone: settings.timeZone };
  const context = { rules: gateRules(settings, clock), settings, clock };
  const facts = await gatherOf(tx, new Map(reaches.map((reach) => [reach.id, reach])), context);
  const consents = await consentsOfTasks(
    tx,
    reaches.map((reach) => reach.id),
  );
  return reaches.filter((reach) => {
    const gathered = facts.get(reach.id);
    const task = gathered?.tasks.find((one) => one.id === reach.task_id);
    if (!gathered || !task) return false;
    const consentHasEnded = consents.get(task.id)?.hasEnded ?? true;
    const allowed = allowedBy(gathered, task, {
      now,
      readAfterEndMs: settings.readAfterEndMs,
      consentHasEnded,
    });
    return allowed === 'all' || (allowed === 'order' && orderTypes.includes(type));
  });
}

/** Reads a resource that a Task reaches, as its partner may see it. */
async function readReached(
  tx: Tx,
  reach: ReachingTask,
  type: ReachableType,
  id: string,
  settings: ReferralSettings,
): Promise<fhir4.Resource | undefined> {
  switch (type) {
    case 'ServiceRequest': {
      const consent = {
        reference: `${settings.publicBase}/Consent/${await consentIdOf(tx, reach)}`,
      };
      return orderForPartner(JSON.parse(reach.order_body) as fhir4.ServiceRequest, consent);
    }
    case 'Consent':
      return id === (await consentIdOf(tx, reach)) ? bodyOf(tx, id) : undefined;
    case 'Patient':
      return patientFor(tx, reach, settings);
    case 'Condition': {
      const named = (await nameConditions(tx, [reach])).get(reach.id)?.find((one) => one.id === id);
      return named && minimumCondition(named.condition, id, settings.publicBase, reach.person);
    }
    case 'Organization':
      return organizationFor(tx, reach, id, settings);
    case 'Device':
      return deviceFor(tx, id);
  }
}

/**
 * Gives the id of the copy of the Consent that this Task's partner reads. Each partner has its own
 * copy.
 */
async function consentIdOf(tx: Tx, reach: ReachingTask): Promise<string> {
  const consent = (await consentsOfTasks(tx, [reach.id])).get(reach.task_id);
  return consentAlias(reach.tenant, reach.connection, consent?.consentId ?? '', reach.task_partner);
}

/** Gives the Device of the software that drew the conclusions, if the id is its own. */
async function deviceFor(tx: Tx, id: string): Promise<fhir4.Device | undefined> {
  const system = await installation.identifierSystem(tx);
  return id === installation.deviceId(system) ? deviceOf(id, system) : undefined;
}

async function bodyOf<R extends fhir4.Resource>(tx: Tx, id: string): Promise<R | undefined> {
  const body = (await ownResources.loadOwnResources(tx, [id])).get(id)?.body;
  return body === undefined ? undefined : (JSON.parse(body) as R);
}

/** Gives the Patient with the minimum that the partner needs. */
async function patientFor(
  tx: Tx,
  reach: ReachingTask,
  settings: ReferralSettings,
): Promise<fhir4.Patient | undefined> {
  const rows = await ehrResources.ehrResourcesOfPeople(tx, [reach.person], ['Patient']);
  const row = rows.find((one) => one.connection === reach.connection) ?? rows[0];
  // A call may be heard by a person who hurts them, so contact data of a person in danger is left
  // out.
  const withContact =
    settings.contactFromChart === true &&
    !(await peopleInDanger(tx, reach.tenant, [reach.person])).has(reach.person);
  return (
    row &&
    minimumPatient(JSON.parse(row.body) as fhir4.Patient, {
      id: reach.person,
      base: settings.publicBase,
      organization: { id: ownOrganizationId(settings.tenant), name: settings.siteName },
      today: dayIn(timeZoneOf(settings), reach.read_at),
      withContact,
      identifierSystem: await installation.identifierSystem(tx),
    })
  );
}

/**
 * Gives our own Organization, or the partner's own as the directory describes it, without
 * references to elsewhere.
 */
async function organizationFor(
  tx: Tx,
  reach: ReachingTask,
  id: string,
  settings: ReferralSettings,
): Promise<fhir4.Organization | undefined> {
  if (id === ownOrganizationId(settings.tenant))
    return ownOrganization(id, settings, await installation.identifierSystem(tx));
  if (id !== reach.task_partner) return undefined;
  const body = await directory.partnerBody(tx, settings.tenant, id, reach.task_address);
  const listed = body && (JSON.parse(body) as { organization: fhir4.Organization }).organization;
  // A partner that left the directory may still be at work. Its Task names it, so it may read who
  // it is.
  const { identifier, type, name, telecom, address } =
    listed ||
    ({ resourceType: 'Organization', name: id } satisfies fhir4.Organization as fhir4.Organization);
  const kept = {
    identifier: identifier?.map(({ assigner: _elsewhere, ...rest }) => rest),
    type,
    telecom,
    address,
  };
  return {
    resourceType: 'Organization',
    id,
    active: true,
    name: name ?? id,
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
  };
}

/**
 * Makes our own Organization: the one that refers, with the phone that a partner calls instead of
 * the person.
 */
const ownOrganization = (
  id: string,
  { siteName, sitePhone }: ReferralSettings,
  system: string,
): fhir4.Organization => ({
  resourceType: 'Organization',
  id,
  identifier: [ourIdentifier(id, system)],
  active: true,
  name: siteName,
  ...withoutUndefined({
    telecom: sitePhone ? [{ system: 'phone', value: sitePhone, use: 'work' }] : undefined,
  }),
});
