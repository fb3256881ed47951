import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import { type Clock, dayIn, timeZoneOf } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import {
  type ConsentScope,
  minimumCondition,
  orderForPartner,
  ourIdentifier,
  patientElements,
  patientForPartner,
  recordedConsentIn,
  scopeFor,
  withPartTwoNotice,
} from '@loopwell/sdoh';
import {
  consentAlias,
  consentsOfTasks,
  directory,
  ehrResources,
  installation,
  ownResources,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';
import { loadContact } from './contact-for-partner.ts';
import { wayOf } from './directory/partner-settings.ts';
import type { Outgoing } from './refer/model.ts';
import { ownOrganizationId } from './refer/plan-send.ts';
import { nameConditions } from './refer/shareable-conditions.ts';
import type { ReferralSettings } from './settings.ts';

type Context = { settings: ReferralSettings; clock: Clock; shelf: ChannelShelf };

/**
 * Adds to Tasks on their way what they lead to, as their partners may read it at our base, where a
 * channel carries it. Each resource stands after those that it refers to. For other channels
 * nothing is read. ServiceRequest, Consent and the consent decision are stored already.
 */
export async function withResources(
  tx: Tx,
  prepared: ReadonlyMap<string, Outgoing>,
  context: Context,
): Promise<Map<string, Outgoing>> {
  const complete = new Map(prepared);
  const carried = await carriedAmong(tx, [...prepared], context.shelf);
  const ids = carried.map(([, { referral }]) => referral);
  const loaded = await referrals.loadReferrals(tx, ids);
  for (const [name, outgoing] of carried) {
    const referral = loaded.get(outgoing.referral);
    const resources = referral ? await resourcesOf(tx, referral, outgoing, context) : [];
    complete.set(name, { ...outgoing, resources });
  }
  return complete;
}

type Named = [string, Outgoing];

/** Leaves only the Tasks whose channel carries resources, by the settings of the directory. */
async function carriedAmong(
  tx: Tx,
  prepared: readonly Named[],
  shelf: ChannelShelf,
): Promise<readonly Named[]> {
  if (prepared.length === 0) return [];
  const rows = await directory.loadDirectory(tx, tx.tenant);
  return prepared.filter(([, outgoing]) => {
    const way = wayOf(rows, outgoing);
    const channel = shelf[outgoing.channel];
    if (!way || !channel) return false;
    return channel.carriesResources({ ...way.settings, address: way.address });
  });
}

/** Loads what one Task leads to. */
async function resourcesOf(
  tx: Tx,
  referral: ReferralRow,
  { taskId, partner }: Outgoing,
  context: Context,
): Promise<fhir4.Resource[]> {
  const { settings } = context;
  const { person, connection, tenant, service_request: order } = referral;
  const base = settings.publicBase;
  const system = await installation.identifierSystem(tx);
  const sent = (await consentsOfTasks(tx, [referral.id])).get(taskId);
  const consentId = consentAlias(tenant, connection, sent?.consentId ?? '', partner);
  const bodies = await ownResources.loadOwnResources(tx, [consentId, order ?? '']);
  const bodyOf = (id: string | null) => bodies.get(id ?? '')?.body;
  const [consent, request] = [bodyOf(consentId), bodyOf(order)];
  const named = (await nameConditions(tx, [referral])).get(referral.id) ?? [];
  const resources: fhir4.Resource[] = [senderOf(settings, system)];
  const scope = scopeFor(recordedConsentIn(referral.consent_recorded), sent?.consentId);
  const patient = await patientOf(tx, referral, { system, scope }, context);
  if (patient) resources.push(patient);
  for (const { id, condition } of named)
    resources.push(minimumCondition(condition, id, base, person));
  if (consent) resources.push(JSON.parse(consent) as fhir4.Consent);
  if (request) {
    const reference = { reference: `${base}/Consent/${consentId}` };
    resources.push(orderForPartner(JSON.parse(request) as fhir4.ServiceRequest, reference));
  }
  return referral.restriction === 'named-consent' ? resources.map(withPartTwoNotice) : resources;
}

/** Makes our own Organization, with the phone that a partner calls instead of the person. */
function senderOf(
  { tenant, siteName, sitePhone }: ReferralSettings,
  system: string,
): fhir4.Organization {
  const id = ownOrganizationId(tenant);
  const telecom = sitePhone ? [{ system: 'phone' as const, value: sitePhone }] : undefined;
  return {
    resourceType: 'Organization',
    id,
    identifier: [ourIdentifier(id, system)],
    active: true,
    name: siteName,
    ...withoutUndefined({ telecom }),
  };
}

/** Loads the Patient with exactly what its consent lets the partner read. */
async function patientOf(
  tx: Tx,
  { person, connection, consent_recorded: recorded }: ReferralRow,
  { system, scope }: { system: string; scope: ConsentScope | undefined },
  { settings, clock }: Context,
): Promise<fhir4.Patient | undefined> {
  const rows = await ehrResources.ehrResourcesOfPeople(tx, [person], ['Patient']);
  const row = rows.find((patient) => patient.connection === connection) ?? rows[0];
  if (!row) return undefined;
  const contact = settings.contactFromChart ? await loadContact(tx, person) : undefined;
  return patientForPartner(JSON.parse(row.body) as fhir4.Patient, {
    elements: patientElements(scope, contact !== undefined),
    householdSize: recordedConsentIn(recorded)?.householdSize,
    id: person,
    base: settings.publicBase,
    organization: { id: ownOrganizationId(tx.tenant), name: settings.siteName },
    today: dayIn(timeZoneOf(settings), clock.now()),
    contact,
    protectedAddress: settings.protectedAddress,
    identifierSystem: system,
  });
}
