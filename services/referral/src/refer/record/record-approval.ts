import { type fhir4, labelsOf, mapDefined, parseReference } from '@loopwell/fhir';
import { type Clock, deriveId } from '@loopwell/kit';
import { restrictionOf } from '@loopwell/sdoh';
import {
  type DueRow,
  type LedgerRow,
  ledger,
  ownResources,
  type ReferralRow,
  referrals,
  type Tx,
  tellEhr,
} from '@loopwell/store';
import type { ReferralSettings } from '../../settings.ts';
import { policyFor } from '../approval.ts';
import { wantDevices } from '../device.ts';
import type { ReferralFacts } from '../model.ts';

/**
 * A referral and its row of the ledger. `referral.approved_by` names who approved it. DECISIONS
 * D23.
 */
export type Approval = { row: LedgerRow; referral: ReferralRow };

/** The approvals that a policy makes now, and all approvals that stand by now. */
export type Approvals = { policy: Approval[]; approved: Approval[] };

/**
 * Approves referrals by the policy, and lists all that are approved by now. The EHR gets the
 * resources of the approved ones.
 */
export function approvalsOf(
  settings: ReferralSettings,
  ours: readonly LedgerRow[],
  facts: ReadonlyMap<string, ReferralFacts>,
): Approvals {
  const policy: Approval[] = [];
  const approved: Approval[] = [];
  for (const row of ours) {
    const referralFacts = facts.get(row.subject);
    if (!referralFacts) continue;
    const isOpen = referralFacts.standing === 'stands' && !referralFacts.saidNo?.no;
    const principal = isOpen
      ? policyFor(referralFacts.referral, settings, referralFacts.age)
      : undefined;
    if (principal !== undefined) {
      referralFacts.referral = {
        ...referralFacts.referral,
        approval: 'approved',
        approved_by: principal,
      };
      policy.push({ row, referral: referralFacts.referral });
    }
    if (
      referralFacts.referral.approval === 'approved' &&
      referralFacts.referral.state === 'waiting'
    )
      approved.push({ row, referral: referralFacts.referral });
  }
  return { policy, approved };
}

/**
 * Records the approvals of a policy, like a person's. `approved_by` already has the policy's name.
 */
export async function recordPolicy(
  tx: Tx,
  approvals: readonly Approval[],
  clock: Clock,
): Promise<void> {
  if (approvals.length === 0) return;
  await referrals.addDecisions(
    tx,
    approvals.map(({ referral }) => ({
      tenant: referral.tenant,
      referral: referral.id,
      person: referral.person,
      decision: 'approve',
      principal: referral.approved_by ?? '',
      principalKind: 'policy',
    })),
  );
  await referrals.patchReferrals(
    tx,
    approvals.map(({ referral }) => ({
      id: referral.id,
      patch: {
        approval: 'approved' as const,
        approved_by: referral.approved_by,
        approved_at: clock.now(),
      },
    })),
  );
  await ledger.appendHistory(
    tx,
    approvals.map(({ row, referral }) => ({
      tenant: row.tenant,
      stage: 'refer',
      subject: row.subject,
      person: row.person,
      outcome: 'approved',
      trace: row.trace,
      principal: referral.approved_by ?? '',
    })),
  );
}

type Bodies = Awaited<ReturnType<typeof ownResources.loadOwnResources>>;

/**
 * Loads the items that a score derives from and assigns them to the score's referral, so that the
 * EHR gets them, too.
 */
async function itemsOf(tx: Tx, bodies: Bodies, owners: Map<string, ReferralRow>): Promise<Bodies> {
  const items = new Set<string>();
  for (const { id, type, body } of bodies.values()) {
    const referral = owners.get(id);
    if (type !== 'Observation' || !referral) continue;
    for (const { reference } of (JSON.parse(body) as fhir4.Observation).derivedFrom ?? []) {
      const parsed = parseReference(reference);
      if (parsed?.type !== 'Observation' || parsed.base !== undefined || bodies.has(parsed.id))
        continue;
      items.add(parsed.id);
      owners.set(parsed.id, referral);
    }
  }
  return ownResources.loadOwnResources(tx, [...items]);
}

const writtenTypes = ['Condition', 'Observation', 'Provenance'] as const;

/**
 * Loads the Provenance of Conditions that are written to the EHR, and assigns it to the Condition's
 * referral. Restricted Conditions are left out.
 */
async function provenanceAmong(
  tx: Tx,
  bodies: Bodies,
  owners: Map<string, ReferralRow>,
): Promise<Bodies> {
  const ids: string[] = [];
  for (const { id, type, body } of bodies.values()) {
    const referral = owners.get(id);
    if (
      type !== 'Condition' ||
      !referral ||
      restrictionOf(labelsOf(JSON.parse(body) as fhir4.Resource))
    )
      continue;
    for (const provenance of provenanceIds(referral.tenant, id)) {
      ids.push(provenance);
      owners.set(provenance, referral);
    }
  }
  return ownResources.loadOwnResources(tx, ids);
}

/** Gives the ids under which coding and review keep the Provenance of a Condition. */
const provenanceIds = (tenant: string, condition: string): string[] => [
  deriveId(tenant, 'provenance', condition),
  deriveId(tenant, 'provenance', condition, 'chosen'),
];

/**
 * Makes the Observations, the Condition and then its Provenance due for write-back at approval. A
 * repeated call changes nothing. The write-back rows of the people are locked already.
 *
 * @returns rows of the ledger that are due for it
 */
export async function wantApproved(tx: Tx, approved: readonly Approval[]): Promise<DueRow[]> {
  const byCondition = new Map(
    approved.flatMap(({ referral }) =>
      (JSON.parse(referral.conditions) as string[]).map((id) => [id, referral] as const),
    ),
  );
  if (byCondition.size === 0) return [];
  const behind = await ownResources.observationsBehind(tx, [...byCondition.keys()]);
  const owners = new Map([...byCondition].filter(([id]) => !id.includes('/')));
  for (const { condition, observation } of behind) {
    const referral = byCondition.get(condition);
    if (referral) owners.set(observation, referral);
  }
  const bodies = await ownResources.loadOwnResources(tx, [...owners.keys()]);
  for (const [id, body] of await itemsOf(tx, bodies, owners)) bodies.set(id, body);
  for (const [id, body] of await provenanceAmong(tx, bodies, owners)) bodies.set(id, body);
  const wanted = mapDefined([...bodies.values()], (body) => {
    const referral = owners.get(body.id);
    const type = writtenTypes.find((one) => one === body.type);
    if (!referral || !type || restrictionOf(labelsOf(JSON.parse(body.body) as fhir4.Resource)))
      return undefined;
    const { tenant, connection, person, trace } = referral;
    return {
      trace,
      madeId: body.id,
      tenant,
      connection,
      person,
      referral: referral.id,
      type,
      version: body.version,
    } as const;
  });
  const due = await tellEhr(tx, wanted);
  const people = new Set(due.map((row) => row.person));
  const devices = await wantDevices(
    tx,
    approved.map((one) => one.referral).filter((one) => people.has(one.person)),
  );
  return [...devices, ...due];
}
