import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import { minimumCondition, minimumPatient } from '@loopwell/sdoh';
import { made, pulled, type ReferralRow, type Tx } from '@loopwell/store';
import { conditionIds, consentIdOf, ownOrganizationId } from '../refer/prepare.ts';
import type { ReferralSettings } from '../settings.ts';

/** Types that an open Task of a partner reaches. */
export const readableTypes = ['ServiceRequest', 'Patient', 'Condition', 'Consent', 'Organization', 'Task'] as const;

type Reach = { referral: ReferralRow; task: string; consentId: string };

const notFound = () => new AppError('NOT_FOUND', 'No such resource, or none that an open Task of yours reaches');

/**
 * Reads one resource for a partner: exactly what its open Tasks reach, with the minimum necessary, and nothing else.
 * What it may not see looks like what does not exist.
 */
export async function readForPartner(
  tx: Tx,
  partner: string,
  type: string,
  id: string,
  settings: ReferralSettings,
): Promise<fhir4.Resource> {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(id)) throw notFound();
  if (type === 'Organization') return organizationFor(tx, partner, id, settings);
  const reaches = await reachesOf(tx, partner, settings.organisation, type, id);
  for (const reach of reaches) {
    const found = await readReached(tx, reach, type, id, settings);
    if (found) return found;
  }
  throw notFound();
}

/** Open Tasks of the partner, narrowed to those that can reach the id where a column tells. */
async function reachesOf(tx: Tx, partner: string, organisation: string, type: string, id: string): Promise<Reach[]> {
  const narrowed = type === 'ServiceRequest' ? 'r.service_request::text = $3' : type === 'Patient' ? 'r.person::text = $3' : type === 'Task' ? 't.id::text = $3' : '$3::text is not null';
  const { rows } = await tx.query<ReferralRow & { task: string; consent: string }>(
    `select r.*, t.id as task,
            (select c.consent_id from consent_decision c where c.referral = r.id and c.recipient = t.partner order by c.id desc limit 1) as consent
       from task t join referral r on r.id = t.referral
      where t.partner = $1 and t.live and r.organisation = $2 and ${narrowed}`,
    [partner, organisation, id],
  );
  return rows.map((row) => ({ referral: row, task: row.task, consentId: row.consent ?? '' }));
}

async function readReached(tx: Tx, reach: Reach, type: string, id: string, settings: ReferralSettings): Promise<fhir4.Resource | undefined> {
  const { referral } = reach;
  if (type === 'ServiceRequest' || type === 'Task') return bodyOf(tx, id);
  if (type === 'Patient') {
    const patient = await pulledBody<fhir4.Patient>(tx, referral, 'Patient');
    return patient && minimumPatient(patient, referral.person);
  }
  if (type === 'Condition') return conditionFor(tx, referral, id, settings);
  if (type === 'Consent' && id === consentIdOf(referral.organisation, referral.connection, reach.consentId)) return consentFor(tx, reach, id, settings);
  return undefined;
}

async function bodyOf<R extends fhir4.Resource>(tx: Tx, id: string): Promise<R | undefined> {
  const body = (await made.loadMade(tx, [id])).get(id)?.body;
  return body === undefined ? undefined : (JSON.parse(body) as R);
}

async function pulledBody<R>(tx: Tx, referral: ReferralRow, type: string, sourceId?: string): Promise<R | undefined> {
  const rows = await pulled.pulledOfPeople(tx, [referral.person], [type]);
  const row = rows.find((one) => sourceId === undefined || one.source_id === sourceId);
  return row && (JSON.parse(row.body) as R);
}

async function conditionFor(tx: Tx, referral: ReferralRow, id: string, settings: ReferralSettings): Promise<fhir4.Condition | undefined> {
  const index = conditionIds(referral).indexOf(id);
  if (index < 0) return undefined;
  const named = (JSON.parse(referral.conditions) as string[])[index] ?? '';
  const condition = named.startsWith('Condition/')
    ? await pulledBody<fhir4.Condition>(tx, referral, 'Condition', named.slice('Condition/'.length))
    : await bodyOf<fhir4.Condition>(tx, named);
  return condition && minimumCondition(condition, id, settings.publicBase, referral.person);
}

/** The Consent's decision without its document: a partner needs to know that it may, not to hold the signed form. */
async function consentFor(tx: Tx, reach: Reach, id: string, settings: ReferralSettings): Promise<fhir4.Consent | undefined> {
  const consent = await pulledBody<fhir4.Consent>(tx, reach.referral, 'Consent', reach.consentId);
  if (!consent) return undefined;
  const { resourceType, status, scope, category, dateTime, policyRule, provision } = consent;
  const { person } = reach.referral;
  const period = provision?.period;
  return {
    resourceType,
    id,
    ...(consent.meta?.profile ? { meta: { profile: consent.meta.profile } } : {}),
    status,
    scope,
    category,
    patient: { reference: `${settings.publicBase}/Patient/${person}` },
    ...(dateTime ? { dateTime } : {}),
    organization: [{ reference: `${settings.publicBase}/Organization/${ownOrganizationId(settings.organisation)}` }],
    sourceAttachment: { title: 'Held by the discloser' },
    ...(policyRule ? { policyRule } : { policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes', code: 'hipaa-auth' }] } }),
    ...(provision ? { provision: { type: provision.type ?? 'permit', ...(period ? { period } : {}) } } : {}),
  };
}

/** Our own Organization, and the partner's own as the directory describes it. */
async function organizationFor(tx: Tx, partner: string, id: string, settings: ReferralSettings): Promise<fhir4.Organization> {
  const open = await tx.query('select 1 from task where partner = $1 and organisation = $2 and live limit 1', [partner, settings.organisation]);
  if (open.rows.length === 0) throw notFound();
  if (id === ownOrganizationId(settings.organisation)) {
    return { resourceType: 'Organization', id, active: true, name: settings.organisationName, identifier: [{ system: 'https://loopwell.example/fhir/NamingSystem/id', value: id }] };
  }
  if (id !== partner) throw notFound();
  const { rows } = await tx.query<{ body: string }>('select body from partner where organisation = $1 and id = $2', [settings.organisation, id]);
  const [row] = rows;
  if (!row) throw notFound();
  return { ...(JSON.parse(row.body) as { organization: fhir4.Organization }).organization, id };
}
