import type { Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';
import { endangeredPeople, seeFirstRanks } from '../people/safety/urgent-people.ts';
import { patientsLike } from '../people/same-person.ts';
import type { ReferralRow } from '../referral/referrals.ts';

/**
 * The lists of reviewers. Everything here is personal data, for signed-in reviewers and their
 * service tokens only.
 */

/**
 * The order of a worklist below the people to be seen first: longest unchanged, or grouped by
 * person or by need.
 */
export type WorklistSort = 'urgency' | 'person' | 'need';

/** A place in a worklist. */
export type ReviewCursor = { rank: number; group: string; changedAt: string; id: string };

export type ReviewRow = ReferralRow & { cursor_at: string; cursor_group: string; rank: number };

export type Worklist = {
  gates: readonly string[];
  sort: WorklistSort;
  limit: number;
  after?: ReviewCursor | undefined;
  category?: string | undefined;
  person?: string | undefined;
  /**
   * Today (YYYY-MM-DD): what was postponed to a later day is left out, or is all that is listed.
   */
  today: string;
  postponed?: boolean;
};

/**
 * Excludes referrals that a reviewer has just answered, even before the gates have looked at them
 * again. A consent that was recorded may not be enough: such a referral stays until that is known.
 */
const stillAsks = `coalesce(approval, '') <> 'refused'
  and not (gate = 'review' and coalesce(approval, '') = 'approved')
  and not (gate = 'agreement' and coalesce(agreement_source, '') = 'reviewer'
    and agreement_on is not null)
  and not (gate = 'noServiceCode' and service_code is not null)
  and not (gate = 'withoutHelp' and without_help is null)
  and given_up_by is null`;

const groupOf = {
  urgency: "''::text",
  person: 'person::text',
  need: 'category',
} as const satisfies Record<WorklistSort, string>;

/** Writes the day after a day (YYYY-MM-DD) that is a parameter of a statement. */
const dayAfter = (parameter: string) => `to_char(${parameter}::text::date + 1, 'YYYY-MM-DD')`;

/**
 * Tells in SQL whether a referral is postponed. One of a person to be seen first can be postponed
 * for one night only: if it was postponed for longer before the danger was known, it is shown again
 * at once.
 */
const isPutOff = (today: string, isSeenFirst: string) =>
  `(coalesce(postponed_until, '') > ${today}::text and not (${isSeenFirst}
    and postponed_until > ${dayAfter(today)}))`;

/**
 * Lists referrals that wait at some gates: those of people to be seen first, then as the list is
 * sorted, longest unchanged first.
 */
export async function waitingReferrals(
  tx: Tx,
  tenant: string,
  list: Worklist,
): Promise<ReviewRow[]> {
  const group = groupOf[list.sort];
  const { after } = list;
  // Each part, one gate and one rank, is read in the order of its index, and no further than the
  // page goes.
  const part = (gate: number) => (isIn: string, rank: number) =>
    `(select r.*, r.changed_at::text as cursor_at, ${group} as cursor_group, ${rank} as rank
      from referral r
     where tenant = $1 and state = 'waiting' and gate = ($2::text[])[${gate + 1}] and ${stillAsks}
       and ($4::text is null or category = $4) and ($5::uuid is null
         or person = any(${patientsLike('$5')}))
       and ${isPutOff('$6', rank < seeFirstRanks.length - 1 ? 'true' : 'false')} = $7 and ${isIn}
       and ($8::int is null or $8::int < ${rank} or ($8::int = ${rank} and (${group}, changed_at,
         id) > ($9::text, $10::timestamptz, $11::uuid)))
     order by ${group}, changed_at, id limit $3)`;
  const parts = list.gates.flatMap((_, gate) => seeFirstRanks.map(part(gate)));
  const { rows } = await tx.query<ReviewRow>(
    `with endangered as materialized (${endangeredPeople})
     select * from (${parts.join(' union all ')}) x order by rank, cursor_group, changed_at, id
       limit $3`,
    [
      tenant,
      list.gates,
      list.limit,
      list.category ?? null,
      list.person ?? null,
      list.today,
      list.postponed === true,
      after?.rank ?? null,
      after?.group ?? null,
      after?.changedAt ?? null,
      after?.id ?? null,
    ],
  );
  return rows;
}

export type WorklistCount = {
  gate: string;
  category: string;
  postponed: boolean;
  danger: boolean;
  count: number;
};

/** Counts the referrals that wait for a reviewer, by gate and need. */
export async function worklistCounts(
  tx: Tx,
  tenant: string,
  gates: readonly string[],
  today: string,
): Promise<WorklistCount[]> {
  const isSeenFirst = '(danger is not null or person in (select person from endangered))';
  const { rows } = await tx.query<Omit<WorklistCount, 'count'> & { n: number }>(
    `with endangered as materialized (${endangeredPeople})
     select gate, category, ${isPutOff('$3', isSeenFirst)} as postponed,
       danger is not null as danger, count(*) as n
       from referral where tenant = $1 and state = 'waiting' and gate = any($2) and ${stillAsks}
         group by 1, 2, 3, 4 order by 1, 2`,
    [tenant, gates, today],
  );
  return rows.map(({ n, ...rest }) => ({ ...rest, count: Number(n) }));
}

export type EvidenceLine = Pick<
  Rows['evidence'],
  | 'person'
  | 'condition'
  | 'sentence'
  | 'rule'
  | 'rule_version'
  | 'source'
  | 'code_systems'
  | 'authored'
>;

/**
 * Lists why each Condition was suggested. A Condition of an EHR is told apart by its person, since
 * ids of two EHRs may collide.
 */
export async function evidenceFor(
  tx: Tx,
  people: readonly string[],
  conditions: readonly string[],
): Promise<EvidenceLine[]> {
  if (people.length === 0 || conditions.length === 0) return [];
  const { rows } = await tx.query<EvidenceLine>(
    `select person, condition, sentence, rule, rule_version, source, code_systems, authored
      from evidence
      where tenant = $tenant and person = any($1) and condition = any($2)
        order by condition, added_at, observation`,
    [people, conditions],
  );
  return rows;
}

export type ConditionBody = { person: string; condition: string; body: string };

/**
 * Reads the bodies of Conditions by the names that referrals give them: ids of ours, and
 * `Condition/<id>` of an EHR.
 */
export async function conditionBodies(
  tx: Tx,
  people: readonly string[],
  conditions: readonly string[],
): Promise<ConditionBody[]> {
  if (people.length === 0 || conditions.length === 0) return [];
  const { rows } = await tx.query<ConditionBody>(
    `select person, id::text as condition, body from own_resource
      where tenant = $tenant and person = any($1) and type = 'Condition' and id::text = any($2)
     union all
     select person, 'Condition/' || source_id, body from ehr_resource
      where tenant = $tenant and person = any($1) and type = 'Condition'
        and 'Condition/' || source_id = any($2)`,
    [people, conditions],
  );
  return rows;
}

export type PersonScreening = Pick<
  Rows['screening'],
  | 'id'
  | 'connection'
  | 'person'
  | 'instrument'
  | 'authored'
  | 'encounter'
  | 'sources'
  | 'issues'
  | 'changed_at'
> & {
  /** Changes with what it asks a person to look at, and with nothing else that workers do. */
  version: string;
};

const screeningColumns =
  'id, connection, person, instrument, authored, encounter, sources, issues, changed_at, ' +
  'md5(issues) as version';

/**
 * Lists screenings that warn and that no person has seen, longest waiting first. Those with an
 * answer about safety are left out: their people are on the list *See first* (DECISIONS D165).
 */
export async function screeningsForPeople(
  tx: Tx,
  tenant: string,
  limit: number,
): Promise<PersonScreening[]> {
  const { rows } = await tx.query<PersonScreening>(
    `select ${screeningColumns} from screening where tenant = $1 and warns and seen_at is null
        and not (danger or safety)
      order by changed_at, id limit $2`,
    [tenant, limit],
  );
  return rows;
}

/**
 * Counts the screenings that a person has to look at, and those of them that mark a person as
 * perhaps in danger.
 */
export async function countAttention(
  tx: Tx,
  tenant: string,
): Promise<{ all: number; danger: number }> {
  const { rows } = await tx.query<{ n: number; danger: number }>(
    'select count(*) as n, count(*) filter (where danger or safety) as danger from ' +
      'screening where tenant = $1 and warns and seen_at is null',
    [tenant],
  );
  return { all: Number(rows[0]?.n ?? 0), danger: Number(rows[0]?.danger ?? 0) };
}

/**
 * Lists the screenings of a person, in order, without those that have an answer about safety.
 * `openedScreenings` has these.
 */
export async function screeningsOfPerson(
  tx: Tx,
  tenant: string,
  person: string,
): Promise<(PersonScreening & { outcome: string })[]> {
  const { rows } = await tx.query<PersonScreening & { outcome: string }>(
    `select ${screeningColumns}, outcome from screening where tenant = $1 and person = $2
        and not (safety or danger)
      order by authored, id`,
    [tenant, person],
  );
  return rows;
}

export type DecisionLine = Pick<
  Rows['decision'],
  'decision' | 'principal' | 'at' | 'reason' | 'facts'
>;

/** Lists what was decided about one referral, in order. */
export async function decisionsOf(
  tx: Tx,
  tenant: string,
  referral: string,
): Promise<DecisionLine[]> {
  const { rows } = await tx.query<DecisionLine>(
    'select decision, principal, at, reason, facts from decision where tenant = $1 and ' +
      'referral = $2 order by at, id',
    [tenant, referral],
  );
  return rows;
}

/** Lists the decisions of people about some referrals after the first `seen` of each. */
export async function decisionsSince(
  tx: Tx,
  tenant: string,
  seen: readonly { referral: string; seen: number }[],
): Promise<{ referral: string; principal: string; decision: string }[]> {
  if (seen.length === 0) return [];
  const { rows } = await tx.query<{ referral: string; principal: string; decision: string }>(
    `select d.referral, d.principal, d.decision from unnest($2::uuid[], $3::int[]) as s(referral,
      seen)
       join (select referral, principal, decision, row_number() over (partition by referral
         order by id) as n from decision
              where tenant = $1 and referral = any($2) and principal !~ '^(policy|system):') d
         on d.referral = s.referral and d.n > s.seen`,
    [tenant, seen.map((one) => one.referral), seen.map((one) => one.seen)],
  );
  return rows;
}
