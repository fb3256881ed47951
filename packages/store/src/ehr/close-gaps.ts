import { newId } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import { type DueRow, due } from '../ledger/ledger.ts';

/**
 * Closes the gaps of a type of a connection on a person's word: the type counts as read as it is. A
 * window that fell short is read on from its end.
 *
 * @returns how many cursors it concerned
 */
export async function closeGaps(
  tx: Tx,
  {
    tenant,
    connection,
    type,
    by,
  }: { tenant: string; connection: string; type: string; by: string },
): Promise<number> {
  const { rowCount } = await tx.query(
    `update pull_cursor set closed_by = $4, window_from = null, window_to = null,
        upto = case when gap::jsonb ->> 'kind' = 'short' then greatest(upto,
          (gap::jsonb ->> 'to')::timestamptz) else upto end
      where tenant = $1 and connection = $2 and type = $3 and gap is not null
        and closed_by is null`,
    [tenant, connection, type, by],
  );
  if (type !== 'Consent') return rowCount ?? 0;
  const unshown = await closeUnshown(tx, { tenant, connection, by });
  // Referrals that waited for these Consents are looked at again.
  if (rowCount || unshown) await due(tx, await atConsent(tx, connection, newId()));
  return (rowCount ?? 0) + unshown;
}

/** Closes the quarantined Consents of a connection that the EHR cannot show. */
async function closeUnshown(
  tx: Tx,
  { tenant, connection, by }: { tenant: string; connection: string; by: string },
) {
  const { rowCount } = await tx.query(
    `update quarantine q set closed_by = $3 where q.tenant = $1 and q.connection = $2
      and q.closed_by is null and q.type = 'Consent'
      and q.code = 'ehr-cannot-show' and q.person is null`,
    [tenant, connection, by],
  );
  return rowCount ?? 0;
}

/**
 * Finds those of some people whose Consents are not read up to now: refused, fallen short, or
 * failing. An EHR without Consents is no such reason, nor is a gap that a person has closed.
 */
export async function peopleWithUnreadConsents(
  tx: Tx,
  people: readonly string[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ person: string }>(
    `select distinct p.person from ehr_resource p
       join pull_cursor l on l.tenant = $tenant and l.id in (p.connection || '/Consent/',
         p.connection || '/Consent/' || p.source_id)
       left join pull_cursor w on w.tenant = $tenant and l.scope <> ''
       and w.id = p.connection || '/Consent/'
      where p.tenant = $tenant and p.type = 'Patient' and p.person = any($1)
      and not (l.scope = '' and l.by_patient)
        and not coalesce(w.upto is not null and w.gap is null and not w.by_patient, false)
        and (l.failed_at is not null or (l.closed_by is null
          and l.gap::jsonb ->> 'kind' <> 'not-offered'))`,
    [people],
  );
  return new Set(rows.map((row) => row.person));
}

/**
 * Lists an EHR's referrals that wait at consent, as rows to look at again. `patient` names one by
 * its id there; empty means all.
 */
export async function atConsent(
  tx: Tx,
  connection: string,
  batch: string,
  patient = '',
): Promise<DueRow[]> {
  const { rows } = await tx.query<{
    tenant: string;
    subject: string;
    person: string;
    trace: string;
  }>(
    `select tenant, id as subject, person, trace from referral where tenant = $tenant
      and connection = $1
      and state = 'waiting' and gate = 'consent'
        and ($2 = '' or person in (select person from ehr_resource where tenant = $tenant
        and connection = $1
          and type = 'Patient' and source_id = $2)) order by id`,
    [connection, patient],
  );
  return rows.map((row) => ({ ...row, stage: 'refer', batch }));
}
