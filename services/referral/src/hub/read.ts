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

/** A partner by its bearer: the Endpoint addresses that it was given for. */
export type Reader = { tenant: string; addresses: readonly string[] };

/** What was read, and the referral that reaches it. */
export type Read = { resource: fhir4.Resource; referral: ReferralRow; partner: string };

/** The same answer for what is not there and for what is not theirs. */
const notFound = () =>
  new AppError('NOT_FOUND', 'No such resource, or none that a Task of yours reaches');

/**
 * Reads one resource for a partner: what Tasks reach that were sent to its Endpoint, with the
 * minimum necessary, and nothing else. Whether a Task still reaches anything is judged anew at each
 * read, by what is stored at that moment. What a partner may not see looks like what does not
 * exist.
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
 * How many Tasks are judged at once: the latest ones nearly always allow what is asked for, and a
 * partner may have had thousands.
 */
const [firstPage, nextPages] = [5, 200];

type Paged = { settings: ReferralSettings; size: number; offset: number };

/**
 * The Tasks of a reader that reach it and are open, or ended a while ago: the latest first, a page
 * of them.
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

/** The id of what this installation shows of itself. */
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

/** The copy of the Consent that this Task's partner reads: it has one of its own. */
async function consentIdOf(tx: Tx, reach: ReachingTask): Promise<string> {
  const consent = (await consentsOfTasks(tx, [reach.id])).get(reach.task_id);
  return consentAlias(reach.tenant, reach.connection, consent?.consentId ?? '', reach.task_partner);
}

/** The software that drew the conclusions, where its id is asked for. */
async function deviceFor(tx: Tx, id: string): Promise<fhir4.Device | undefined> {
  const system = await installation.identifierSystem(tx);
  return id === installation.deviceId(system) ? deviceOf(id, system) : undefined;
}

async function bodyOf<R extends fhir4.Resource>(tx: Tx, id: string): Promise<R | undefined> {
  const body = (await ownResources.loadOwnResources(tx, [id])).get(id)?.body;
  return body === undefined ? undefined : (JSON.parse(body) as R);
}

async function patientFor(
  tx: Tx,
  reach: ReachingTask,
  settings: ReferralSettings,
): Promise<fhir4.Patient | undefined> {
  const rows = await ehrResources.ehrResourcesOfPeople(tx, [reach.person], ['Patient']);
  const row = rows.find((one) => one.connection === reach.connection) ?? rows[0];
  // A call may be heard by whoever hurts them: nobody in danger is reached by a number that a chart
  // holds.
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
 * Our own Organization, and the partner's own as the directory describes it, without what leads
 * elsewhere.
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
  // Out of the directory and still at work: its Task names it, and it may read who it is.
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

/** Who refers, and where a partner calls instead of the person. */
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
