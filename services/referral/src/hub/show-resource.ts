import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import { dayIn, fingerprint, timeZoneOf } from '@loopwell/kit';
import {
  deviceOf,
  minimumCondition,
  orderForPartner,
  patientForPartner,
  recordedConsentIn,
  withPartTwoNotice,
} from '@loopwell/sdoh';
import {
  consentAlias,
  consentsOfTasks,
  ehrResources,
  type Granted,
  installation,
  ownResources,
  type ReferralRow,
  type Tx,
} from '@loopwell/store';
import { loadContact } from '../contact-for-partner.ts';
import { ownOrganizationId } from '../refer/plan-send.ts';
import { nameConditions } from '../refer/shareable-conditions.ts';
import type { ReferralSettings } from '../settings.ts';
import { showOrganization } from './show-organization.ts';

/** Types that a Task of a partner reaches. */
export const shownTypes = [
  'ServiceRequest',
  'Patient',
  'Condition',
  'Consent',
  'Organization',
  'Device',
  'Procedure',
] as const;

type ShownType = (typeof shownTypes)[number];

/** A resource as a partner sees it, with `meta.versionId` and `meta.lastUpdated`. */
export type Shown = { resource: fhir4.Resource; versionId: string };

/** What allows a read, and the referral that it is of. */
export type Showing = { granted: Granted; referral: ReferralRow; settings: ReferralSettings };

/** What is shown, before it has its version. A version of ours is a number. */
type Unversioned = { resource: fhir4.Resource; version?: number; at?: Date };

/** Builds a resource as the partner of a grant may see it; undefined where there is none. */
export async function showResource(
  tx: Tx,
  showing: Showing,
  type: ShownType,
): Promise<Shown | undefined> {
  const unversioned = await build(tx, showing, type);
  return unversioned && withVersion(withNotice(unversioned, showing));
}

/** Adds the notice of 42 CFR Part 2 to what is shown of a referral that rests on such data. */
function withNotice(unversioned: Unversioned, { referral }: Showing): Unversioned {
  if (referral.restriction !== 'named-consent') return unversioned;
  return { ...unversioned, resource: withPartTwoNotice(unversioned.resource) };
}

/** Adds `meta.versionId` and `meta.lastUpdated`. Where we keep no version, the content is one. */
function withVersion({ resource, version, at }: Unversioned): Shown {
  const content = JSON.stringify(resource);
  const versionId = version === undefined ? fingerprint(content).slice(0, 16) : String(version);
  const meta = {
    ...resource.meta,
    versionId,
    ...withoutUndefined({ lastUpdated: at?.toISOString() }),
  };
  return { resource: { ...resource, meta }, versionId };
}

async function build(tx: Tx, showing: Showing, type: ShownType): Promise<Unversioned | undefined> {
  switch (type) {
    case 'ServiceRequest':
      return showOrder(tx, showing);
    case 'Consent':
    case 'Procedure':
      return showOwn(tx, showing.granted.id);
    case 'Patient':
      return showPatient(tx, showing);
    case 'Condition':
      return showCondition(tx, showing);
    case 'Organization':
      return showOrganization(tx, showing);
    case 'Device':
      return showDevice(tx, showing.granted.id);
  }
}

async function showOwn<R extends fhir4.Resource>(
  tx: Tx,
  id: string,
): Promise<{ resource: R; version: number; at: Date } | undefined> {
  const row = (await ownResources.loadOwnResources(tx, [id])).get(id);
  if (!row) return undefined;
  return { resource: JSON.parse(row.body) as R, version: row.version, at: row.updated_at };
}

/** Shows the order, with the copy of the Consent that this partner reads. */
async function showOrder(
  tx: Tx,
  { granted, referral, settings }: Showing,
): Promise<Unversioned | undefined> {
  const order = await showOwn<fhir4.ServiceRequest>(tx, granted.id);
  if (!order) return undefined;
  const consent = (await consentsOfTasks(tx, [referral.id])).get(granted.task)?.consentId ?? '';
  const id = consentAlias(referral.tenant, referral.connection, consent, granted.partner);
  const reference = `${settings.publicBase}/Consent/${id}`;
  return { ...order, resource: orderForPartner(order.resource, { reference }) };
}

async function showCondition(
  tx: Tx,
  { granted, referral, settings }: Showing,
): Promise<Unversioned | undefined> {
  const named = (await nameConditions(tx, [referral])).get(referral.id);
  const sought = named?.find((condition) => condition.id === granted.id);
  if (!sought) return undefined;
  const { publicBase } = settings;
  return { resource: minimumCondition(sought.condition, granted.id, publicBase, referral.person) };
}

/** Shows the Device of the software that drew the conclusions, if the id is its own. */
async function showDevice(tx: Tx, id: string): Promise<Unversioned | undefined> {
  const system = await installation.identifierSystem(tx);
  return id === installation.deviceId(system) ? { resource: deviceOf(id, system) } : undefined;
}

/** Shows the Patient with the elements of the grant. */
async function showPatient(
  tx: Tx,
  { granted, referral, settings }: Showing,
): Promise<Unversioned | undefined> {
  const { person, connection } = referral;
  const rows = await ehrResources.ehrResourcesOfPeople(tx, [person], ['Patient']);
  const row = rows.find((one) => one.connection === connection) ?? rows[0];
  if (!row) return undefined;
  const elements = granted.elements.split(' ');
  const showsContact = elements.includes('contact') && settings.contactFromChart === true;
  const contact = showsContact ? await loadContact(tx, person) : undefined;
  const patient = patientForPartner(JSON.parse(row.body) as fhir4.Patient, {
    elements,
    householdSize: recordedConsentIn(referral.consent_recorded)?.householdSize,
    id: person,
    base: settings.publicBase,
    organization: { id: ownOrganizationId(settings.tenant), name: settings.siteName },
    today: dayIn(timeZoneOf(settings), granted.readAt),
    contact,
    protectedAddress: settings.protectedAddress,
    identifierSystem: await installation.identifierSystem(tx),
  });
  return { resource: patient };
}
