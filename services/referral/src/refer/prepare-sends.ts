import type { fhir4 } from '@loopwell/fhir';
import type { Clock } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import {
  type ConsentDecision,
  installation,
  intendReceipts,
  keepConsentDecisions,
  loadReceipts,
  ownResources,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
  tickets,
} from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import type { Outgoing, Prepare } from './model.ts';
import { type Plan, planOf } from './plan-send.ts';
import { nameConditions } from './shareable-conditions.ts';

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
  await ownResources.saveOwnResources(tx, plans.flatMap(rowsOf));
  await tasks.addTasks(
    tx,
    plans.map((one) => one.attempt),
  );
  const made = plans.map(({ attempt }) => attempt.id);
  await tickets.addTickets(tx, made);
  await intendReceipts(tx, plans.map(receiptOf));
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

/** Gives the rows of the two resources that a partner reads beside its Task. */
function rowsOf({ referral, request, consent }: Plan) {
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
}

/** Gives the receipt of a send that is about to happen. */
const receiptOf = ({ referral, attempt, decision }: Plan) => ({
  key: attempt.receipt_key,
  tenant: referral.tenant,
  person: referral.person,
  trace: referral.trace,
  receiver: `partner:${attempt.partner}`,
  kind: 'Task',
  principal: decision.approvedBy,
});

/** Gives the day of an existing order. An order is given once, for all partners that are asked. */
const orderedOnOf = (body: string | undefined): string | undefined =>
  body === undefined ? undefined : (JSON.parse(body) as fhir4.ServiceRequest).authoredOn;

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
