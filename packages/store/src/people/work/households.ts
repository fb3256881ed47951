import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { samePeople } from '../same-human.ts';

/** Who lives with a person, as they said. */
export type HouseholdRow = Rows['household'];

/** What a person says of their household now. */
export type NewHousehold = {
  person: string;
  size: number;
  ages: readonly number[];
  saidOn: string;
  by: string;
};

/** Records what a person says of their household. No chart is looked for by it. */
export async function recordHousehold(tx: Tx, entered: NewHousehold): Promise<void> {
  const ages = JSON.stringify(entered.ages);
  await tx.query(
    `insert into household (tenant, id, person, size, ages, said_on, recorded_by)
     values ($tenant, $1, $2, $3, $4, $5, $6)`,
    [newId(), entered.person, entered.size, ages, entered.saidOn, entered.by],
  );
}

/** Finds what a person said last of their household; undefined where nobody asked. */
export async function householdOf(
  tx: Tx,
  patients: readonly string[],
): Promise<HouseholdRow | undefined> {
  const { rows } = await tx.query<HouseholdRow>(
    `select * from household where tenant = $tenant and person = any($1::uuid[])
      order by recorded_at desc, id limit 1`,
    [patients],
  );
  return rows[0];
}

/**
 * Links a minor child to a guardian. Two Patients of the same human being are linked once.
 *
 * @returns false where they are linked already
 */
export async function linkGuardian(
  tx: Tx,
  entered: { child: string; guardian: string; saidOn: string; by: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into guardian_link (tenant, id, person, guardian, said_on, recorded_by)
     values ($tenant, $1, $2, $3, $4, $5) on conflict do nothing`,
    [newId(), entered.child, entered.guardian, entered.saidOn, entered.by],
  );
  return (rowCount ?? 0) > 0;
}

/** Ends the links of a child to their guardians. Gives false where there is none. */
export async function endGuardians(
  tx: Tx,
  patients: readonly string[],
  by: string,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update guardian_link set ended_at = loopwell_now(), ended_by = $2
      where tenant = $tenant and person = any($1::uuid[]) and ended_at is null`,
    [patients, by],
  );
  return (rowCount ?? 0) > 0;
}

/** The family of a Patient: guardians, children and siblings, each with all of their Patients. */
export type Family = {
  guardians: readonly string[];
  children: readonly string[];
  siblings: readonly string[];
};

/**
 * Loads the families of some Patients by guardian and minor child, the only link between charts.
 * Those without one have no line.
 */
export async function familiesOf(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, Family>> {
  if (patients.length === 0) return new Map();
  const { rows } = await tx.query<{ asked: string; kind: keyof Family; patient: string }>(
    `with same as (${samePeople('$1')}),
       links as (select coalesce(c.person, g.person) as child, coalesce(p.person, g.guardian) as guardian
         from guardian_link g
         left join patient_link c on c.tenant = $tenant and c.patient = g.person
         left join patient_link p on p.tenant = $tenant and p.patient = g.guardian
        where g.tenant = $tenant and g.ended_at is null),
       humans as (select distinct s.asked, coalesce(l.person, s.patient) as human from same s
         left join patient_link l on l.tenant = $tenant and l.patient = s.patient),
       related as (
         select h.asked, 'guardians' as kind, k.guardian as human
           from humans h join links k on k.child = h.human
         union select h.asked, 'children', k.child from humans h join links k on k.guardian = h.human
         union select h.asked, 'siblings', o.child from humans h join links k on k.child = h.human
           join links o on o.guardian = k.guardian and o.child <> h.human)
     select r.asked, r.kind, coalesce(l.patient, r.human) as patient from related r
       left join patient_link l on l.tenant = $tenant and l.person = r.human
      order by 1, 2, 3`,
    [patients],
  );
  const families = new Map<string, Record<keyof Family, string[]>>();
  for (const { asked, kind, patient } of rows) {
    const family = families.get(asked) ?? { guardians: [], children: [], siblings: [] };
    family[kind].push(patient);
    families.set(asked, family);
  }
  return families;
}

/** A referral as one of the family's: which of several goes out is decided by the approval. */
type FamilyReferral = {
  id: string;
  person: string;
  category: string;
  state: string;
  approval: string | null;
  approved_at: Date | null;
  since: string;
  changed_at: Date;
};

/**
 * Lists those of some referrals that go with a brother's or sister's for the same need: one that
 * is at a partner, was approved earlier, or brought help since the answer. One goes out for the
 * family.
 */
export async function goingWithSibling(
  tx: Tx,
  referrals: readonly FamilyReferral[],
): Promise<Set<string>> {
  const approved = referrals.filter(({ approval }) => approval === 'approved');
  const families = await familiesOf(
    tx,
    approved.map(({ person }) => person),
  );
  const siblings = [...new Set([...families.values()].flatMap((family) => family.siblings))];
  if (siblings.length === 0) return new Set();
  const { rows } = await tx.query<FamilyReferral>(
    `select id, person, category, state, approval, approved_at, since, changed_at from referral
      where tenant = $tenant and person = any($1::uuid[])
        and (state in ('partner', 'closed') or (state = 'waiting' and approval = 'approved'))`,
    [siblings],
  );
  const waiting = approved.filter(({ state }) => state === 'waiting');
  return new Set(
    waiting
      .filter((referral) => {
        const theirs = new Set(families.get(referral.person)?.siblings);
        return rows.some((row) => theirs.has(row.person) && isAhead(row, referral));
      })
      .map(({ id }) => id),
  );
}

/** Tells whether a sibling's referral for the same need is the one that goes out. */
function isAhead(row: FamilyReferral, referral: FamilyReferral): boolean {
  if (row.category !== referral.category) return false;
  if (row.state === 'partner') return true;
  if (row.state === 'closed') return row.changed_at.toISOString() > referral.since;
  const placeOf = ({ approved_at, id }: FamilyReferral) => `${approved_at?.toISOString()} ${id}`;
  return placeOf(row) < placeOf(referral);
}
