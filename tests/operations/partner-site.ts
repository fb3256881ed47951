import { randomBytes } from 'node:crypto';
import { type fhir4, systems } from '@loopwell/fhir';
import { type Log, silentLog } from '@loopwell/kit';
import { answersFor, asResponse, type Sandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import type { Database } from '@loopwell/store';
import { queueUrl } from '@loopwell/testing';
import { partnerRows } from '../../services/cli/src/input-files/partners-file.ts';
import { compose } from '../../services/cli/src/run/compose.ts';

/** A site whose one partner, a pantry, has a FHIR server of its own. */
type Outside = {
  scratch: { url: string };
  ehr: Sandbox;
  partner: Sandbox;
  log?: Log;
  writeBack?: boolean;
  /** Names of the partners on that server, in the order in which they are asked. */
  partners?: readonly string[];
  /** The consent form does not ask whether they want this help. */
  asksForAgreement?: boolean;
  onDuty?: ComposeOptions['onDuty'];
};

type ComposeOptions = Parameters<typeof compose>[0];

export const tenant = 'default';
const day = 86_400_000;

/** Opens every service in one process, with an EHR and partners that are reached by HTTP. */
export function openSite(outside: Outside): Promise<Host> {
  const { scratch, ehr, partner, log, writeBack, partners = ['pantry'], onDuty } = outside;
  const addressOf = (name: string) => partner.partnerBase(name);
  const tokensOf = (name: string) => ({ send: `send-${name}`, read: `read-${name}` });
  return compose({
    tenant,
    databaseUrl: scratch.url,
    queue: { url: queueUrl(scratch.url) },
    listen: { host: '127.0.0.1', port: 0 },
    ehr: {
      connection: { id: 'clinic', tenant, base: ehr.ehrBase('clinic'), quirks: 'plain-r4' },
      ...{ patients: [], since: undefined },
    },
    credentials: () => undefined,
    referral: {
      ...{ send: true, approve: undefined, agreedByConsent: !outside.asksForAgreement },
      ...{ pollMs: 300, askAgainMs: 300 },
    },
    partners: partnerRows(directoryOf(partners, addressOf), tenant),
    partnerTokens: Object.fromEntries(partners.map((name) => [addressOf(name), tokensOf(name)])),
    privateOrigins: [ehr, partner].map(({ address }) => new URL(address).origin),
    secretKey: randomBytes(32).toString('hex'),
    ...{ writeBack: writeBack ?? false, once: false },
    timing: { reconcileMs: 200, coalesceMs: 50, pullIntervalMs: 500, marginMs: 0 },
    ...{ log: log ?? silentLog, tell: () => {} },
    ...(onDuty ? { onDuty } : {}),
  });
}

/** Partners for food, each on its own FHIR server. */
function directoryOf(names: readonly string[], addressOf: (name: string) => string): fhir4.Bundle {
  const resources = names.flatMap((name) => partnerOf(name, addressOf(name)));
  const entry = resources.map((resource) => ({ resource }));
  return { resourceType: 'Bundle', type: 'collection', entry };
}

/** Makes the resources of one partner, such as The Pantry of the id `pantry`. */
function partnerOf(id: string, address: string): fhir4.Resource[] {
  const food = { coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] };
  const endpoint: fhir4.Endpoint = {
    ...{ resourceType: 'Endpoint', id: `${id}-fhir`, status: 'active', address },
    connectionType: { system: systems.endpointConnection, code: 'hl7-fhir-rest' },
    payloadType: [{ text: 'Task' }],
  };
  const service: fhir4.HealthcareService = {
    ...{ resourceType: 'HealthcareService', id: `${id}-service`, active: true },
    providedBy: { reference: `Organization/${id}` },
    category: [food],
    endpoint: [{ reference: `Endpoint/${id}-fhir` }],
  };
  const name = `The ${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  const organization: fhir4.Organization = { resourceType: 'Organization', id, name };
  return [organization, endpoint, service];
}

/** Gives the EHR a person who needs food and has agreed. */
export async function bring(ehr: Sandbox, id: string): Promise<void> {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  const consent: fhir4.Consent = {
    ...{ resourceType: 'Consent', id: `${id}-consent`, status: 'active' },
    scope: coding(systems.consentScope, 'patient-privacy'),
    category: [coding(systems.actCode, 'IDSCL')],
    patient: { reference: `Patient/${id}` },
    dateTime: at(-2 * day),
    organization: [{ reference: 'Organization/clinic' }],
    policyRule: { text: 'Authorization to share' },
    provision: { type: 'permit', period: { end: at(200 * day) } },
  };
  await ehr.load('clinic', [
    { resourceType: 'Patient', id, gender: 'female', birthDate: '1980-02-03' } as never,
    asResponse({
      ...{ id: `${id}-form`, instrument: 'hunger-vital-sign', patient: id },
      ...{ encounter: `${id}-visit`, authored: at(-day) },
      answers: answersFor('hunger-vital-sign', ['food-insecurity']),
    }) as never,
    consent as never,
  ]);
}

export type Row = {
  id: string;
  referral: string;
  person: string;
  patient: string;
  status: string;
  version: number;
  owner: string;
  focus: string;
  requester: string;
  body: string;
  remote_id: string;
  trace: string;
  state: string;
};

/** Reads the Tasks as the database has them, by the id of the Patient. */
export async function readTasks(db: Database): Promise<Map<string, Row>> {
  const { rows } = await db.query<Row>(
    `select t.*, d.remote_id, d.state, r.trace, p.source_id as patient from task t
       join task_delivery d on d.tenant = t.tenant and d.task = t.id and d.number = t.delivery
       join referral r on r.tenant = t.tenant and r.id = t.referral
       join ehr_resource p on p.tenant = t.tenant and p.person = t.person and p.type = 'Patient'
      order by p.source_id`,
  );
  return new Map(rows.map((row) => [row.patient, row]));
}
