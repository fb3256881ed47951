import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import { minimumCondition, minimumPatient, ourIdentifier } from '@loopwell/sdoh';
import { installation, made, pulled, type ReferralRow, type Tx } from '@loopwell/store';
import { nameConditions } from '../refer/conditions.ts';
import { ownOrganizationId } from '../refer/prepare.ts';
import type { ReferralSettings } from '../settings.ts';

/** Types that an open Task of a partner reaches. */
export const readableTypes = ['ServiceRequest', 'Patient', 'Condition', 'Consent', 'Organization'] as const;
type ReadableType = (typeof readableTypes)[number];

/** A partner by its bearer: the Endpoint addresses that it was given for. */
export type Reader = { organisation: string; addresses: readonly string[] };

/** What was read, and the open referral that reaches it. */
export type Read = { resource: fhir4.Resource; referral: ReferralRow; partner: string };

/** The same answer for what is not there and for what is not theirs. */
const notFound = () => new AppError('NOT_FOUND', 'No such resource, or none that an open Task of yours reaches');

/**
 * Reads one resource for a partner: exactly what Tasks reach that were sent to its Endpoint and are open, with the
 * minimum necessary, and nothing else. What it may not see looks like what does not exist.
 */
export async function readForPartner(tx: Tx, reader: Reader, type: string, id: string, settings: ReferralSettings): Promise<Read> {
  const known = readableTypes.find((one) => one === type);
  if (!known || reader.organisation !== settings.organisation || !/^[A-Za-z0-9.-]{1,64}$/.test(id)) throw notFound();
  const [reach] = await reachesOf(tx, reader, known, id);
  const resource = reach && (await readReached(tx, reach, known, id, settings));
  if (!reach || !resource) throw notFound();
  return { resource, referral: reach, partner: reach.task_partner };
}

type Reach = ReferralRow & { task_partner: string; task_address: string; order_body: string };

/** Where a resource stands in what a Task says: the order by name, the rest because the order refers to it. */
const reachedBy: Readonly<Record<ReadableType, string>> = {
  ServiceRequest: 'r.service_request::text = $4',
  Patient: 'r.person::text = $4',
  Condition: "position('/Condition/' || $4 || '\"' in m.body) > 0",
  Consent: "position('/Consent/' || $4 || '\"' in m.body) > 0",
  Organization: "(t.partner = $4 or position('/Organization/' || $4 || '\"' in m.body) > 0)",
};

/** One open Task that reaches it, if there is one; consent that has run out since reaches nothing. */
async function reachesOf(tx: Tx, reader: Reader, type: ReadableType, id: string): Promise<Reach[]> {
  const { rows } = await tx.query<Reach>(
    `select r.*, t.partner as task_partner, t.address as task_address, m.body as order_body
       from task t join referral r on r.id = t.referral join made m on m.id = r.service_request
       join lateral (select c.until from consent_decision c where c.referral = r.id and c.recipient = t.partner
                      order by c.id desc limit 1) given on given.until is null or given.until > now()
      where t.address = any($1) and t.live and r.organisation = $2 and $3::text is not null and ${reachedBy[type]}
      order by t.id limit 1`,
    [reader.addresses, reader.organisation, type, id],
  );
  return rows;
}

async function readReached(
  tx: Tx,
  reach: Reach,
  type: ReadableType,
  id: string,
  settings: ReferralSettings,
): Promise<fhir4.Resource | undefined> {
  switch (type) {
    case 'ServiceRequest':
      return JSON.parse(reach.order_body) as fhir4.ServiceRequest;
    case 'Consent':
      return bodyOf(tx, id);
    case 'Patient':
      return patientFor(tx, reach);
    case 'Condition': {
      const named = (await nameConditions(tx, [reach])).get(reach.id)?.find((one) => one.id === id);
      return named && minimumCondition(named.condition, id, settings.publicBase, reach.person);
    }
    case 'Organization':
      return organizationFor(tx, reach, id, settings);
  }
}

async function bodyOf<R extends fhir4.Resource>(tx: Tx, id: string): Promise<R | undefined> {
  if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
  const body = (await made.loadMade(tx, [id])).get(id)?.body;
  return body === undefined ? undefined : (JSON.parse(body) as R);
}

async function patientFor(tx: Tx, reach: Reach): Promise<fhir4.Patient | undefined> {
  const rows = await pulled.pulledOfPeople(tx, [reach.person], ['Patient']);
  const row = rows.find((one) => one.connection === reach.connection) ?? rows[0];
  return row && minimumPatient(JSON.parse(row.body) as fhir4.Patient, reach.person, await installation.identifierSystem(tx));
}

/** Our own Organization, and the partner's own as the directory describes it, without what leads elsewhere. */
async function organizationFor(tx: Tx, reach: Reach, id: string, settings: ReferralSettings): Promise<fhir4.Organization | undefined> {
  if (id === ownOrganizationId(settings.organisation)) {
    const identifier = [ourIdentifier(id, await installation.identifierSystem(tx))];
    return { resourceType: 'Organization', id, identifier, active: true, name: settings.organisationName };
  }
  if (id !== reach.task_partner) return undefined;
  const { rows } = await tx.query<{ body: string }>(
    'select body from partner where organisation = $1 and id = $2 order by (address = $3) desc limit 1',
    [settings.organisation, id, reach.task_address],
  );
  const known = rows[0] && (JSON.parse(rows[0].body) as { organization: fhir4.Organization }).organization;
  // Out of the directory and still at work: its Task names it, and it may read who it is.
  const { identifier, type, name, telecom, address } =
    known ?? ({ resourceType: 'Organization', name: id } satisfies fhir4.Organization as fhir4.Organization);
  const kept = { identifier: identifier?.map(({ assigner: _elsewhere, ...rest }) => rest), type, telecom, address };
  return {
    resourceType: 'Organization',
    id,
    active: true,
    name: name ?? id,
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
  };
}
