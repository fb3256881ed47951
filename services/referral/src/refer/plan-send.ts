import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import { AppError, type Clock, deriveId } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import {
  buildServiceRequest,
  buildTask,
  minimumConsent,
  recordedConsentIn,
  withPartTwoNotice,
} from '@loopwell/sdoh';
import { consentAlias, type NewTask, orderAlias, type ReferralRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { type Prepare, taskIdOf } from './model.ts';
import type { Named } from './shareable-conditions.ts';

/** Derives the id of the Organization that asks: our tenant's. */
export const ownOrganizationId = (tenant: string) => deriveId(tenant, 'organization');

/** A send with all that is written down for it. */
export type Plan = Prepare & {
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

/** Builds the resources and the Task row of one send. */
export function planOf(prepare: Prepare, context: PlanContext): Plan {
  const { referral } = prepare.facts;
  const { partner, serviceCode } = prepare.decision;
  const number = prepare.facts.tasks.length + 1;
  const taskId = taskIdOf(referral.tenant, referral.id, number);
  const receiptKey = [taskId, partner.channel, 'request'].join('_');
  const now = context.clock.now().toISOString();
  const ehrOrder = ehrOrderOf(prepare.facts);
  const consent = consentOf(prepare, context.settings);
  const serviceRequestId =
    referral.service_request ?? deriveId(referral.tenant, 'service-request', referral.id);
  const basedOn =
    ehrOrder === null ? undefined : orderAlias(referral.tenant, referral.connection, ehrOrder);
  const conditions = (context.named.get(referral.id) ?? []).map((condition) => condition.id);
  const parts = {
    base: context.settings.publicBase,
    identifierSystem: context.identifierSystem,
    serviceRequestId,
    basedOn,
    taskId,
    receiptKey,
    person: referral.person,
    category: referral.category,
    conditions,
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
  const attempt = attemptOf(prepare, task, parts, context.shelf);
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

type Made = {
  taskId: string;
  receiptKey: string;
  requester: string;
  serviceRequestId: string;
};

/** Gives the row of the Task. */
function attemptOf(
  { facts: { referral, tasks }, decision: { partner } }: Prepare,
  task: fhir4.Task,
  made: Made,
  shelf: ChannelShelf,
): NewTask {
  return {
    id: made.taskId,
    tenant: referral.tenant,
    referral: referral.id,
    person: referral.person,
    attempt: tasks.length + 1,
    partner: partner.id,
    channel: partner.channel,
    address: partner.address,
    receipt_key: made.receiptKey,
    status: 'requested',
    body: JSON.stringify(task),
    door: shelf[partner.channel]?.door ?? 'copy',
    requester: made.requester,
    focus: made.serviceRequestId,
    trace: referral.trace,
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
