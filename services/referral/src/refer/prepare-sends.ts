import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';
import { AppError, type Clock, deriveId } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import {
  buildServiceRequest,
  buildTask,
  minimumConsent,
  recordedConsentIn,
  withPartTwoNotice,
} from '@loopwell/sdoh';
import {
  type ConsentDecision,
  consentAlias,
  installation,
  intendReceipts,
  keepConsentDecisions,
  loadReceipts,
  type NewTask,
  orderAlias,
  ownResources,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { type Outgoing, type Prepare, taskIdOf } from './model.ts';
import { type Named, nameConditions } from './shareable-conditions.ts';

/** Derives the id of the Organization that asks: our tenant's. */
export const ownOrganizationId = (tenant: string) => deriveId(tenant, 'organization');

/**
 * Saves everything that a send needs before it is sent: ServiceRequest, Consent and Task for the
 * partner to read, the consent decision with its version, and the receipt `intended`. It runs in
 * the transaction that holds the leases.
 */
export async function prepareSends(
  tx: Tx,
  sends: readonly Prepare[],
  context: { settings: ReferralSettings; clock: Clock; shelf: ChannelShelf },
): Promise<Map<string, Outgoing>> {
  if (sends.length === 0) return new Map();
  const all = sends.map((one) => one.facts.referral);
  const named = await nameConditions(tx, all);
  const orders = await ownResources.loadOwnResources(
    tx,
    all.flatMap((one) => one.service_request ?? []),
  );
  const identifierSystem = await installation.identifierSystem(tx);
  const plans = sends.map((prepare) =>
    planOf(prepare, {
      ...context,
      identifierSystem,
      named,
      orderedOn: orderedOnOf(orders.get(prepare.facts.referral.service_request ?? '')?.body),
    }),
  );
  await ownResources.saveOwnResources(
    tx,
    plans.flatMap(({ referral, request, consent }) => {
      const { tenant, connection, person, trace } = referral;
      return [request, consent].map((resource) => ({
        id: resource.id ?? '',
        tenant,
        connection,
        person,
        trace,
        type: resource.resourceType,
        body: JSON.stringify(resource),
      }));
    }),
  );
  await tasks.addTasks(
    tx,
    plans.map((one) => one.attempt),
  );
  await intendReceipts(
    tx,
    plans.map(({ referral, attempt: row, decision }) => ({
      key: row.receipt_key,
      tenant: referral.tenant,
      person: referral.person,
      trace: referral.trace,
      receiver: `partner:${row.partner}`,
      kind: 'Task',
      principal: decision.approvedBy,
    })),
  );
  await keepConsentDecisions(tx, plans.map(consentDecisionOf));
  // The referral waits at `send` until the partner is known to have the Task.
  await referrals.patchReferrals(
    tx,
    plans.map(({ referral, request, ehrOrder }) => ({
      id: referral.id,
      patch: {
        state: 'waiting' as const,
        gate: 'send',
        undone_at: null,
        service_request: request.id ?? null,
        ehr_order: ehrOrder,
      },
    })),
  );
  return new Map(
    plans.map((one) => [one.referral.id, outgoingOf(one.attempt, one.referral.category, one.task)]),
  );
}

type Plan = Prepare & {
  referral: ReferralRow;
  request: fhir4.ServiceRequest;
  task: fhir4.Task;
  consent: fhir4.Consent;
  /** Id of the EHR's own order, if there is one. */
  ehrOrder: string | null;
  attempt: NewTask;
};

type PlanContext = {
  settings: ReferralSettings;
  clock: Clock;
  shelf: ChannelShelf;
  identifierSystem: string;
  named: Named;
  orderedOn: string | undefined;
};

/** Gives the day of an existing order. An order is given once, for all partners that are asked. */
const orderedOnOf = (body: string | undefined): string | undefined =>
  body === undefined ? undefined : (JSON.parse(body) as fhir4.ServiceRequest).authoredOn;

/** Builds the resources and the Task row of one send. */
function planOf(prepare: Prepare, context: PlanContext): Plan {
  const { referral } = prepare.facts;
  const { partner, serviceCode } = prepare.decision;
  const number = prepare.facts.tasks.length + 1;
  const taskId = taskIdOf(referral.tenant, referral.id, number);
  const receiptKey = [taskId, partner.channel, 'request'].join('_');
  const now = context.clock.now().toISOString();
  const ehrOrder = ehrOrderOf(prepare.facts);
  const consent = consentOf(prepare, context.settings);
  const parts = {
    base: context.settings.publicBase,
    identifierSystem: context.identifierSystem,
    serviceRequestId:
      referral.service_request ?? deriveId(referral.tenant, 'service-request', referral.id),
    basedOn:
      ehrOrder === null ? undefined : orderAlias(referral.tenant, referral.connection, ehrOrder),
    taskId,
    receiptKey,
    person: referral.person,
    category: referral.category,
    conditions: (context.named.get(referral.id) ?? []).map((condition) => condition.id),
    consent: consent.id ?? '',
    serviceCode,
    requester: ownOrganizationId(referral.tenant),
    requesterName: context.settings.siteName,
    owner: partner.id,
    ownerName: partner.name,
    orderedOn: context.orderedOn ?? now,
    authoredOn: now,
  };
  const built = buildTask(parts);
  const task = referral.restriction === 'named-consent' ? withPartTwoNotice(built) : built;
  const attempt = {
    id: taskId,
    tenant: referral.tenant,
    referral: referral.id,
    person: referral.person,
    attempt: number,
    partner: partner.id,
    channel: partner.channel,
    address: partner.address,
    receipt_key: receiptKey,
    status: 'requested',
    body: JSON.stringify(task),
    door: context.shelf[partner.channel]?.door ?? 'copy',
    requester: parts.requester,
    focus: parts.serviceRequestId,
    trace: referral.trace,
  };
  return {
    ...prepare,
    referral,
    request: buildServiceRequest(parts),
    task,
    consent,
    ehrOrder,
    attempt,
  };
}

/**
 * Gives the id of the EHR's own order that the ServiceRequest fulfils, or null. It does not change
 * once the ServiceRequest is made.
 */
const ehrOrderOf = ({ referral, ehrOrder }: Prepare['facts']): string | null =>
  referral.service_request === null ? (ehrOrder ?? null) : referral.ehr_order;

/**
 * Builds the Consent that the decision rests on, as this partner may see it. It is the version that
 * was evaluated.
 */
function consentOf({ facts, decision }: Prepare, settings: ReferralSettings): fhir4.Consent {
  const { tenant, connection, person, consent_recorded: recorded } = facts.referral;
  const { consentId } = decision.consent;
  const document = facts.consentDocument(consentId);
  if (!document) throw new AppError('CONSENT_MISSING', 'The Consent of a decision is not on file');
  const record = recordedConsentIn(recorded);
  const isRecorded = record?.id === consentId;
  return minimumConsent(document, {
    base: settings.publicBase,
    id: consentAlias(tenant, connection, consentId, decision.partner.id),
    person,
    recipient: decision.partner.id,
    sitePolicy: settings.consentPolicy,
    ...withoutUndefined({
      recordedBy: isRecorded
        ? { id: ownOrganizationId(tenant), name: settings.siteName }
        : undefined,
      recorded: isRecorded ? record : undefined,
    }),
  });
}

/** The types that a partner may read of a referral, beside the Task itself. */
const sharedTypes = JSON.stringify(['ServiceRequest', 'Patient', 'Condition', 'Consent']);

const consentDecisionOf = ({ referral, decision, attempt }: Plan): ConsentDecision => ({
  tenant: referral.tenant,
  person: referral.person,
  referral: referral.id,
  task: attempt.id,
  consentId: decision.consent.consentId,
  consentVersion: decision.consent.version,
  recipient: attempt.partner,
  purpose: 'referral',
  shared: sharedTypes,
  until: decision.consent.until ?? null,
});

function outgoingOf(
  row: Pick<
    TaskRow,
    'id' | 'referral' | 'person' | 'receipt_key' | 'partner' | 'address' | 'channel'
  >,
  need: string,
  body: fhir4.Task,
): Outgoing {
  return {
    taskId: row.id,
    referral: row.referral,
    person: row.person,
    receiptKey: row.receipt_key,
    partner: row.partner,
    address: row.address,
    channel: row.channel,
    need,
    body,
    resources: [],
  };
}

/**
 * Loads Tasks whose outcome is unknown, as they would be sent again, with the results of earlier
 * questions.
 *
 * @param askAgainMs a "no" counts as the second one only this long after the first
 */
export async function reloadOutgoing(
  tx: Tx,
  asks: readonly { task: TaskRow; resend: boolean }[],
  askAgainMs: number,
): Promise<Map<string, Outgoing>> {
  if (asks.length === 0) return new Map();
  const receipts = await loadReceipts(
    tx,
    asks.map((one) => one.task.receipt_key),
  );
  const orders = await referrals.loadReferrals(
    tx,
    asks.map((one) => one.task.referral),
  );
  return new Map(
    asks.map(({ task, resend }): [string, Outgoing] => {
      const deniedBefore = (receipts.get(task.receipt_key)?.denied_for_ms ?? -1) >= askAgainMs;
      const notKept = Number(
        /^not-kept-(\d)$/.exec(receipts.get(task.receipt_key)?.issue_code ?? '')?.[1] ?? 0,
      );
      const need = orders.get(task.referral)?.category ?? '';
      const outgoing = outgoingOf(task, need, JSON.parse(task.body) as fhir4.Task);
      return [task.id, { ...outgoing, ask: { resend, deniedBefore, notKept } }];
    }),
  );
}
