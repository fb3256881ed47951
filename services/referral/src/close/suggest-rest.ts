import type { fhir4 } from '@loopwell/fhir';
import { systems } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import {
  type DecisionRow,
  type DueRow,
  type HistoryLine,
  ledger,
  type NeedRow,
  people,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
} from '@loopwell/store';

/** A loop that is closed now, with the Task that ended it. */
type Closed = { referral: ReferralRow; task: TaskRow };

/** The rest of a need, as a referral of its own, and whose help was a part of it. */
export type Rest = { id: string; episode: number; trace: string } & Closed;

/**
 * Plans a referral for the rest of each need of which a partner says that it gave a part. It waits
 * for review as any need does, and names the same help. DECISIONS D197.
 */
export async function planRests(tx: Tx, closed: readonly Closed[]): Promise<Rest[]> {
  const partly = closed.filter(({ task }) => isPartly(task));
  if (partly.length === 0) return [];
  const all = await referrals.referralsOfPeople(
    tx,
    partly.map(({ referral }) => referral.person),
  );
  return partly.map(({ referral, task }) => {
    const { tenant, person, category } = referral;
    const alike = all.filter((row) => row.person === person && row.category === category);
    const episode = Math.max(0, ...alike.map((row) => row.episode)) + 1;
    const id = deriveId(tenant, 'referral', person, category, String(episode));
    return { id, episode, trace: deriveId(tenant, 'rest', task.id), referral, task };
  });
}

/** Tells whether a Task ended with a part of the help, by its business status. */
function isPartly({ body }: TaskRow): boolean {
  const { businessStatus } = JSON.parse(body) as fhir4.Task;
  const isOurs = ({ system, code }: fhir4.Coding) =>
    system === systems.businessStatus && code === 'partly-helped';
  return businessStatus?.coding?.some(isOurs) ?? false;
}

/** Makes the rows by which the gates look at the rests. */
export const restsDue = (rests: readonly Rest[], batch: string): DueRow[] =>
  rests.map(({ id, trace, referral: { tenant, person } }) => ({
    tenant,
    stage: 'refer',
    subject: id,
    person,
    trace,
    batch,
  }));

/** Opens the rests. What restricts the need restricts its rest, and its date is the same. */
export async function saveRests(tx: Tx, rests: readonly Rest[]): Promise<void> {
  if (rests.length === 0) return;
  await referrals.saveNeeds(tx, rests.map(needOf));
  const persons = rests.map(({ referral }) => referral.person);
  await people.linkNewReferrals(tx, persons);
  const patches = rests.map((rest) => ({
    id: rest.id,
    patch: patchOf(rest),
  }));
  await referrals.patchReferrals(tx, patches);
  await referrals.addDecisions(tx, rests.map(decisionOf));
  await ledger.appendHistory(tx, rests.map(lineOf));
}

const principalOf = ({ task }: Rest): string => `partner:${task.partner}`;

const needOf = ({ id, episode, trace, referral }: Rest): NeedRow => ({
  id,
  episode,
  trace,
  tenant: referral.tenant,
  connection: referral.connection,
  person: referral.person,
  category: referral.category,
  since: referral.since,
  unambiguous: false,
  sensitive: referral.sensitive,
  conditions: referral.conditions,
  restriction: referral.restriction,
});

const patchOf = (rest: Rest): ReferralPatch => ({
  added_by: principalOf(rest),
  service_code: rest.referral.service_code,
  service_chosen_by: rest.referral.service_chosen_by,
  must_by: rest.referral.must_by,
});

const decisionOf = (rest: Rest): DecisionRow => ({
  tenant: rest.referral.tenant,
  referral: rest.id,
  person: rest.referral.person,
  decision: 'suggestRest',
  principal: principalOf(rest),
  principalKind: 'partner',
});

const lineOf = (rest: Rest): HistoryLine => ({
  tenant: rest.referral.tenant,
  stage: 'refer',
  subject: rest.id,
  person: rest.referral.person,
  trace: rest.trace,
  outcome: 'rest-suggested',
  attempt: 1,
  principal: principalOf(rest),
  facts: {
    of: rest.referral.id,
  },
});
