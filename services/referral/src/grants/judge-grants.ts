import { type fhir4, parseReference } from '@loopwell/fhir';
import {
  consentAlias,
  consentsOfTasks,
  type GrantWish,
  grants,
  installation,
  ownResources,
  partnerProcedures,
  peopleWithSafetyAnswers,
  referrals,
  type TaskConsent,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { GatheredFacts } from '../refer/load-facts.ts';
import { ownOrganizationId } from '../refer/plan-send.ts';
import { principal } from '../refer/record/record-deliveries.ts';
import { type Named, nameConditions } from '../refer/shareable-conditions.ts';
import type { ReferralSettings } from '../settings.ts';
import { type GrantSubject, grantsOf } from './grants-of.ts';

type JudgeContext = { settings: ReferralSettings; now: Date };

/**
 * Judges what partners may read because of the Tasks of some referrals, and saves the grants that
 * stand for them. A Task that was made in this transaction counts, too.
 *
 * @param facts as they were gathered in this transaction
 * @param sent referrals that got a Task in this transaction
 */
export async function judgeGrants(
  tx: Tx,
  facts: ReadonlyMap<string, GatheredFacts>,
  sent: readonly string[],
  context: JudgeContext,
): Promise<void> {
  const judged = (await withTasks(tx, facts, sent)).filter((one) => one.tasks.length > 0);
  if (judged.length === 0) return;
  const around = await aroundOf(tx, judged);
  const wishes = judged.flatMap((one) => wishesOf(one, around, context));
  const ids = judged.flatMap((one) => one.tasks.map((task) => task.id));
  const lifted = judged.flatMap((one) => one.suspensions);
  await grants.saveGrants(tx, { tasks: ids, by: principal, lifted }, wishes);
}

/**
 * Reads the Tasks again, and the referrals that got one since their facts were gathered. A Task
 * that has ended meanwhile is judged as ended.
 */
async function withTasks(
  tx: Tx,
  facts: ReadonlyMap<string, GatheredFacts>,
  sent: readonly string[],
): Promise<GatheredFacts[]> {
  const taskRows = await tasks.tasksAtRest(tx, [...facts.keys()]);
  const rows = await referrals.loadReferrals(tx, sent);
  return [...facts.values()].map((gathered) => {
    const referral = rows.get(gathered.referral.id) ?? gathered.referral;
    const current = { referral, tasks: taskRows.get(referral.id) ?? [] };
    const at: GatheredFacts['at'] = (moment) => ({ ...gathered.at(moment), ...current });
    return { ...gathered, ...current, at };
  });
}

/** What grants need beside the facts, for a whole batch. */
type Around = {
  consents: ReadonlyMap<string, TaskConsent>;
  orders: ReadonlyMap<string, { body: string }>;
  named: Named;
  inDanger: ReadonlySet<string>;
  device: string;
  procedures: ReadonlyMap<string, string[]>;
};

async function aroundOf(tx: Tx, judged: readonly GatheredFacts[]): Promise<Around> {
  const rows = judged.map((one) => one.referral);
  const orderIds = rows.flatMap((referral) => referral.service_request ?? []);
  const people = [...new Set(rows.map((referral) => referral.person))];
  return {
    consents: await consentsOfTasks(
      tx,
      rows.map((referral) => referral.id),
    ),
    orders: await ownResources.loadOwnResources(tx, orderIds),
    named: await nameConditions(tx, rows),
    inDanger: await peopleWithSafetyAnswers(tx, people),
    device: installation.deviceId(await installation.identifierSystem(tx)),
    procedures: await partnerProcedures.proceduresOfTasks(
      tx,
      judged.flatMap((one) => one.tasks.map((task) => task.id)),
    ),
  };
}

function wishesOf(
  gathered: GatheredFacts,
  around: Around,
  { settings, now }: JudgeContext,
): GrantWish[] {
  const later = gathered.changes.map((at) => ({ at, facts: gathered.at(at) }));
  return gathered.tasks.flatMap((task) => {
    const consentUntil = around.consents.get(task.id)?.until ?? undefined;
    const grantFacts = {
      now,
      facts: gathered,
      later,
      consentUntil,
      readAfterEndMs: settings.readAfterEndMs,
    };
    return grantsOf(grantFacts, task, subjectOf(gathered, task, around, settings));
  });
}

function subjectOf(
  { referral }: GatheredFacts,
  task: TaskRow,
  around: Around,
  settings: ReferralSettings,
): GrantSubject {
  const consent = around.consents.get(task.id)?.consentId;
  const order = around.orders.get(referral.service_request ?? '');
  const inOrder = order ? conditionsIn(JSON.parse(order.body) as fhir4.ServiceRequest) : [];
  const shareable = (around.named.get(referral.id) ?? []).map((condition) => condition.id);
  const { tenant, connection, person } = referral;
  return {
    organization: ownOrganizationId(tenant),
    device: around.device,
    consent:
      consent === undefined ? undefined : consentAlias(tenant, connection, consent, task.partner),
    conditions: inOrder.filter((id) => shareable.includes(id)),
    procedures: around.procedures.get(task.id) ?? [],
    mayShowContact: settings.contactFromChart === true && !around.inDanger.has(person),
  };
}

/** Lists the ids of the Conditions that an order names. */
function conditionsIn(order: fhir4.ServiceRequest): string[] {
  const parsed = (order.reasonReference ?? []).map((reason) => parseReference(reason.reference));
  return parsed.flatMap((reference) => (reference?.type === 'Condition' ? [reference.id] : []));
}
