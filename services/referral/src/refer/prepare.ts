import type { fhir4 } from '@loopwell/fhir';
import { type Clock, deriveId, newId } from '@loopwell/kit';
import { buildServiceRequest, buildTask, type Coding } from '@loopwell/sdoh';
import { copies, insertRows, ledger, type LedgerRow, made, type ReferralRow, referrals, tasks, type TaskRow, type Tx } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { type Outgoing, type Prepare, taskIdOf } from './stage.ts';

/** Our id under which partners read a Consent of an EHR. */
export const consentIdOf = (organisation: string, connection: string, consentId: string) =>
  deriveId(organisation, 'consent', connection, consentId);

/** Id of the organisation that asks: ours. */
export const ownOrganizationId = (organisation: string) => deriveId(organisation, 'organization');

/**
 * Before anything is sent: ServiceRequest and Task are stored, so that the partner can read them, the consent decision
 * is kept with its version, and the receipt says `intended`. All in the transaction that holds the leases.
 */
export async function prepareSends(
  tx: Tx,
  sends: readonly Prepare[],
  context: { settings: ReferralSettings; clock: Clock },
): Promise<Map<string, Outgoing>> {
  if (sends.length === 0) return new Map();
  const plans = sends.map((one) => planOf(one, context));
  await made.saveMade(
    tx,
    plans.flatMap(({ referral, request, task }) => {
      const { organisation, connection, person } = referral;
      return [request, task].map((resource) => ({
        id: resource.id ?? '',
        organisation,
        connection,
        person,
        type: resource.resourceType,
        body: JSON.stringify(resource),
      }));
    }),
  );
  await tasks.addTasks(tx, plans.map((one) => one.attempt));
  await tasks.intend(
    tx,
    plans.map(({ referral, attempt: row, decision }) => ({
      key: row.receipt_key,
      organisation: referral.organisation,
      person: referral.person,
      receiver: `partner:${row.partner}`,
      kind: 'Task',
      principal: decision.approvedBy,
    })),
  );
  await keepConsentDecisions(tx, plans);
  await referrals.patchReferrals(
    tx,
    plans.map(({ referral, request, facts }) => ({
      id: referral.id,
      patch: { service_request: request.id ?? null, ...agreementPatch(referral, facts.agreement) },
    })),
  );
  return new Map(plans.map((one) => [one.referral.id, outgoingOf(one.attempt, one.task)]));
}

type Plan = Prepare & { referral: ReferralRow; request: fhir4.ServiceRequest; task: fhir4.Task; attempt: Parameters<typeof tasks.addTasks>[1][number] };

function planOf(one: Prepare, { settings, clock }: { settings: ReferralSettings; clock: Clock }): Plan {
  const { referral } = one.facts;
  const { partner, serviceCode, consent } = one.decision;
  const number = one.facts.tasks.length + 1;
  const taskId = taskIdOf(referral.organisation, referral.id, number);
  const receiptKey = [taskId, partner.channel, 'request'].join('_');
  const parts = {
    base: settings.publicBase,
    serviceRequestId: referral.service_request ?? deriveId(referral.organisation, 'service-request', referral.id),
    taskId,
    receiptKey,
    person: referral.person,
    category: referral.category,
    conditions: conditionIds(referral),
    consent: consentIdOf(referral.organisation, referral.connection, consent.consentId),
    serviceCode: serviceCode as Coding,
    requester: ownOrganizationId(referral.organisation),
    owner: partner.id,
    ownerName: partner.name,
    authoredOn: clock.now().toISOString(),
  };
  const attempt = {
    id: taskId,
    organisation: referral.organisation,
    referral: referral.id,
    person: referral.person,
    attempt: number,
    partner: partner.id,
    channel: partner.channel,
    address: partner.address,
    receipt_key: receiptKey,
    status: 'requested',
  };
  return { ...one, referral, request: buildServiceRequest(parts), task: buildTask(parts), attempt };
}

/** Ids under which a referral's Conditions are read at our base; the EHR's own get one of ours. */
export function conditionIds(referral: ReferralRow): string[] {
  return (JSON.parse(referral.conditions) as string[]).map((one) =>
    one.startsWith('Condition/') ? deriveId(referral.organisation, 'ehr-condition', referral.connection, one.slice('Condition/'.length)) : one,
  );
}

function agreementPatch(referral: ReferralRow, agreement: { source: string; on: string } | undefined) {
  if (referral.agreement_on || !agreement) return {};
  return { agreement_on: agreement.on, agreement_by: agreement.source, agreement_source: agreement.source };
}

async function keepConsentDecisions(tx: Tx, plans: readonly Plan[]): Promise<void> {
  await insertRows(
    tx,
    'consent_decision',
    ['organisation', 'person', 'referral', 'consent_id', 'consent_version', 'recipient', 'purpose', 'shared', 'until'],
    plans.map(({ referral, decision, attempt: row }) => [
      referral.organisation,
      referral.person,
      referral.id,
      decision.consent.consentId,
      decision.consent.version,
      row.partner,
      'referral',
      JSON.stringify(['ServiceRequest', 'Patient', 'Condition', 'Consent']),
      decision.consent.until ?? null,
    ]),
  );
}

function outgoingOf(row: Pick<TaskRow, 'id' | 'referral' | 'person' | 'receipt_key' | 'partner' | 'address' | 'channel'>, body: fhir4.Task): Outgoing {
  return {
    taskId: row.id,
    referral: row.referral,
    person: row.person,
    receiptKey: row.receipt_key,
    partner: row.partner,
    address: row.address,
    channel: row.channel,
    body,
  };
}

/**
 * A Task whose fate is not known, as it would be sent again, and what was learnt by asking.
 *
 * @param askAgainMs a "no" counts as the second one only this long after the first, however soon somebody asks again
 */
export async function reloadOutgoing(
  tx: Tx,
  asks: readonly { task: TaskRow; resend: boolean }[],
  askAgainMs: number,
): Promise<Map<string, Outgoing>> {
  if (asks.length === 0) return new Map();
  const bodies = await made.loadMade(
    tx,
    asks.map((one) => one.task.id),
  );
  const receipts = await tasks.loadReceipts(
    tx,
    asks.map((one) => one.task.receipt_key),
  );
  return new Map(
    asks.flatMap(({ task, resend }) => {
      const body = bodies.get(task.id);
      if (!body) return [];
      const deniedBefore = (receipts.get(task.receipt_key)?.denied_for_ms ?? -1) >= askAgainMs;
      const outgoing = outgoingOf(task, JSON.parse(body.body) as fhir4.Task);
      return [[task.id, { ...outgoing, ask: { resend, deniedBefore } }]];
    }),
  );
}

/** A policy that an organisation has switched on decides under its own name, and is written down like a person. */
export async function recordPolicy(tx: Tx, approvals: readonly { row: LedgerRow; referral: ReferralRow }[]): Promise<void> {
  if (approvals.length === 0) return;
  await referrals.addDecisions(
    tx,
    approvals.map(({ referral }) => ({
      organisation: referral.organisation,
      referral: referral.id,
      person: referral.person,
      decision: 'approve',
      principal: 'policy:unambiguous',
      principalKind: 'policy',
    })),
  );
  await referrals.patchReferrals(
    tx,
    approvals.map(({ referral }) => ({
      id: referral.id,
      patch: { approval: 'approved' as const, approved_by: 'policy:unambiguous', approved_at: new Date() },
    })),
  );
  await ledger.appendHistory(
    tx,
    approvals.map(({ row }) => ({
      organisation: row.organisation,
      stage: 'refer',
      subject: row.subject,
      person: row.person,
      outcome: 'approved',
      trace: row.trace,
      principal: 'policy:unambiguous',
    })),
  );
}

/** At approval the EHR is to hold the Observations and then the Condition; asking twice changes nothing. */
export async function wantApproved(tx: Tx, approved: readonly { row: LedgerRow; referral: ReferralRow }[]): Promise<void> {
  const byCondition = new Map(
    approved.flatMap(({ referral }) => (JSON.parse(referral.conditions) as string[]).map((id) => [id, referral] as const)),
  );
  if (byCondition.size === 0) return;
  const { rows } = await tx.query<{ condition: string; observation: string }>(
    "select condition, observation from evidence where condition = any($1) and observation like 'Observation/%'",
    [[...byCondition.keys()]],
  );
  const owners = new Map([...byCondition].filter(([id]) => !id.includes('/')));
  for (const { condition, observation } of rows) {
    const referral = byCondition.get(condition);
    if (referral) owners.set(observation.slice('Observation/'.length), referral);
  }
  const bodies = await made.loadMade(tx, [...owners.keys()]);
  const wanted = [...bodies.values()].flatMap((body) => {
    const referral = owners.get(body.id);
    const type = body.type === 'Condition' || body.type === 'Observation' ? body.type : undefined;
    if (!referral || !type) return [];
    const { organisation, connection, person } = referral;
    return [{ madeId: body.id, organisation, connection, person, referral: referral.id, type, version: body.version } as const];
  });
  const fresh = await copies.wantCopies(tx, wanted);
  const people = new Map(approved.map(({ row, referral }) => [referral.person, row]));
  const batch = newId();
  await ledger.due(
    tx,
    [...people].filter(([person]) => fresh.has(person)).map(([person, row]) => ({
      organisation: row.organisation,
      stage: 'write-back',
      subject: person,
      person,
      batch,
      trace: row.trace,
    })),
  );
}
