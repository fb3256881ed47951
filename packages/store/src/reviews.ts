import type { Tx } from './database.ts';
import type { ReferralRow } from './referrals.ts';

/** What a reviewer looks at. Everything here is personal data, for signed-in reviewers and their service tokens only. */

/** A place in a list that is sorted by when a referral changed. */
export type ReviewCursor = { changedAt: string; id: string };

export type ReviewRow = ReferralRow & { cursor_at: string };

/** Referrals that wait at some gates, longest unchanged first. */
export async function waitingReferrals(
  tx: Tx,
  organisation: string,
  page: { gates: readonly string[]; limit: number; after?: ReviewCursor | undefined },
): Promise<ReviewRow[]> {
  const { rows } = await tx.query<ReviewRow>(
    `select r.*, r.changed_at::text as cursor_at from referral r
      where organisation = $1 and state = 'waiting' and gate = any($2)
        and ($4::timestamptz is null or (changed_at, id) > ($4::timestamptz, $5::uuid))
      order by changed_at, id limit $3`,
    [organisation, page.gates, page.limit, page.after?.changedAt ?? null, page.after?.id ?? null],
  );
  return rows;
}

export type EvidenceLine = {
  person: string;
  condition: string;
  sentence: string;
  rule: string;
  rule_version: string;
  source: string;
  code_systems: string;
};

/** Why each Condition was suggested. A Condition of an EHR is told apart by its person: ids of two EHRs may collide. */
export async function evidenceFor(tx: Tx, people: readonly string[], conditions: readonly string[]): Promise<EvidenceLine[]> {
  if (people.length === 0 || conditions.length === 0) return [];
  const { rows } = await tx.query<EvidenceLine>(
    `select person, condition, sentence, rule, rule_version, source, code_systems from evidence
      where person = any($1) and condition = any($2) order by condition, added_at, observation`,
    [people, conditions],
  );
  return rows;
}

export type ConditionBody = { person: string; condition: string; body: string };

/** Bodies of Conditions by the names that referrals give them: ids of ours, and `Condition/<id>` of an EHR. */
export async function conditionBodies(tx: Tx, people: readonly string[], conditions: readonly string[]): Promise<ConditionBody[]> {
  if (people.length === 0 || conditions.length === 0) return [];
  const { rows } = await tx.query<ConditionBody>(
    `select person, id::text as condition, body from made
      where person = any($1) and type = 'Condition' and id::text = any($2)
     union all
     select person, 'Condition/' || source_id, body from pulled
      where person = any($1) and type = 'Condition' and 'Condition/' || source_id = any($2)`,
    [people, conditions],
  );
  return rows;
}

export type PersonScreening = {
  id: string;
  connection: string;
  person: string;
  instrument: string;
  authored: string;
  encounter: string | null;
  sources: string;
  issues: string;
  changed_at: Date;
  /** Changes with whatever is in it; what a reviewer was shown. */
  version: string;
};

const screeningColumns =
  'id, connection, person, instrument, authored, encounter, sources, issues, changed_at, extract(epoch from changed_at)::text as version';

/** Screenings with something that a person has to look at and nobody has: danger first, then longest waiting. */
export async function screeningsForPeople(tx: Tx, organisation: string, limit: number): Promise<PersonScreening[]> {
  const { rows } = await tx.query<PersonScreening>(
    `select ${screeningColumns} from screening where organisation = $1 and warns and seen_at is null
      order by danger desc, changed_at, id limit $2`,
    [organisation, limit],
  );
  return rows;
}

/**
 * Somebody has looked. What is found later calls a person again.
 *
 * @param shown when it had changed last, as it was shown
 * @returns the person that it is about; undefined when another was faster, it has changed, or it is not this organisation's
 */
export async function markSeen(
  tx: Tx,
  organisation: string,
  screening: string,
  by: { principal: string; shown: string },
): Promise<string | undefined> {
  const { rows } = await tx.query<{ person: string }>(
    `update screening set seen_at = now(), seen_by = $3
      where organisation = $1 and id = $2 and seen_at is null and extract(epoch from changed_at)::text = $4 returning person`,
    [organisation, screening, by.principal, by.shown],
  );
  return rows[0]?.person;
}

export async function screeningsOfPerson(tx: Tx, organisation: string, person: string): Promise<(PersonScreening & { outcome: string })[]> {
  const { rows } = await tx.query<PersonScreening & { outcome: string }>(
    `select ${screeningColumns}, outcome from screening where organisation = $1 and person = $2 order by authored, id`,
    [organisation, person],
  );
  return rows;
}

export type DecisionLine = {
  decision: string;
  principal: string;
  at: Date;
  reason: string | null;
  facts: string | null;
};

/** What was decided about one referral, in order. */
export async function decisionsOf(tx: Tx, organisation: string, referral: string): Promise<DecisionLine[]> {
  const { rows } = await tx.query<DecisionLine>(
    'select decision, principal, at, reason, facts from decision where organisation = $1 and referral = $2 order by at, id',
    [organisation, referral],
  );
  return rows;
}
